import Datasets
import Foundation

/// Reads fixtures of at most 4 MiB and writes them atomically.
public enum FixtureFile {
  /// The maximum size of a fixture, in bytes.
  public static let sizeLimit = 4 << 20

  /// The bytes of a file. One larger than `sizeLimit` is refused.
  public static func read(_ path: String) throws(FixtureError) -> [UInt8] {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw FixtureError(
        "\(path) cannot be read: make it with normcheck fixtures pin, or name its folder with --folder")
    }
    defer { try? handle.close() }
    let data: Data?
    do { data = try handle.read(upToCount: sizeLimit + 1) } catch {
      throw FixtureError("\(path) cannot be read: \(error.localizedDescription)")
    }
    guard let data, !data.isEmpty else { throw FixtureError("\(path) is empty") }
    guard data.count <= sizeLimit else {
      throw FixtureError("\(path) is larger than the \(sizeLimit) bytes that a fixture may have")
    }
    return Array(data)
  }

  /// Reads and decodes a file. Errors contain the path.
  public static func decode<Value>(
    _ path: String, _ decode: ([UInt8]) throws(FixtureError) -> Value
  ) throws(FixtureError) -> Value {
    let bytes = try read(path)
    do { return try decode(bytes) } catch { throw FixtureError("\(path): \(error.description)") }
  }

  /// Writes a file by `AtomicFile`. Missing folders are created.
  public static func write(_ bytes: [UInt8], to path: String) throws(FixtureError) {
    do { try AtomicFile.write(bytes, to: path, makingFolders: true) } catch { throw FixtureError("\(error)") }
  }

  /// The names of the JSON files in `folder`, sorted.
  public static func names(in folder: String) throws(FixtureError) -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw FixtureError("there is no folder \(folder): name the folder of the fixtures with --folder")
    }
    return names.filter { $0.hasSuffix(".json") }.sorted()
  }
}
