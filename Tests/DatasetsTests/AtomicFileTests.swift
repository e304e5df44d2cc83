import CommandSupport
import Datasets
import Foundation
import Testing

struct AtomicFileTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/file"
  }

  private func error(to path: String, makingFolders: Bool = false) -> WriteError? {
    #expect(throws: WriteError.self) { try AtomicFile.write([2] as [UInt8], to: path, makingFolders: makingFolders) }
  }

  @Test func `a new file has the given bytes, and no other file is left`() throws {
    let bytes = [UInt8](repeating: 7, count: 3_000_000)
    try AtomicFile.write(bytes, to: path)
    #expect(try folder.bytes(of: "file") == bytes)
    try AtomicFile.write([UInt8](), to: path)
    #expect(try folder.bytes(of: "file") == [])
    #expect(folder.content == ["file"])
  }

  @Test func `a replaced file keeps its permissions`() throws {
    try folder.write([1], to: "file")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    try AtomicFile.write([2] as [UInt8], to: path)
    #expect(try folder.bytes(of: "file") == [2])
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
  }

  @Test func `an error before the end leaves the old file and nothing else`() throws {
    try folder.write([1], to: "file")
    #expect(throws: CancellationError.self) {
      try AtomicFile.write([2, 3] as [UInt8], to: path) { temporary in
        #expect(FileManager.default.contents(atPath: temporary) == Data([2, 3]))
        #expect(try folder.bytes(of: "file") == [1])
        throw CancellationError()
      }
    }
    #expect(try folder.bytes(of: "file") == [1])
    #expect(folder.content == ["file"])
  }

  @Test func `a missing folder is an error unless folders are to be made`() throws {
    let deep = folder.path + "/a/b/file"
    #expect(error(to: deep)?.description == "\(deep) cannot be written: No such file or directory")
    #expect(folder.content == [])
    try AtomicFile.write([2] as [UInt8], to: deep, makingFolders: true)
    #expect(folder.content == ["a", "a/b", "a/b/file"])
  }

  @Test func `a file in place of a folder is an error`() throws {
    try folder.write([1], to: "file")
    #expect(error(to: path + "/b", makingFolders: true)?.reason == "Not a directory")
    #expect(error(to: path + "/b/c", makingFolders: true)?.reason == "Not a directory")
    #expect(try folder.bytes(of: "file") == [1])
  }

  @Test func `a folder without write permission is an error`() throws {
    try folder.write([1], to: "closed/file")
    let closed = folder.path + "/closed"
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: closed)
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: closed) }
    withoutRoot { #expect(error(to: closed + "/file")?.reason == "Permission denied") }
    #expect(try folder.bytes(of: "closed/file") == [1])
    #expect(folder.content == ["closed", "closed/file"])
  }

  @Test func `a symbolic link is refused and its file unchanged`() throws {
    try folder.write([1], to: "file")
    let link = folder.path + "/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    #expect(error(to: link)?.reason == "it is a symbolic link; name the file that it points to")
    #expect(try folder.bytes(of: "file") == [1])
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
    #expect(folder.content == ["file", "link"])
  }

  @Test func `a link among the folders of the path is followed`() throws {
    try folder.write([1], to: "real/file")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link", withDestinationPath: folder.path + "/real")
    try AtomicFile.write([2] as [UInt8], to: folder.path + "/link/file", makingFolders: true)
    #expect(try folder.bytes(of: "real/file") == [2])
  }

  @Test func `a folder and a device are refused`() throws {
    try folder.write([1], to: "full/file")
    #expect(error(to: folder.path + "/full")?.reason == "Is a directory")
    #expect(error(to: "/dev/null")?.reason == "it is not a regular file")
    #expect(folder.content == ["full", "full/file"])
  }

  @Test func `several writers of one file never mix their bytes`() async throws {
    await withTaskGroup { group in
      for value in UInt8(0)..<8 {
        group.addTask {
          for _ in 0..<10 { try? AtomicFile.write([UInt8](repeating: value, count: 10_000), to: path) }
        }
      }
    }
    let bytes = try folder.bytes(of: "file")
    #expect(bytes.count == 10_000 && Set(bytes).count == 1)
    #expect(folder.content == ["file"])
  }
}

/// Runs `body` without root's right to write everywhere: in many containers tests run as root.
private func withoutRoot(_ body: () -> Void) {
  #if os(Linux)
    // The user for file access, of this thread only. Swift's Glibc module does not declare the function.
    typealias SetUser = @convention(c) (uid_t) -> Int32
    let setUser = unsafeBitCast(dlsym(nil, "setfsuid")!, to: SetUser.self)
    let user = setUser(65_534)
    defer { _ = setUser(uid_t(user)) }
  #endif
  body()
}
