import ReproducibleMath

/// An IDX array of unsigned bytes from a file, with the checksum of the file's content.
public struct IDXArray: Sendable, Equatable {
  /// The file that it was read from.
  public let path: String
  public let kind: IDXKind
  /// [count, rows, columns] of images, [count] of labels; each at least 1.
  public let dimensions: [Int]
  /// The elements, last dimension fastest; their number is the product of `dimensions`.
  public let elements: [UInt8]
  /// SHA-256 of the uncompressed content, header included.
  public let checksum: String

  /// The number of images or labels.
  public var count: Int { dimensions[0] }

  /// The maximum number of elements: five times the largest known file.
  static let maximumSize = 1 << 28
  /// The maximum compression ratio of deflate: 258 bytes for two bits.
  static let maximumRatio = 1032
}

extension IDXArray {
  /// Reads the file at `path`, gzip or plain.
  ///
  /// The header is checked before memory is allocated: the announced size must be possible for a file of this stored size,
  /// and at most 256 MiB. Exactly the announced bytes must follow.
  ///
  /// - Throws: `DatasetError` for a file that cannot be opened, is not of this kind, is truncated, damaged or empty,
  ///   announces too much, or has bytes after its content.
  public init(path: String, kind: IDXKind) throws {
    let reader = try ContentReader(path: path)
    var digest = StateDigest()
    let dimensions = try Self.readHeader(reader, kind: kind, digest: &digest)
    let size = try Self.payloadSize(dimensions, kind: kind, reader: reader)
    let elements = try Self.readPayload(reader, size: size, headerSize: kind.headerSize, digest: &digest)
    try reader.expectEnd()
    self.init(path: path, kind: kind, dimensions: dimensions, elements: elements, checksum: digest.finalize())
  }

  private static func readHeader(
    _ reader: ContentReader, kind: IDXKind, digest: inout StateDigest
  ) throws -> [Int] {
    var header = [UInt8](repeating: 0, count: kind.headerSize)
    let got = try header.withUnsafeMutableBytes { try reader.read(into: $0) }
    let magic = Array(header[..<4])
    guard got >= 4 else { throw DatasetError.truncated(path: reader.path, expected: kind.headerSize, got: got) }
    guard bigEndian(magic[...]) == kind.magic else {
      throw DatasetError.wrongMagic(path: reader.path, expected: kind, found: IDXKind.describe(magic))
    }
    guard got == kind.headerSize else {
      throw DatasetError.truncated(path: reader.path, expected: kind.headerSize, got: got)
    }
    header.withUnsafeBytes { digest.update(bytes: $0) }
    return (1...kind.rank).map { Int(bigEndian(header[(4 * $0)..<(4 * $0 + 4)])) }
  }

  private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The product of `dimensions`, after checking that the file can hold as much.
  private static func payloadSize(_ dimensions: [Int], kind: IDXKind, reader: ContentReader) throws -> Int {
    let claimed = dimensions.map(String.init).joined(separator: "×")
    var size = 1
    for dimension in dimensions {
      if dimension == 0 { throw DatasetError.empty(path: reader.path) }
      // Each factor is below 2³² and the product of those before it at most 2²⁸, so this cannot overflow.
      size *= dimension
      if size > maximumSize { throw DatasetError.unjustifiedSize(path: reader.path, claimed: claimed) }
    }
    let announced = kind.headerSize + size
    if reader.isGzip, announced > reader.storedSize * maximumRatio {
      throw DatasetError.unjustifiedSize(path: reader.path, claimed: claimed)
    }
    if !reader.isGzip, announced > reader.storedSize {
      throw DatasetError.truncated(path: reader.path, expected: announced, got: reader.storedSize)
    }
    return size
  }

  private static func readPayload(
    _ reader: ContentReader, size: Int, headerSize: Int, digest: inout StateDigest
  ) throws -> [UInt8] {
    let chunk = 1 << 18
    var elements = [UInt8](repeating: 0, count: size)
    var filled = 0
    try elements.withUnsafeMutableBytes { buffer in
      while filled < size {
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<min(size, filled + chunk)])
        let got = try reader.read(into: part)
        digest.update(bytes: UnsafeRawBufferPointer(rebasing: part[..<got]))
        filled += got
        if got < part.count {
          throw DatasetError.truncated(path: reader.path, expected: headerSize + size, got: headerSize + filled)
        }
      }
    }
    return elements
  }
}
