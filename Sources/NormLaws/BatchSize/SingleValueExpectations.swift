import BatchNormTesting
import PropertyTesting
import ReproducibleMath
import SubjectProcesses

// The parts of BAT-02.

extension Judgement {
  /// A batch without samples is refused, or gives an empty y, by the subject's policy.
  mutating func expectEmptyBatch(_ x: Tensor, _ batch: BatchCase, _ subject: any Subject) throws {
    switch subject.profile.policies.emptyBatch {
    case .error: try expectRefusal("m = 0", of: x, batch, [], subject, against: .emptyBatch)
    case .empty, .nan:
      let running = RunningStatistics<Double>(channels: batch.channels)
      let call = TrainingCall(x: x, affine: batch.affine, running: running, epsilon: batch.epsilon)
      do {
        let answer = try subject.forwardTraining(call)
        expect(answer.y.isEmpty, "y of an empty batch is not empty", [("observed", list(answer.y))])
        guard subject.profile.policies.emptyBatch == .empty else { return }
        guard let state = answer.running else { return expect(false, "no running statistics come back") }
        expectIdentical("running mean after an empty batch", state.mean, running.mean)
        expectIdentical("running variance after an empty batch", state.variance, running.variance)
      } catch SubjectError.refused(_, let message) {
        expect(
          false, "an empty batch is refused", level: subject.profile.level(against: .emptyBatch),
          [("observed", message)])
      }
    }
  }

  /// A batch whose planes have no positions is refused, or gives an empty y. The state stays, or becomes NaN; whether it does, and
  /// whether the batch is refused, may differ from what is done without samples.
  mutating func expectEmptyPlanes(_ x: Tensor, _ batch: BatchCase, _ subject: any Subject) throws {
    let running = RunningStatistics<Double>(channels: batch.channels)
    let call = TrainingCall(x: x, affine: batch.affine, running: running, epsilon: batch.epsilon)
    do {
      let answer = try subject.forwardTraining(call)
      expect(answer.y.isEmpty, "y of empty planes is not empty", [("observed", list(answer.y))])
      guard let state = answer.running else { return expect(false, "no running statistics come back") }
      let numbers = state.mean + state.variance
      let isKept = numbers == running.mean + running.variance
      expect(
        isKept || (numbers.count == 2 * batch.channels && numbers.allSatisfy(\.isNaN)),
        "empty planes move the running statistics", [("observed", list(numbers))])
    } catch SubjectError.refused {
      // Refusing them is right.
      expect(true, "empty planes")
    }
  }

  /// Forward, backward and a layer's training step refuse `x`, and the layer's state has not moved.
  ///
  /// - Parameter policy: the one that an answer contradicts
  mutating func expectRefusal(
    _ name: String, of x: Tensor, _ batch: BatchCase, _ cotangent: [Double], _ subject: any Subject,
    against policy: Policy
  ) throws {
    let methods = subject.profile.methods
    let running = RunningStatistics<Double>(channels: batch.channels)
    try expectRefused("\(name) forward", subject, policy) {
      _ = try subject.forwardTraining(
        TrainingCall(x: x, affine: batch.affine, running: running, epsilon: batch.epsilon))
    }
    // A gradient is asked only where the policy is declared: code that refuses forward need not check again.
    if methods.contains(.backwardTraining), subject.profile.declared.contains(policy) {
      try expectRefused("\(name) backward", subject, policy) {
        _ = try subject.backwardTraining(
          GradientCall(x: x, affine: batch.affine, epsilon: batch.epsilon, gradientY: cotangent))
      }
    }
    guard methods.contains(.layers) else { return }
    let layer = try subject.makeLayer(
      LayerSettings(channels: batch.channels, affine: batch.affine, epsilon: batch.epsilon))
    let before = layer.running
    try expectRefused("\(name) in a layer", subject, policy) { _ = try layer.train(x) }
    expectIdentical(layer.running, before, "of a layer after a refused batch")
  }

