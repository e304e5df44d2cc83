import BatchNormReference
import Foundation
import ReproducibleMath
import Testing
import TrainingEngine

struct RunRecordTests {
  private func encoded(_ record: RunRecord) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .words
    return try encoder.encode(record)
  }

  private func decoded(_ data: Data) throws -> RunRecord {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .words
    return try decoder.decode(RunRecord.self, from: data)
  }

  private func record() throws -> RunRecord {
    let trainer = try tinyTrainer()
    let epochs = try trainer.run(epochs: 20, validation: tinyImages(3), test: tinyImages(5))
    return trainer.record(epochs: epochs, testCount: 5)
  }

  @Test func `a record survives JSON unchanged`() throws {
    let record = try record()
    #expect(try decoded(encoded(record)) == record)
  }

  /// A run as PyTorch's recordings have it.
  private struct Recording: Decodable {
    struct Epoch: Decodable {
      let mean_train_loss, test_loss: Double
      let test_correct: Int
    }
    let seed: UInt64
    let batch_norm: Bool
    let batch_size: Int
    let initial_fc1_weight_first8: [Float]
    let first_batch_labels: [Int]
    let first_steps_loss: [Double]
    let epochs: [Epoch]
  }

  @Test func `the keys that PyTorch's recorded runs have, have the same names and meaning`() throws {
    let trainer = try tinyTrainer()
    let test = tinyImages(5)
    let epochs = try trainer.run(epochs: 20, validation: nil, test: test)
    let data = try encoded(trainer.record(epochs: epochs, testCount: 5))
    let recording = try JSONDecoder().decode(Recording.self, from: data)
    #expect(recording.seed == 3)
    #expect(recording.batch_norm)
    #expect(recording.batch_size == 4)
    var generator = MersenneTwister(seed: 3)
    let weight = generator.linearParameters(inputs: 16, outputs: 5).weight
    #expect(recording.initial_fc1_weight_first8 == Array(weight.prefix(8)))
    #expect(recording.first_batch_labels.count == 4)
    #expect(recording.first_steps_loss == Array(trainer.stepLosses.prefix(50)))
    #expect(trainer.stepLosses.count == 60)
    #expect(recording.epochs.map(\.mean_train_loss) == epochs.map(\.meanTrainLoss))
    let last = try trainer.evaluate(on: test)
    #expect(recording.epochs.last?.test_loss == last.loss)
    #expect(recording.epochs.last?.test_correct == last.correct)
  }

  @Test func `losses that are not finite are words in JSON and come back`() throws {
    var record = try record()
    record.stepsLoss = [.nan, .infinity, -.infinity, 0.1]
    record.epochs[0].testLoss = .nan
    let data = try encoded(record)
    #expect(String(decoding: data, as: UTF8.self).contains(#""steps_loss":["NaN","Infinity","-Infinity",0.1]"#))
    let back = try decoded(data)
    #expect(back.stepsLoss[0].isNaN && back.epochs[0].testLoss.isNaN)
    #expect(Array(back.stepsLoss.dropFirst()) == [.infinity, -.infinity, 0.1])
    #expect(try encoded(back) == data)
  }

  @Test func `without validation images an epoch has no validation figures`() throws {
    let trainer = try tinyTrainer()
    let epochs = try trainer.run(epochs: 1, validation: nil, test: tinyImages(5))
    #expect(epochs[0].validationLoss == nil && epochs[0].validationCorrect == nil)
    let text = String(decoding: try encoded(trainer.record(epochs: epochs, testCount: 5)), as: UTF8.self)
    #expect(!text.contains(#""validation_loss""#))
  }
}
