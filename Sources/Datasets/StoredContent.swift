/// Reads files that are not data sets, gzip or plain.
public enum StoredContent {
  /// The uncompressed content of `path`.
  ///
  /// - Throws: `DatasetError` if the file cannot be read, is damaged, or holds more than `limit` bytes.
  public static func bytes(of path: String, limit: Int) throws -> [UInt8] {
    let reader = try ContentReader(path: path)
    var content: [UInt8] = []
    let chunk = 1 << 20
    while true {
      let piece = try [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
        count = try reader.read(into: UnsafeMutableRawBufferPointer(buffer))
      }
      content += piece
      guard content.count <= limit else {
        throw DatasetError.unreadable(path: path, reason: "its content is larger than \(limit) bytes")
      }
      if piece.count < chunk { return content }
    }
  }
}
