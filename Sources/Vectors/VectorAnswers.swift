import BatchNormReference
import BatchNormTesting
import Foundation
package import ReferenceSubjects
import ReproducibleMath
import TrainingEngine

/// What an implementation answers to one test, by the names of the outputs, in the order of asking. Counts stand there as
/// numbers.
package struct VectorAnswers {
  package private(set) var values: [(name: String, numbers: [Double])] = []

  subscript(name: String) -> [Double]? { values.first { $0.name == name }?.numbers }

  fileprivate mutating func add(_ name: String, _ numbers: [Double]?) {
    if let numbers { values.append((name, numbers)) }
  }

  fileprivate mutating func add(_ prefix: String, _ answer: GradientAnswer) {
    add(prefix + "dx", answer.gradientX)
    add(prefix + "dgamma", answer.gradientAffine?.gamma)
    add(prefix + "dbeta", answer.gradientAffine?.beta)
  }

  /// Where nothing is tracked, the count of batches is empty.
  fileprivate mutating func add(_ prefix: String, _ running: RunningStatistics<Double>?) {
    add(prefix + "running_mean", running?.mean)
    add(prefix + "running_var", running?.variance)
    add(prefix + "batches_tracked", running.map { [Double($0.batchesTracked)] } ?? [])
  }

  fileprivate mutating func add(_ prefix: String, _ state: NetworkState) {
    for array in state.arrays { add(prefix + array.name, array.values) }
    add(prefix + "batch_counters", state.batchCounters.map { Double($0) })
  }
}

extension VectorAnswers {
  /// What `subject` answers; throws what it throws.
  init(_ operation: VectorOperation, _ inputs: VectorInputs, _ subject: any Subject) throws {
    switch operation {
    case .forwardTraining:
      let x = try inputs.batch("x")
      let answer = try subject.forwardTraining(
        TrainingCall(
          x: x, affine: inputs.affine(x.shape[1]), running: inputs.running(x.shape[1]),
          epsilon: inputs.number("epsilon"), momentum: inputs.optionalNumber("momentum")))
      add("y", answer.y)
      add("", answer.running)
    case .forwardEvaluation:
      let x = try inputs.batch("x")
      add(
        "y",
        try subject.forwardEvaluation(
          EvaluationCall(
            x: x, affine: inputs.affine(x.shape[1]), running: inputs.knownRunning(x.shape[1]),
            epsilon: inputs.number("epsilon"))))
    case .backwardTraining, .backwardEvaluation:
      let x = try inputs.batch("x")
      let call = GradientCall(
        x: x, affine: try inputs.affine(x.shape[1]),
        running: operation == .backwardEvaluation ? try inputs.knownRunning(x.shape[1]) : nil,
        epsilon: try inputs.number("epsilon"), gradientY: try inputs.values("dy", count: x.values.count))
      add("", try operation == .backwardTraining ? subject.backwardTraining(call) : subject.backwardEvaluation(call))
    case .layers: try use(inputs, subject)
    default: throw FixtureError("\(operation.rawValue) is no question to a batch normalization")
    }
  }

  /// Layers, call by call; the state is read behind each.
  private mutating func use(_ inputs: VectorInputs, _ subject: any Subject) throws {
    let channels = try inputs.integer("channels", in: 1...4096)
    let settings = LayerSettings(
      channels: channels, affine: try inputs.affine(channels),
      tracking: try inputs.text("tracking") == "tracking" ? .tracking : .notTracking,
      epsilon: try inputs.number("epsilon"), momentum: try inputs.optionalNumber("momentum"))
    let layers = try (0..<inputs.integer("layers", in: 1...16)).map { _ in try subject.makeLayer(settings) }
    for (i, call) in try inputs.calls("steps").enumerated() {
      let prefix = "steps[\(i)]."
      let index = try call.integer("layer")
      guard layers.indices.contains(index) else { throw FixtureError("there is no layer \(index)") }
      let layer = layers[index]
      switch try call.text("call") {
      case "train":
        do {
          add(prefix + "y", try layer.train(call.batch("x")))
          add(prefix + "refused", [0])
        } catch is SubjectError { add(prefix + "refused", [1]) }
      case "evaluate": add(prefix + "y", try layer.evaluate(call.batch("x")))
      case "gradient":
        let x = try call.batch("x")
        add(prefix, try layer.gradient(x, gradientY: call.values("dy", count: x.values.count)))
      case "read": break
      case let name: throw FixtureError("a layer has no call \(name)")
      }
      add(prefix, layer.running)
    }
  }
}

