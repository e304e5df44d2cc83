/// Images of bytes with one label each. The training engine takes its batches from them.
///
/// Copies share their storage, so passing a value on is cheap.
public struct LabelledImages: Sendable, Equatable {
  /// Height of an image.
  public let rows: Int
  /// Width of an image.
  public let columns: Int
  /// [count, rows, columns], row-major: image n is `pixels[n*features ..< (n+1)*features]`.
  ///
  /// `pixels.withUnsafeBufferPointer` gives access to the bytes of the whole set without copying them.
  public let pixels: [UInt8]
  /// [count], each in 0..<10.
  public let labels: [UInt8]

  /// The number of images.
  public var count: Int { labels.count }
  /// Pixels of an image, rows · columns: the width of the network's input.
  public var features: Int { rows * columns }

  /// Creates a set from consistent parts.
  ///
  /// - Precondition: `pixels` has `labels.count · rows · columns` elements, and labels are below 10.
  public init(rows: Int, columns: Int, pixels: [UInt8], labels: [UInt8]) {
    precondition(rows > 0 && columns > 0 && pixels.count == labels.count * rows * columns, "shapes differ")
    precondition(labels.allSatisfy { $0 < DatasetName.classes }, "a label is not below 10")
    self.rows = rows
    self.columns = columns
    self.pixels = pixels
    self.labels = labels
  }

  /// The images and labels of two files.
  ///
  /// - Throws: `DatasetError` if an image is not 28×28, the counts differ or a label is above 9 (the error names the first one).
  public init(images: IDXArray, labels: IDXArray) throws {
    precondition(images.kind == .images && labels.kind == .labels, "images and labels are swapped")
    let (rows, columns) = (images.dimensions[1], images.dimensions[2])
    let side = DatasetName.imageSide
    guard rows == side, columns == side else {
      throw DatasetError.wrongImageSize(
        path: images.path, rows: rows, columns: columns, expectedRows: side, expectedColumns: side)
    }
    guard images.count == labels.count else {
      throw DatasetError.differentCounts(
        imagesPath: images.path, images: images.count, labelsPath: labels.path, labels: labels.count)
    }
    if let index = labels.elements.firstIndex(where: { $0 >= DatasetName.classes }) {
      throw DatasetError.labelOutOfRange(path: labels.path, label: labels.elements[index], index: index)
    }
    self.init(rows: rows, columns: columns, pixels: images.elements, labels: labels.elements)
  }

  /// The images at `indices`, in that order. An index may occur more than once.
  public func subset(_ indices: [Int]) -> LabelledImages {
    var chosen: [UInt8] = []
    chosen.reserveCapacity(indices.count * features)
    for n in indices { chosen += pixels[(n * features)..<((n + 1) * features)] }
    return LabelledImages(rows: rows, columns: columns, pixels: chosen, labels: indices.map { labels[$0] })
  }
}
