/// The two kinds of IDX arrays in a labelled image set.
///
/// IDX: two zero bytes, the element type (8 is an unsigned byte), the rank, then each dimension as a big-endian 32-bit
/// integer, then the elements with the last dimension varying fastest.
/// Source: "The MNIST database of handwritten digits", section "File formats".
public enum IDXKind: Sendable {
  /// Unsigned bytes [count, rows, columns].
  case images
  /// Unsigned bytes [count].
  case labels

  /// Number of dimensions.
  public var rank: Int { self == .images ? 3 : 1 }
  /// The first four bytes as a big-endian integer.
  public var magic: UInt32 { 0x0800 | UInt32(rank) }
  /// Magic and dimensions, in bytes.
  public var headerSize: Int { 4 + 4 * rank }

  var noun: String { self == .images ? "images" : "labels" }

  /// Describes a file whose first four bytes are `bytes`, in words for a person.
  static func describe(_ bytes: [UInt8]) -> String {
    let elements: [UInt8: String] = [
      8: "unsigned bytes", 9: "signed bytes", 0x0b: "16-bit integers", 0x0c: "32-bit integers", 0x0d: "32-bit floats",
      0x0e: "64-bit floats",
    ]
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    switch bytes {
    case [0, 0, 8, 1]: return "an IDX file of labels (magic 0x00000801)"
    case [0, 0, 8, 3]: return "an IDX file of images (magic 0x00000803)"
    case _ where text.hasPrefix("<!do") || text.hasPrefix("<htm"): return "an HTML page"
    case _ where bytes.prefix(2) == [0, 0] && elements[bytes[2]] != nil:
      return "an IDX array of \(elements[bytes[2]]!) with \(bytes[3]) dimensions"
    case _ where bytes.prefix(2) == [0x50, 0x4b]: return "a ZIP archive"
    default:
      let hexadecimal = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
      return "not an IDX file (its first bytes are \(hexadecimal))"
    }
  }
}
