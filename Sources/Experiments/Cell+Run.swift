public import BatchNormReference
import Datasets
import TrainingEngine

extension Cell {
  /// Trains the cell on one thread of `kernels`.
  ///
  /// - Parameter afterStep: called after each step, for progress; an error that it throws ends the run.
  /// - Throws: `RunError` where the configuration does not fit the images.
  public func run(
    on images: CellImages, _ kernels: some Kernels<Float>, afterStep: () throws -> Void = {}
  ) throws -> CellRecord {
    let trainer = try Trainer(configuration, images: images.training, kernels: kernels) { adjust(&$0) }
    var observer = RunObserver(self, images, kernels)
    let steps = steps(images: images.training.count)
    try observer.point(trainer)
    while trainer.stepLosses.count < steps {
      let before = observer.probes(at: trainer.stepLosses.count) ? trainer.network : nil
      let loss = try trainer.step()
      try afterStep()
      guard loss.isFinite else {
        observer.divergedAt = trainer.stepLosses.count
        break
      }
      if let before { try observer.probe(trainer, before: before) }
      try observer.stepped(trainer, of: steps)
    }
    return try observer.record(trainer)
  }

  /// Settings that the random stream does not draw: the scale of the weights and the weight of a batch in the running statistics.
  private func adjust(_ network: inout Network<Float>) {
    if weightScale != 1 {
      for i in network.linears.indices {
        for k in network.linears[i].weight.elements.indices { network.linears[i].weight.elements[k] *= weightScale }
      }
    }
    for i in network.norms.indices { network.norms[i].momentum = runningMomentum }
  }
}

/// Collects the figures of a run while it trains.
struct RunObserver<K: Kernels> where K.Element == Float {
  private let cell: Cell
  private let images: CellImages
  private let kernels: K
  var divergedAt: Int?
  private var milestones: [Milestone] = []
  private var curve: [CurvePoint] = []
  private var probes: [StepProbe] = []
  private var onlineCorrect = 0
  private var onlineCount = 0

  init(_ cell: Cell, _ images: CellImages, _ kernels: K) {
    (self.cell, self.images, self.kernels) = (cell, images, kernels)
  }

  /// Whether the step after `steps` steps is probed: 0, 1, 2, 5, 10, 20, 50 and so on.
  func probes(at steps: Int) -> Bool {
    guard cell.detail == .probes else { return false }
    var mantissa = steps
    while mantissa >= 10, mantissa % 10 == 0 { mantissa /= 10 }
    return [0, 1, 2, 5].contains(mantissa)
  }

  mutating func probe(_ trainer: Trainer<K>, before: Network<Float>) throws {
    let probing = try StepProbing(
      before: before, after: trainer.network, trainer.latestSamples, of: trainer.images, rate: cell.learningRate,
      kernels)
    probes.append(try probing.probe(at: trainer.stepLosses.count - 1, fixed: images.validation))
  }

  /// A point of the validation curve.
  mutating func point(_ trainer: Trainer<K>) throws {
    let evaluation = try trainer.evaluate(on: images.validation)
    curve.append(CurvePoint(step: trainer.stepLosses.count, loss: evaluation.loss, correct: evaluation.correct))
  }

  /// Records the figures that are due after a step, in a run of `steps` steps.
  mutating func stepped(_ trainer: Trainer<K>, of steps: Int) throws {
    let done = trainer.stepLosses.count
    onlineCorrect += trainer.latestCorrect
    onlineCount += trainer.latestSamples.count
    let isMilestone =
      switch cell.budget {
      case .epochs: trainer.isBetweenEpochs
      case .steps: done == steps
      }
    if isMilestone { try milestone(trainer) }
    guard done % cell.evaluateEvery == 0 || done == steps else { return }
    if isMilestone {
      let running = milestones[milestones.count - 1].running
      curve.append(CurvePoint(step: done, loss: running.loss, correct: running.correct))
    } else {
      try point(trainer)
    }
  }

  private mutating func milestone(_ trainer: Trainer<K>) throws {
    let network = trainer.network
    let losses = trainer.stepLosses[(milestones.last?.step ?? 0)...]
    var milestone = Milestone(
      step: trainer.stepLosses.count, meanTrainLoss: losses.reduce(0, +) / Double(losses.count),
      onlineCorrect: onlineCorrect, onlineCount: onlineCount,
      training: try network.evaluate(on: images.trainingPart, kernels),
      running: try network.evaluate(on: images.validation, kernels))
    if cell.batchNorm {
      let population = try PopulationStatistics(
        of: network, over: images.trainingPart, batchSize: cell.batchSize, kernels)
      let m = Double(cell.statisticsBatch ?? cell.batchSize)
      milestone.population = try population.replacing(in: network).evaluate(on: images.validation, kernels)
      milestone.populationBiased = try population.replacing(in: network, varianceTimes: (m - 1) / m)
        .evaluate(on: images.validation, kernels)
      var untracked = network.untracked
      milestone.batch = try images.validation.evaluation(network.shape, batch: cell.batchSize, kernels) { batch in
        try untracked.forward(batch.x, labels: batch.labels, .training, kernels, &batch.workspace)
      }
    }
    milestones.append(milestone)
    (onlineCorrect, onlineCount) = (0, 0)
  }

  func record(_ trainer: Trainer<K>) throws -> CellRecord {
    CellRecord(
      cell: cell, trainingCount: images.training.count, steps: trainer.stepLosses.count, divergedAt: divergedAt,
      milestones: milestones, curve: curve, lossBins: LossBin.bins(of: trainer.stepLosses), probes: probes,
      test: divergedAt == nil ? try trainer.evaluate(on: images.test) : nil, digest: trainer.digest)
  }
}

extension LossBin {
  /// At most 50 groups of neighbouring steps, of nearly equal size.
  static func bins(of losses: [Double]) -> [LossBin] {
    let count = min(50, losses.count)
    return (0..<count).map { k in
      let range = (k * losses.count / count)..<((k + 1) * losses.count / count)
      let values = losses[range]
      let squares = zip(values, values.dropFirst()).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) }
      return LossBin(
        firstStep: range.lowerBound + 1, count: range.count, mean: values.reduce(0, +) / Double(range.count),
        roughness: range.count < 2 ? nil : (squares / Double(2 * (range.count - 1))).squareRoot())
    }
  }
}
