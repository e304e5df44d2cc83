import Datasets
public import Foundation

/// The results of sweeps: a folder with a file for each cell, `<key>.json`, or one file, gzip or plain, with a line for
/// each cell.
///
/// Files are written by `AtomicFile`. Folders of several machines are merged by copying their files into one folder, or by
/// `merge`, which compares results that both hold.
public struct ResultStore: Sendable {
  public let location: URL

  public init(_ location: URL) { self.location = location }

  /// The stored result of a cell.
  public enum Entry: Sendable {
    case absent
    case record(CellRecord)
    /// Present but damaged; the text says how.
    case damaged(String)
  }

  public func url(of cell: Cell) -> URL { location.appending(path: "\(cell.key).json") }

  /// The stored result of `cell`.
  public func entry(for cell: Cell) -> Entry {
    guard let data = try? Data(contentsOf: url(of: cell)) else { return .absent }
    return entry(of: Array(data)[...], for: cell)
  }

  private func entry(of line: ArraySlice<UInt8>, for cell: Cell) -> Entry {
    do {
      let record = try ResultFile.record(of: line)
      return record.cell == cell ? .record(record) : .damaged("it is the result of another cell")
    } catch { return .damaged("\(error)") }
  }

  /// - Throws: `StoreError.unwritable`
  public func save(_ record: CellRecord) throws {
    let place = url(of: record.cell)
    let bytes = try ResultFile.bytes(of: record)
    do { try AtomicFile.write(bytes, to: place.path, makingFolders: true) } catch let error as WriteError {
      throw StoreError.unwritable(place.path, error.reason)
    }
  }

  /// The records of `cells`, by cell, from a folder or a file; and the damaged ones, by name.
  public func records(of cells: [Cell]) throws -> (records: [Cell: CellRecord], damaged: [String]) {
    var records: [Cell: CellRecord] = [:]
    var damaged: [String] = []
    func take(_ entry: Entry, _ cell: Cell, _ name: String) {
      switch entry {
      case .absent: break
      case .record(let record): records[cell] = record
      case .damaged(let reason): damaged.append("\(name): \(reason)")
      }
    }
    guard isFile else {
      for cell in cells { take(entry(for: cell), cell, url(of: cell).lastPathComponent) }
      return (records, damaged)
    }
    let wanted = Set(cells)
    for (number, line) in try lines().enumerated() {
      do {
        let record = try ResultFile.record(of: line)
        if wanted.contains(record.cell) { records[record.cell] = record }
      } catch { damaged.append("\(location.lastPathComponent), line \(number + 1): \(error)") }
    }
    return (records, damaged)
  }

  /// Whether the location is one read-only file with a line for each cell.
  public var isFile: Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: location.path, isDirectory: &isFolder) && !isFolder.boolValue
  }

  /// The lines of a packed file, gzip or plain, of at most a gigabyte.
  private func lines() throws -> [ArraySlice<UInt8>] {
    do {
      return try StoredContent.bytes(of: location.path, limit: 1 << 30).split(separator: UInt8(ascii: "\n"))
    } catch { throw StoreError.unreadable(location.path, "\(error)") }
  }
}

extension ResultStore {
  /// One file with a line for each cell of `cells`, in their order.
  ///
  /// - Throws: `StoreError.missing` where a result is absent or damaged.
  public func pack(_ cells: [Cell]) throws -> [UInt8] {
    try cells.flatMap { cell in
      guard case .record(let record) = entry(for: cell) else { throw StoreError.missing(url(of: cell).path) }
      return try ResultFile.bytes(of: record)
    }
  }

  /// Copies the missing results from `other`. Where both have a result, its bytes must be equal.
  ///
  /// - Returns: how many were copied, and the names of those that differ or are damaged; these are not copied.
  public func merge(from other: ResultStore) throws -> (copied: Int, conflicts: [String]) {
    let files: [URL]
    do {
      files = try FileManager.default.contentsOfDirectory(at: other.location, includingPropertiesForKeys: nil)
        .filter { $0.pathExtension == "json" }.sorted { $0.lastPathComponent < $1.lastPathComponent }
    } catch { throw StoreError.unreadable(other.location.path, error.localizedDescription) }
    var (copied, conflicts) = (0, [String]())
    for file in files {
      guard let theirs = try? Data(contentsOf: file), let record = try? ResultFile.record(of: Array(theirs)[...]),
        "\(record.cell.key).json" == file.lastPathComponent
      else {
        conflicts.append("\(file.path) is damaged")
        continue
      }
      let place = url(of: record.cell)
      guard let ours = try? Data(contentsOf: place) else {
        try save(record)
        copied += 1
        continue
      }
      if ours != theirs {
        let mine = try? ResultFile.record(of: Array(ours)[...])
        conflicts.append(
          mine == nil
            ? "\(place.path) is damaged"
            : "\(file.lastPathComponent) differs: run digest \(mine!.digest) here, \(record.digest) in \(file.path)")
      }
    }
    return (copied, conflicts)
  }
}

/// Why results cannot be read or kept; `description` is the sentence for a person.
public enum StoreError: Error, Equatable, Sendable, CustomStringConvertible {
  case unreadable(String, String)
  case unwritable(String, String)
  case missing(String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "the results in \(path) cannot be read: \(reason)"
    case .unwritable(let path, let reason): "the result \(path) cannot be written: \(reason)"
    case .missing(let path):
      "the result \(path) is missing or damaged: run the sweep again, it computes missing results"
    }
  }
}
