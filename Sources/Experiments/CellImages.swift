public import Datasets

/// The images of a cell: trained on, set aside, tested on.
public struct CellImages: Sendable {
  public let training: LabelledImages
  public let validation: LabelledImages
  public let test: LabelledImages
  /// The first training images, as many as there are validation images: what training accuracy is measured on.
  public let trainingPart: LabelledImages

  /// The split of seed 0, so that every run is validated on the same images.
  ///
  /// - Throws: `DatasetError.validationTooLarge`, also where nothing is set aside.
  public init(_ dataset: Dataset, validationCount: Int) throws {
    guard validationCount > 0 else {
      throw DatasetError.validationTooLarge(validation: validationCount, count: dataset.training.count)
    }
    let split = try dataset.training.split(validation: validationCount, seed: 0)
    training = split.training
    validation = split.validation
    test = dataset.test
    trainingPart = training.subset(Array(0..<min(validation.count, training.count)))
  }
}
