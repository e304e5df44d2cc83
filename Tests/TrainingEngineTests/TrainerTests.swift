import BatchNormReference
import Datasets
import ReproducibleMath
import Testing
import TrainingEngine

struct TrainerTests {
  @Test func `the same configuration gives the same run, another seed another one`() throws {
    func digest(seed: UInt64) throws -> String {
      let trainer = try tinyTrainer(tinyConfiguration(seed: seed))
      _ = try trainer.run(epochs: 2, validation: nil, test: tinyImages(5))
      return trainer.digest
    }
    let (first, again, other) = (try digest(seed: 3), try digest(seed: 3), try digest(seed: 4))
    #expect(first == again)
    #expect(first != other)
    #expect(first.count == 64)
  }

  /// The loop written out once more: the gradients are fresh each step, the last batch is a small one of its own mean.
  @Test(arguments: [NetworkShape.Normalization.none, .batchNorm])
  func `a run is forward, backward and SGD step over the batches of each epoch's order`(
    normalization: NetworkShape.Normalization
  ) throws {
    let (images, kernels) = (tinyImages(11), PlainKernels<Float>())
    let configuration = tinyConfiguration(normalization)
    var generator = MersenneTwister(seed: configuration.seed)
    var network = Network<Float>(configuration.shape, from: &generator)
    var velocities = Gradients(zerosFor: network)
    var losses: [Double] = []
    for _ in 0..<2 {
      let order = generator.epochOrder(count: 11).map { Int($0) }
      for batch in [order[0..<4], order[4..<8], order[8..<11]] {
        let x = Matrix(rows: batch.count, columns: 16, elements: images.normalized(Array(batch)))
        var workspace = Workspace<Float>(configuration.shape, batch: batch.count)
        var gradients = Gradients(zerosFor: network)
        try network.forward(x, labels: batch.map { Int(images.labels[$0]) }, .training, kernels, &workspace)
        network.backward(x, kernels, &workspace, into: &gradients)
        let step = losses.isEmpty ? SGDStep.first : .later
        network.sgdStep(gradients, velocities: &velocities, configuration.rule, step, kernels)
        losses.append(workspace.losses.reduce(0, +) / Double(batch.count))
      }
    }
    let trainer = try tinyTrainer(configuration, images: images)
    let epochs = try trainer.run(epochs: 2, validation: nil, test: images)
    #expect(trainer.stepLosses == losses)
    #expect(trainer.network == network)
    #expect(trainer.network.batchCounters == (normalization == .none ? [] : [6, 6]))
    let means = [losses[..<3], losses[3...]].map { $0.reduce(0, +) / 3 }
    #expect(epochs.map(\.meanTrainLoss) == means)
  }

  @Test func `each epoch visits every image once, in an order of its own`() throws {
    let trainer = try tinyTrainer()
    #expect(trainer.stepsPerEpoch == 3)
    var generator = MersenneTwister(seed: 3)
    _ = Network<Float>(trainer.configuration.shape, from: &generator)
    let orders = (0..<2).map { _ in generator.epochOrder(count: 11) }
    #expect(orders.allSatisfy { $0.sorted() == Array(0..<11) })
    #expect(orders[0] != orders[1])
    let record = trainer.record(epochs: [], testCount: 0)
    #expect(record.firstBatchLabels == orders[0].prefix(4).map { Int($0 % 10) })
  }

  @Test func `evaluation changes nothing and does not depend on how the images are cut`() throws {
    let trainer = try tinyTrainer()
    _ = try trainer.run(epochs: 1, validation: nil, test: tinyImages(1))
    let (images, before) = (tinyImages(503, seed: 2), trainer.digest)
    let whole = try trainer.evaluate(on: images)
    let parts = try (0..<images.count).map { try trainer.evaluate(on: images.subset([$0])) }
    // Losses are added one by one, so a batch of 500 leaves the same bits as 500 batches of one.
    #expect(whole.loss == parts.reduce(0) { $0 + $1.loss } / 503)
    #expect(whole.correct == parts.reduce(0) { $0 + $1.correct })
    #expect(whole.count == 503)
    #expect(trainer.digest == before)
  }

  @Test func `evaluation between epochs does not change the training`() throws {
    let (watched, alone) = (try tinyTrainer(), try tinyTrainer())
    _ = try watched.run(epochs: 2, validation: tinyImages(7, seed: 5), test: tinyImages(9, seed: 6))
    for _ in 0..<6 { try alone.step() }
    #expect(watched.digest == alone.digest)
  }

  @Test func `without momentum a run is as reproducible, and the velocities stay zero`() throws {
    let configuration = tinyConfiguration(rule: SGD(learningRate: 0.05))
    let (first, second) = (try tinyTrainer(configuration), try tinyTrainer(configuration))
    let start = first.network
    for _ in 0..<4 { #expect(try first.step() == second.step()) }
    #expect(first.digest == second.digest)
    #expect(first.network != start)
    var digest = StateDigest()
    first.network.update(&digest)
    Gradients(zerosFor: first.network).update(&digest)
    digest.update(first.stepLosses)
    let expected = digest.finalize()
    #expect(first.digest == expected)
  }

  @Test func `the run of two epochs begins with the run of one`() throws {
    let (short, long) = (try tinyTrainer(), try tinyTrainer())
    let one = try short.run(epochs: 1, validation: nil, test: tinyImages(5))
    var digest = ""
    let two = try long.run(
      epochs: 2, validation: nil, test: tinyImages(5), afterEpoch: { k, _ in if k == 1 { digest = long.digest } })
    #expect(two.first == one.first)
    #expect(digest == short.digest)
    #expect(Array(long.stepLosses.prefix(3)) == short.stepLosses)
  }
}