extension VectorAnswers {
  /// What `network` answers to an operation with these inputs; throws what it throws.
  package init(_ operation: VectorOperation, _ inputs: [VectorField], _ network: any NetworkSubject) throws {
    try self.init(operation, VectorInputs(inputs, of: operation.rawValue), network)
  }

  /// What `network` answers; throws what it throws.
  init(_ operation: VectorOperation, _ inputs: VectorInputs, _ network: any NetworkSubject) throws {
    switch operation {
    case .crossEntropy:
      let logits = try inputs.matrix("logits")
      let answer = network.crossEntropy(
        logits.values, labels: try inputs.labels(logits.shape[0], below: logits.shape[1]))
      add("losses", answer.losses)
      add("gradient", answer.gradient)
    case .linear:
      let (x, weight) = (try inputs.matrix("x"), try inputs.matrix("weight"))
      guard x.shape[1] == weight.shape[0] else { throw FixtureError("x and weight do not fit") }
      let answer = network.linear(
        LinearCall(
          batch: x.shape[0], inputs: x.shape[1], outputs: weight.shape[1], x: x.values, weight: weight.values,
          bias: try inputs.values("bias", count: weight.shape[1]),
          gradientY: try inputs.values("dy", count: x.shape[0] * weight.shape[1])))
      add("y", answer.y)
      add("dweight", answer.gradientWeight)
      add("dx", answer.gradientX)
      add("dbias", answer.gradientBias)
    case .descent:
      let (parameters, gradients) = (try inputs.tensor("parameters").values, try inputs.matrix("gradients"))
      guard gradients.shape[1] == parameters.count else {
        throw FixtureError("gradients and parameters do not fit")
      }
      let rows = (0..<gradients.shape[0]).map { t in
        Array(gradients.values[(t * parameters.count)..<((t + 1) * parameters.count)])
      }
      add("parameters", network.sgdStep(parameters, gradients: rows, try inputs.rule()).flatMap { $0 })
    case .initialState:
      add("", network.initialState(try inputs.shape(), seed: try inputs.seed()))
    case .epochOrders:
      let orders = network.epochOrders(
        try inputs.shape(), seed: try inputs.seed(), count: try inputs.integer("count", in: 1...100_000),
        epochs: try inputs.integer("epochs", in: 1...100))
      add("orders", orders.flatMap { $0.map { Double($0) } })
    case .pass:
      let batch = try inputs.networkBatch()
      let answer = try network.pass(
        inputs.state(), batch.x, labels: batch.labels, inputs.text("mode") == "training" ? .training : .evaluation)
      add(answer)
      add("state.", answer.state)
    case .step: try step(inputs, network)
    case .fold: add("", network.folded(try inputs.state()))
    case .train, .resume: try run(operation, inputs, network)
    default: throw FixtureError("\(operation.rawValue) is no question to a network")
    }
  }

  private mutating func add(_ answer: PassAnswer) {
    add("logits", answer.logits)
    add("losses", answer.losses)
    add("mean_loss", [answer.meanLoss])
    for gradient in answer.gradients { add("gradients.\(gradient.name)", gradient.values) }
  }

  private mutating func step(_ inputs: VectorInputs, _ network: any NetworkSubject) throws {
    let batch = try inputs.networkBatch()
    let answer = try network.pass(inputs.state(), batch.x, labels: batch.labels, .training)
    var state = answer.state
    for gradient in answer.gradients {
      state[gradient.name] =
        network.sgdStep(state[gradient.name], gradients: [gradient.values], try inputs.rule()).last ?? []
    }
    add("mean_loss", [answer.meanLoss])
    add("state.", state)
  }

  private mutating func run(_ operation: VectorOperation, _ inputs: VectorInputs, _ network: any NetworkSubject) throws
  {
    let (configuration, epochs) = (try inputs.configuration(), try inputs.integer("epochs", in: 1...100))
    let (images, test) = (try inputs.images("pixels", "labels"), try inputs.images("test_pixels", "test_labels"))
    var answer: RunAnswer?
    if operation == .resume {
      let file = FileManager.default.temporaryDirectory.appending(path: "normcheck-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: file) }
      answer = try network.trainResumed(
        configuration, images: images, epochs: epochs, test: test, after: inputs.integer("after_step", in: 0...10_000),
        checkpoint: file.path)
    } else {
      answer = try network.train(configuration, images: images, epochs: epochs, test: test)
    }
    guard let answer else { throw SubjectError.refused(.unsupported, "\(network.name) writes no checkpoints") }
    add("step_losses", answer.stepLosses)
    add("epoch_losses", answer.epochLosses)
    add("sample_losses", answer.sampleLosses)
    add("state.", answer.state)
    add("test_loss", [answer.evaluation.loss])
    add("test_correct", [Double(answer.evaluation.correct)])
  }
}
