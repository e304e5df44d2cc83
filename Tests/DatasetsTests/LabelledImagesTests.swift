import CommandSupport
import Datasets
import ReproducibleMath
import Testing

struct LabelledImagesTests {
  private let folder: TemporaryFolder
  private let six: LabelledImages

  init() throws {
    folder = try TemporaryFolder()
    six = LabelledImages(rows: 1, columns: 2, pixels: Array(0..<12), labels: [0, 1, 2, 3, 4, 5])
  }

  private func error(images: [UInt8], labels: [UInt8]) throws -> DatasetError? {
    let images = try IDXArray(path: folder.write(images, to: "images"), kind: .images)
    let labels = try IDXArray(path: folder.write(labels, to: "labels"), kind: .labels)
    return #expect(throws: DatasetError.self) { try LabelledImages(images: images, labels: labels) }
  }

  @Test func `label 10 is refused with its index`() throws {
    let error = try error(images: images(count: 3), labels: labels([9, 10, 11]))
    #expect(error?.description == "\(folder.path)/labels has label 10 at index 1, but labels must be in 0...9.")
  }

  @Test func `images and labels of different counts are refused with both counts`() throws {
    let error = try error(images: images(count: 3), labels: labels([1, 2]))
    #expect(error?.description == "\(folder.path)/images holds 3 images, but \(folder.path)/labels holds 2 labels.")
  }

  @Test func `images of another size are refused`() throws {
    let error = try error(images: images(count: 1, rows: 32, columns: 28), labels: labels([1]))
    #expect(error?.description == "\(folder.path)/images holds images of 32×28 pixels, but 28×28 are expected.")
  }

  @Test func `a pixel is divided by 255, shifted and scaled in Float in this order`() {
    let table = LabelledImages.normalizationTable
    #expect(table.count == 256)
    #expect((table[0], table[255]) == (-1, 1))
    // SHA-256 of the 256 values that PyTorch 2.13 computes by div(255), sub(0.5), div(0.5).
    var digest = StateDigest()
    digest.update(table)
    let bits = digest.finalize()
    #expect(bits == "d15e8ce72284446496a6de66e8a4795818530b44cd2c3dd415077364535c3c1a")
    #expect((0...255).allSatisfy { table[$0] == Float($0) / 127.5 - 1 })
    #expect((0...255).contains { table[$0] != (Float($0) - 127.5) / 127.5 })
  }

  @Test func `normalized rows follow the indices`() {
    let table = LabelledImages.normalizationTable
    #expect(six.normalized([5, 0]) == [table[10], table[11], table[0], table[1]])
    #expect(six.normalized() == (0..<12).map { table[$0] })
  }

  @Test func `a subset keeps image and label together`() {
    let subset = six.subset([4, 1, 4])
    #expect(subset.labels == [4, 1, 4])
    #expect(subset.pixels == [8, 9, 2, 3, 8, 9])
  }

  @Test func `a split is disjoint, complete and in the order of the file`() throws {
    let (training, validation) = try six.split(validation: 2, seed: 7)
    #expect(training.count == 4 && validation.count == 2)
    #expect(training.labels == training.labels.sorted() && validation.labels == validation.labels.sorted())
    #expect((training.labels + validation.labels).sorted() == six.labels)
    #expect(training.pixels == training.labels.flatMap { [2 * $0, 2 * $0 + 1] })
  }

  @Test func `the validation part is the start of the seed's permutation`() throws {
    var generator = MersenneTwister(seed: 42)
    let chosen = generator.permutation(count: 6).prefix(3).map { UInt8($0) }.sorted()
    #expect(try six.split(validation: 3, seed: 42).validation.labels == chosen)
  }

  @Test func `a split depends on its seed`() throws {
    let hundred = LabelledImages(
      rows: 1, columns: 1, pixels: Array(0..<100), labels: [UInt8](repeating: 0, count: 100))
    let splits = try (0..<4).map { try hundred.split(validation: 50, seed: $0).validation.pixels }
    #expect(Set(splits).count == 4)
  }

  @Test func `a validation part of zero leaves the set unchanged`() throws {
    let (training, validation) = try six.split(validation: 0, seed: 1)
    #expect(training == six)
    #expect(validation.count == 0)
  }

  @Test(arguments: [-1, 6, 7])
  func `a validation part that leaves nothing for training is refused`(size: Int) {
    #expect(throws: DatasetError.validationTooLarge(validation: size, count: 6)) {
      try six.split(validation: size, seed: 1)
    }
  }
}
