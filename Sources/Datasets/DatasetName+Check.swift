import ReproducibleMath

extension DatasetName {
  /// Throws `DatasetError` unless the file at `path` is intact gzip or plain data with the content of `file`.
  ///
  /// At most the known number of bytes and one more are decompressed; a longer file is refused.
  func checkContent(of file: DatasetFile, path: String) throws {
    let reader = try ContentReader(path: path)
    var digest = StateDigest()
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    let expected = byteCount(of: file)
    var total = 0
    while total < expected {
      let wanted = min(buffer.count, expected - total)
      let got = try buffer.withUnsafeMutableBytes { bytes in
        let got = try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]))
        digest.update(bytes: UnsafeRawBufferPointer(rebasing: bytes[..<got]))
        return got
      }
      total += got
      if got < wanted { break }
    }
    if total == expected { try reader.expectEnd() }
    try check(digest.finalize(), of: file, path: path)
  }

  /// Throws `DatasetError.wrongChecksum` unless `checksum` is the known one of `file`.
  func check(_ checksum: String, of file: DatasetFile, path: String) throws {
    let expected = self.checksum(of: file)
    guard checksum == expected else {
      let owner = DatasetName.owner(ofChecksum: checksum)
      throw DatasetError.wrongChecksum(path: path, expected: expected, got: checksum, owner: owner)
    }
  }
}
