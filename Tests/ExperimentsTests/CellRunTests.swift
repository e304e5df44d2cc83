import BatchNormReference
import Datasets
import Experiments
import Testing
import TrainingEngine

struct CellRunTests {
  /// The same run by the trainer alone.
  private func trainer(_ cell: Cell, steps: Int) throws -> Trainer<VectorKernels> {
    let trainer = try Trainer(cell.configuration, images: tinyImages().training, kernels: VectorKernels())
    for _ in 0..<steps { try trainer.step() }
    return trainer
  }

  @Test func `the figures of a run are those of the trainer`() throws {
    let cell = tinyCell()
    let (record, trainer) = (try run(cell), try trainer(cell, steps: 8))
    #expect(record.digest == trainer.digest)
    #expect(record.steps == 8 && record.divergedAt == nil && record.trainingCount == 40)
    let losses = trainer.stepLosses
    #expect(record.milestones.map(\.step) == [4, 8])
    #expect(record.milestones[0].meanTrainLoss == losses[..<4].reduce(0, +) / 4)
    #expect(record.milestones[1].meanTrainLoss == losses[4...].reduce(0, +) / 4)
    #expect(record.milestones.map(\.onlineCount) == [40, 40])
    let images = try tinyImages()
    let validation = try trainer.evaluate(on: images.validation)
    #expect(
      record.milestones[1].running == Evaluation(loss: validation.loss, correct: validation.correct, count: 4960))
    #expect(record.curve.map(\.step) == [0, 2, 4, 6, 8])
    #expect(record.curve[4].loss == validation.loss)
    #expect(record.test?.loss == (try trainer.evaluate(on: images.test)).loss)
    #expect(record.lossBins.map(\.mean) == losses)
  }

  @Test func `a budget in steps has one milestone, at its end`() throws {
    let record = try run(tinyCell(budget: .steps(6)))
    #expect(record.milestones.map(\.step) == [6])
    #expect(record.milestones[0].onlineCount == 60)
    #expect(record.curve.map(\.step) == [0, 2, 4, 6])
  }

  @Test func `hits are counted before each step`() throws {
    // At a rate of 10⁻²⁰ no weight moves, so that training mode on the training images gives the same hits.
    let cell = tinyCell(batchNorm: false, budget: .epochs(1)) { $0.learningRate = 1e-20 }
    let record = try run(cell)
    let milestone = record.milestones[0]
    #expect(milestone.onlineCorrect == milestone.training.correct)
    #expect(milestone.training.count == 40)
  }

  @Test func `only normalized networks are seen in more than one mode`() throws {
    let (with, without) = (try run(tinyCell()), try run(tinyCell(batchNorm: false)))
    for milestone in with.milestones {
      #expect(milestone.population != nil && milestone.populationBiased != nil && milestone.batch != nil)
    }
    for milestone in without.milestones {
      #expect(milestone.population == nil && milestone.populationBiased == nil && milestone.batch == nil)
    }
  }

  @Test func `the weight of a batch in the running statistics changes evaluation by them and nothing else`() throws {
    let (slow, fast) = (try run(tinyCell { $0.runningMomentum = 0.01 }), try run(tinyCell { $0.runningMomentum = 1 }))
    #expect(slow.lossBins == fast.lossBins)
    #expect(slow.milestones.map(\.population) == fast.milestones.map(\.population))
    #expect(slow.milestones.map(\.batch) == fast.milestones.map(\.batch))
    #expect(slow.milestones[1].running != fast.milestones[1].running)
  }

  @Test func `scaled weights start the run elsewhere`() throws {
    let (one, ten) = (try run(tinyCell(batchNorm: false)), try run(tinyCell(batchNorm: false) { $0.weightScale = 10 }))
    #expect(one.curve[0].loss < ten.curve[0].loss)
  }

  @Test func `a run whose loss is not finite ends there`() throws {
    let record = try run(tinyCell(batchNorm: false) { $0.learningRate = 1e30 })
    let step = try #require(record.divergedAt)
    #expect(record.steps == step && step <= 4)
    #expect(record.milestones.isEmpty && record.test == nil)
  }

  @Test func `ghost batches as large as the batch change nothing but rounding of no step`() throws {
    let (whole, ghost) = (try run(tinyCell()), try run(tinyCell { $0.statisticsBatch = 10 }))
    #expect(ghost.digest == whole.digest)
  }

  @Test func `ghost batches change a normalized network, and one without only by rounding`() throws {
    let (whole, ghost) = (try run(tinyCell()), try run(tinyCell { $0.statisticsBatch = 5 }))
    #expect(abs(ghost.lossBins[1].mean - whole.lossBins[1].mean) > 1e-4)
    let (plain, parts) = (
      try run(tinyCell(batchNorm: false)), try run(tinyCell(batchNorm: false) { $0.statisticsBatch = 5 })
    )
    // Sums of ten terms in two parts: a few units in the last place of the gradients, eight steps.
    for (a, b) in zip(plain.lossBins, parts.lossBins) { #expect(abs(a.mean - b.mean) <= 1e-5 * a.mean) }
  }

  @Test func `ghost batches that leave a part of one image are refused`() throws {
    #expect(throws: RunError.self) { try run(tinyCell { $0.statisticsBatch = 3 }) }
  }

  @Test func `every kernel variant gives the same record`() throws {
    let images = try tinyImages()
    let cell = tinyCell { $0.detail = .probes }
    let records = ["portable", "avx2", "avx512", "neon"].compactMap { name in
      (try? VectorKernels(named: name)).map { try! cell.run(on: images, $0) }
    }
    #expect(records.count >= 1)
    for record in records { #expect(record == records[0]) }
  }
}
