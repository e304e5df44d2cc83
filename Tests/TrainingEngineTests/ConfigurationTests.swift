import BatchNormReference
import Testing
import TrainingEngine

/// What cannot be trained is refused before the first step, with the remedy.
struct ConfigurationTests {
  private func error(_ configuration: RunConfiguration) -> RunError? {
    #expect(throws: RunError.self) { try tinyTrainer(configuration) }
  }

  @Test(arguments: [0, -4])
  func `a batch size below 1 is refused`(size: Int) {
    let error = error(tinyConfiguration(batchSize: size))
    #expect(error == .batchSize(size))
    #expect(error?.description == "a batch of \(size) images cannot be trained on: give --batch-size 1 or more")
  }

  @Test func `a batch may be as large as the data but no larger`() throws {
    let error = error(tinyConfiguration(batchSize: 12))
    #expect(error == .batchLargerThanData(12, images: 11))
    #expect(
      error?.description == "a batch of 12 images is larger than the 11 training images: give a smaller --batch-size")
    #expect(try tinyTrainer(tinyConfiguration(batchSize: 11)).stepsPerEpoch == 1)
  }

  @Test(arguments: [1, 5, 10])
  func `a last batch of one is refused with batch normalization, and the remedy is named`(size: Int) {
    let error = error(tinyConfiguration(batchSize: size))
    #expect(error == .lastBatchOfOne(batchSize: size, images: 11))
    #expect(
      error?.description
        == "11 training images in batches of \(size) leave a last batch of one, and batch normalization cannot train on "
        + "one value per channel: choose another --batch-size, or set images aside with --validation")
  }

  @Test(arguments: [1, 5, 10])
  func `a last batch of one is allowed without batch normalization`(size: Int) throws {
    let trainer = try tinyTrainer(tinyConfiguration(.none, batchSize: size))
    let epochs = try trainer.run(epochs: 1, validation: nil, test: tinyImages(3))
    #expect(epochs[0].meanTrainLoss.isFinite)
    #expect(trainer.stepLosses.count == (11 + size - 1) / size)
  }

  @Test func `a last batch of one is allowed where no hidden layer is normalized`() throws {
    let trainer = try tinyTrainer(tinyConfiguration(batchSize: 5, widths: [16, 10]))
    for _ in 0..<3 { #expect(try trainer.step().isFinite) }
  }

  @Test(arguments: [[15, 5, 10], [16, 5, 9], [10, 16]])
  func `widths that do not fit the data are refused`(widths: [Int]) {
    let error = error(tinyConfiguration(widths: widths))
    #expect(error == .widths(widths, features: 16, classes: 10))
    let list = widths.map(String.init).joined(separator: ",")
    #expect(
      error?.description
        == "widths \(list) do not fit the data: the first must be 16 (pixels of an image), the last at least 10 "
        + "(classes)")
  }
}