  /// Training refuses `x` where running statistics are tracked.
  mutating func expectTrackedRefusal(of x: Tensor, _ batch: BatchCase, _ subject: any Subject) throws {
    try expectRefused("m = 1 while tracking", subject, .batchOfOne) {
      _ = try subject.forwardTraining(
        TrainingCall(
          x: x, affine: batch.affine, running: RunningStatistics<Double>(channels: batch.channels),
          epsilon: batch.epsilon))
    }
  }

  private mutating func expectRefused(
    _ name: String, _ subject: any Subject, _ policy: Policy, _ body: () throws -> Void
  ) throws {
    do {
      try body()
      expect(false, "\(name) is not refused", level: subject.profile.level(against: policy))
    } catch SubjectError.refused {
      expect(true, name)
    } catch let fault as SubjectFault {
      throw fault
    } catch {
      expect(false, "\(name) is refused in another way", [("observed", "\(error)")])
    }
  }

  /// The answers of the policy `beta` for m = 1: y = β, dx = dγ = 0, dβ = g, and running statistics that are finite.
  mutating func expectBeta(
    _ batch: BatchCase, _ running: RunningStatistics<Double>?, _ cotangent: [Double], _ subject: any Subject
  ) throws {
    let (channels, profile) = (batch.channels, subject.profile)
    let momentum = 0.25
    let answer = try subject.forwardTraining(
      TrainingCall(
        x: batch.x, affine: batch.affine, running: running, epsilon: batch.epsilon, momentum: momentum))
    let bounds = BitBounds { try batch.forwardBounds(profile) }
    expectEqual("y of a batch of one", answer.y, (0..<channels).map(batch.beta), level: profile.levelOfBits) {
      bounds[$0]
    }
    if running != nil {
      let stored = answer.running.map(\.allNumbers)
      expect(
        stored?.count == 2 * channels && stored?.allSatisfy(\.isFinite) == true,
        "a batch of one leaves running statistics that are not finite", [("observed", stored.map(list) ?? "none")])
    }
    guard profile.methods.contains(.backwardTraining) else { return }
    let gradient: GradientAnswer
    do {
      gradient = try subject.backwardTraining(
        GradientCall(x: batch.x, affine: batch.affine, epsilon: batch.epsilon, gradientY: cotangent))
    } catch SubjectError.refused where running == nil {
      // A subject that refuses m = 1 while tracking may refuse its gradient as well.
      return
    }
    guard expectShape(gradient, of: batch) else { return }
    let limits = BitBounds(
      GradientCall(x: batch.x, affine: batch.affine, epsilon: batch.epsilon, gradientY: cotangent), profile)
    let expected = cotangent.map { _ in 0.0 } + (batch.affine == nil ? [] : cotangent.map { _ in 0 } + cotangent)
    expectEqual("the gradient of a batch of one", gradient.allNumbers, expected, level: profile.levelOfBits) {
      limits[$0]
    }
  }

  /// The answers of the policy `input` for m = 1: y = x, and the state stays. Gradients are not asked.
  mutating func expectInput(_ batch: BatchCase, _ subject: any Subject) throws {
    let running = RunningStatistics<Double>(channels: batch.channels)
    let answer = try subject.forwardTraining(
      TrainingCall(x: batch.x, affine: batch.affine, running: running, epsilon: batch.epsilon, momentum: 0.25))
    let level = subject.profile.level(against: .batchOfOne)
    expect(
      answer.y == batch.x.values, "y of a batch of one is not x", level: level, [("observed", list(answer.y))])
    guard let stored = answer.running else { return expect(false, "no running statistics come back") }
    expectIdentical("running mean after a batch of one", stored.mean, running.mean)
    expectIdentical("running variance after a batch of one", stored.variance, running.variance)
  }
}

extension Outcome {
  /// The outcome with more notes.
  func noting(_ notes: [Failure]) -> Outcome {
    switch self {
    case .holds(let ratio, let own): .holds(ratio: ratio, notes: own + notes)
    case .failed(let failures): .failed(failures + notes)
    default: self
    }
  }
}
