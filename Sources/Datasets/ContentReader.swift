import CZlib
import Foundation

/// Reads the uncompressed content of a gzip or plain file from its beginning, in constant memory.
///
/// A gzip file must be one member; bytes after it are refused. Its CRC-32 and length are checked at its end.
final class ContentReader {
  private static let chunk = 1 << 16

  let path: String
  /// The size of the file as it is stored, in bytes.
  let storedSize: Int
  let isGzip: Bool

  private let file: UnsafeMutablePointer<FILE>
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutablePointer<UInt8>
  private var ended = false

  /// Opens `path`. It is gzip if its first two bytes are 1f 8b.
  init(path: String) throws {
    guard let file = fopen(path, "rb") else { throw DatasetError.unreadable(path: path, reason: lastSystemError()) }
    var status = stat()
    guard fstat(fileno(file), &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      fclose(file)
      throw DatasetError.unreadable(path: path, reason: "not a regular file")
    }
    self.path = path
    self.file = file
    storedSize = Int(status.st_size)
    input = .allocate(capacity: Self.chunk)
    isGzip = fread(input, 1, 2, file) == 2 && input[0] == 0x1f && input[1] == 0x8b
    rewind(file)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 asks zlib for a gzip header and trailer, 15 for the largest window.
    let opened = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(opened == Z_OK, "zlib cannot start")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
    fclose(file)
  }

  /// Fills `buffer` and returns the number of bytes, which is smaller than its size only at the end of the content.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard let base = buffer.baseAddress, buffer.count > 0 else { return 0 }
    return isGzip ? try inflate(into: base, count: buffer.count) : try readPlain(into: base, count: buffer.count)
  }

  /// Throws unless the content ends here. For gzip this reads, and so checks, the trailer.
  func expectEnd() throws {
    let more = try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { try read(into: $0) }
    if more > 0 { throw DatasetError.trailingBytes(path: path) }
  }

  private func readPlain(into base: UnsafeMutableRawPointer, count: Int) throws -> Int {
    let got = fread(base, 1, count, file)
    if ferror(file) != 0 { throw DatasetError.unreadable(path: path, reason: lastSystemError()) }
    return got
  }

  private func inflate(into base: UnsafeMutableRawPointer, count: Int) throws -> Int {
    stream.pointee.next_out = base.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(count)
    while !ended, stream.pointee.avail_out > 0 {
      if stream.pointee.avail_in == 0 {
        stream.pointee.avail_in = UInt32(try readPlain(into: input, count: Self.chunk))
        stream.pointee.next_in = input
        if stream.pointee.avail_in == 0 { throw DatasetError.truncatedGzip(path: path) }
      }
      try advance()
    }
    return count - Int(stream.pointee.avail_out)
  }

  private func advance() throws {
    switch CZlib.inflate(stream, Z_NO_FLUSH) {
    case Z_OK: break
    case Z_STREAM_END:
      ended = true
      let more = try stream.pointee.avail_in == 0 ? readPlain(into: input, count: 1) : 1
      if more > 0 { throw DatasetError.trailingBytes(path: path) }
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "the stream cannot be decoded"
      throw DatasetError.damagedGzip(path: path, reason: reason)
    }
  }
}

/// The text of the system's last error, `errno`.
func lastSystemError() -> String { String(cString: strerror(errno)) }
