import CommandSupport
import Datasets
import Foundation
import Testing

struct IDXArrayTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func error(_ bytes: [UInt8], _ kind: IDXKind = .images) throws -> DatasetError? {
    let path = try folder.write(bytes, to: "file")
    return #expect(throws: DatasetError.self) { _ = try IDXArray(path: path, kind: kind) }
  }

  @Test func `plain and gzip files of the same content give the same array`() throws {
    let bytes = images(count: 3, rows: 2, columns: 5)
    let plain = try IDXArray(path: folder.write(bytes, to: "plain"), kind: .images)
    let packed = try IDXArray(path: folder.write(gzip(bytes), to: "packed"), kind: .images)
    #expect(plain.dimensions == [3, 2, 5])
    #expect(plain.elements == Array(bytes.dropFirst(16)))
    #expect(packed.dimensions == plain.dimensions)
    #expect(packed.elements == plain.elements)
    #expect(packed.checksum == plain.checksum)
  }

  @Test func `a missing file is unreadable for the system's reason`() throws {
    let path = folder.path + "/absent"
    let error = #expect(throws: DatasetError.self) { try IDXArray(path: path, kind: .labels) }
    #expect(error?.description == "\(path) cannot be read: No such file or directory.")
  }

  @Test func `a folder is not read`() throws {
    let error = #expect(throws: DatasetError.self) { try IDXArray(path: folder.path, kind: .labels) }
    #expect(error == .unreadable(path: folder.path, reason: "not a regular file"))
  }

  @Test(arguments: [0, 3, 4, 15, 16, 17, 16 + 783])
  func `a plain file cut anywhere is truncated`(size: Int) throws {
    let error = try error(Array(images(count: 1).prefix(size)))
    guard case .truncated(_, let expected, size)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(expected == (size < 16 ? 16 : 16 + 784))
  }

  @Test func `a gzip file cut anywhere is refused`() throws {
    let whole = gzip(images(count: 2))
    for size in Array(0..<30) + stride(from: 31, to: whole.count, by: 17) {
      let path = try folder.write(Array(whole.prefix(size)), to: "cut")
      #expect(throws: DatasetError.self) { try IDXArray(path: path, kind: .images) }
    }
  }

  @Test func `a gzip file without its trailer is truncated though all elements are there`() throws {
    let error = try error(Array(gzip(images(count: 2)).dropLast(8)))
    #expect(error == .truncatedGzip(path: folder.path + "/file"))
  }

  @Test func `gzip content that ends before the announced size is truncated`() throws {
    let error = try error(gzip(Array(images(count: 2).dropLast())))
    #expect(error == .truncated(path: folder.path + "/file", expected: 16 + 2 * 784, got: 16 + 2 * 784 - 1))
  }

  @Test func `a flipped bit in gzip data is damage`() throws {
    var bytes = gzip(images(count: 2))
    bytes[bytes.count - 6] ^= 1
    let error = try error(bytes)
    #expect(error == .damagedGzip(path: folder.path + "/file", reason: "incorrect data check"))
  }

  @Test func `a gzip bomb is refused one byte after the announced size`() throws {
    let bomb = gzip(images(count: 1) + [UInt8](repeating: 0, count: 1 << 22))
    #expect(bomb.count < 8192)
    #expect(try error(bomb) == .trailingBytes(path: folder.path + "/file"))
  }

  @Test func `bytes after the content are refused, plain and after the gzip stream`() throws {
    #expect(try error(images(count: 1) + [0]) == .trailingBytes(path: folder.path + "/file"))
    #expect(try error(gzip(images(count: 1)) + [0]) == .trailingBytes(path: folder.path + "/file"))
    #expect(try error(gzip(images(count: 1)) + gzip([])) == .trailingBytes(path: folder.path + "/file"))
  }

  @Test func `a header that announces 4 billion images costs no memory`() throws {
    let header = idx(magic: 0x803, dimensions: [.max, .max, .max], elements: [0])
    let claimed = "4294967295×4294967295×4294967295"
    #expect(try error(header) == .unjustifiedSize(path: folder.path + "/file", claimed: claimed))
    let possible = idx(magic: 0x801, dimensions: [1 << 28], elements: [0])
    #expect(try error(gzip(possible), .labels) == .unjustifiedSize(path: folder.path + "/file", claimed: "268435456"))
    #expect(try error(possible, .labels) == .truncated(path: folder.path + "/file", expected: 8 + 1 << 28, got: 9))
  }

  @Test func `a file without images is empty`() throws {
    #expect(try error(idx(magic: 0x803, dimensions: [0, 28, 28], elements: [])) == .empty(path: folder.path + "/file"))
  }

  @Test func `the error of a wrong magic names the kind of file`() throws {
    let path = folder.path + "/file"
    #expect(
      try error(labels([1, 2, 3])).map(\.description)
        == "\(path) is an IDX file of labels (magic 0x00000801), but an IDX file of images is expected.")
    #expect(
      try error(images(count: 1), .labels).map(\.description)
        == "\(path) is an IDX file of images (magic 0x00000803), but an IDX file of labels is expected.")
    #expect(
      try error(idx(magic: 0xd02, dimensions: [1, 1], elements: [0, 0, 0, 0])).map(\.description)
        == "\(path) is an IDX array of 32-bit floats with 2 dimensions, but an IDX file of images is expected.")
    #expect(
      try error(Array("<!DOCTYPE html>".utf8)).map(\.description)
        == "\(path) is an HTML page, but an IDX file of images is expected.")
    #expect(
      try error(Array("PNG?".utf8)).map(\.description)
        == "\(path) is not an IDX file (its first bytes are 50 4e 47 3f), but an IDX file of images is expected.")
  }
}
