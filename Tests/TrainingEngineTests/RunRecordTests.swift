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

  @Test func `the keys that PyTorch's recorded runs have, have the same names and meaning`() throws {
    let record = try record()
    let object = try #require(try JSONSerialization.jsonObject(with: encoded(record)) as? [String: Any])
    #expect(object["seed"] as? Int == 3)
    #expect(object["batch_norm"] as? Bool == true)
    #expect(object["batch_size"] as? Int == 4)
    #expect(object["first_batch_labels"] as? [Int] == record.firstBatchLabels)
    #expect((object["first_steps_loss"] as? [Double])?.count == 50)
    #expect((object["steps_loss"] as? [Double])?.count == 60)
    #expect(object["first_steps_loss"] as? [Double] == Array(record.stepsLoss.prefix(50)))
    #expect((object["digest"] as? String)?.count == 64)
    var generator = MersenneTwister(seed: 3)
    let weight = generator.linearParameters(inputs: 16, outputs: 5).weight
    #expect(record.initialFirstWeights == Array(weight.prefix(8)))
    #expect((object["initial_fc1_weight_first8"] as? [Double])?.count == 8)
    let epochs = try #require(object["epochs"] as? [[String: Any]])
    #expect(epochs.count == 20)
    #expect(epochs[0]["mean_train_loss"] as? Double == record.epochs[0].meanTrainLoss)
    #expect(epochs[0]["test_loss"] as? Double == record.epochs[0].testLoss)
    #expect(epochs[0]["test_correct"] as? Int == record.epochs[0].testCorrect)
    #expect(epochs[0]["validation_loss"] as? Double == record.epochs[0].validationLoss)
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
