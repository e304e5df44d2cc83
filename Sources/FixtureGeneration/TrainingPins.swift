import BatchNormReference
import Datasets
import Mutants
import NetworkLaws
import NormLaws
import PropertyTesting
import TrainingEngine
import Vectors

/// The configurations that are pinned: the seed experiment with and without batch normalization, by batch size.
private let configurations: [(name: String, configuration: RunConfiguration)] =
  [("none", NetworkShape.Normalization.none), ("batch-norm", .batchNorm)].flatMap { name, normalization in
    [32, 64, 128].map { batch in
      (
        "\(name)/batch-\(batch)",
        RunConfiguration(
          shape: NetworkShape(normalization), batchSize: batch, dataset: DatasetName.mnistMini.rawValue)
      )
    }
  }

/// Eight steps of each configuration: the losses name the first step that drifts, the digest covers all state.
func trainingStepPins(_ means: PinProducer.Means) throws -> [PinFile.Pin] {
  let images = try Dataset(.mnistMini, in: means.data).training
  return try configurations.flatMap { name, configuration in
    let trainer = try Trainer(configuration, images: images, kernels: means.kernels)
    for _ in 0..<8 { try trainer.step() }
    return [
      PinFile.Pin("\(name)/step_losses", .float64(trainer.stepLosses)),
      PinFile.Pin("\(name)/digest", .digest(trainer.digest)),
    ]
  }
}

/// Five epochs of each configuration.
func trainingRunPins(_ means: PinProducer.Means) throws -> [PinFile.Pin] {
  let data = try Dataset(.mnistMini, in: means.data)
  return try configurations.flatMap { name, configuration in
    let trainer = try Trainer(configuration, images: data.training, kernels: means.kernels)
    while trainer.epochsCompleted < 5 { try trainer.step() }
    let evaluation = try trainer.evaluate(on: data.test)
    return [
      PinFile.Pin("\(name)/epoch_losses", .float64((0..<5).map { trainer.epochLoss($0) })),
      PinFile.Pin("\(name)/test_loss", .float64([evaluation.loss])),
      PinFile.Pin("\(name)/test_correct", .integers([evaluation.correct])),
      PinFile.Pin("\(name)/digest", .digest(trainer.digest)),
    ]
  }
}

/// For each mutant its outcome and the laws that kill it with the cases that each takes: `killed FWD-01:1 FWD-02:3`.
///
/// Throws where a right candidate breaks a law: then the matrix means nothing.
func killMatrixPins(workers: Int) throws -> [PinFile.Pin] {
  let matrix = KillMatrix.run(
    laws: Catalogue.laws, mutants: MutantCatalogue.mutants, settings: RunSettings(cases: Tier.smoke.cases),
    workers: workers, afterRow: {})
  guard matrix.brokenBaseline.isEmpty else {
    let rows = matrix.brokenBaseline.map { "\($0.law.id) on \($0.candidate.name)" }
    throw FixtureError("right code breaks laws, so there is no kill matrix: \(rows.joined(separator: ", "))")
  }
  return matrix.trials.map { trial in
    let kills = trial.kills.map { " \($0.law):\($0.cases)" }.joined()
    return PinFile.Pin(trial.mutant.id, .text(trial.outcome.rawValue + kills))
  }
}
