import Foundation

/// Files of fixtures: bounded on the way in, whole on the way out.
public enum FixtureFile {
  /// No fixture is larger.
  public static let sizeLimit = 4 << 20

  /// The bytes of a file of at most 4 MiB; a larger one is not read.
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

  /// Reads and decodes; errors bear the path.
  public static func decode<Value>(
    _ path: String, _ decode: ([UInt8]) throws(FixtureError) -> Value
  ) throws(FixtureError) -> Value {
    let bytes = try read(path)
    do { return try decode(bytes) } catch { throw FixtureError("\(path): \(error.description)") }
  }

  /// Writes beside `path`, then renames: a reader sees the old file or the new one, never a part.
  public static func write(_ bytes: [UInt8], to path: String) throws(FixtureError) {
    let url = URL(filePath: path)
    do {
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url, options: .atomic)
    } catch {
      throw FixtureError("\(path) cannot be written: \(error.localizedDescription)")
    }
  }

  /// The names of the JSON files in `folder`, sorted.
  public static func names(in folder: String) throws(FixtureError) -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw FixtureError("there is no folder \(folder): name the folder of the fixtures with --folder")
    }
    return names.filter { $0.hasSuffix(".json") }.sorted()
  }
}
