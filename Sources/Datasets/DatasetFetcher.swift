public import Foundation

/// Fetches the files of a data set from mirrors by `curl`, and checks them before they take their names.
public struct DatasetFetcher {
  /// Which files are fetched.
  public enum Selection: Sendable {
    /// Those that are missing or wrong.
    case needed
    /// All, even if they are there and intact.
    case all
  }

  /// Maximum number of transfers from one mirror; each after the first resumes the file or starts again.
  private static let attempts = 4

  private let mirrors: [Mirror]
  private let timeout: TimeInterval
  private let report: (FetchEvent) -> Void

  /// - Parameters:
  ///   - mirrors: Tried in this order for every file.
  ///   - timeout: Seconds without a byte after which a transfer is stopped.
  ///   - report: Called with everything that happens.
  public init(mirrors: [Mirror], timeout: TimeInterval, report: @escaping (FetchEvent) -> Void) {
    self.mirrors = mirrors
    self.timeout = timeout
    self.report = report
  }

  /// Puts the files of `name` into the destination of `folders`.
  ///
  /// A file takes its final name only after its content was checked. An interrupted transfer leaves `NAME.part`, which this
  /// or a later call resumes.
  ///
  /// - Throws: `DatasetError`: `.noMirror` for the first file that no mirror gave, `.noCurl`, or `.cannotWrite`.
  public func fetch(_ name: DatasetName, _ selection: Selection, in folders: DataFolders) throws {
    for file in DatasetFile.allCases {
      if case .needed = selection, case (let path?, .intact) = try file.verify(in: folders, of: name) {
        report(.present(file, path: path))
      } else {
        do { try fetch(file, of: name, into: folders.destination(for: name)) } catch let error as WriteError {
          throw DatasetError(error)
        }
      }
    }
  }

  private func fetch(_ file: DatasetFile, of name: DatasetName, into folder: String) throws {
    let part = try PartialFile(finalName: file.rawValue, folder: folder)
    defer { part.removeIfEmpty() }
    var failures: [MirrorFailure] = []
    for mirror in mirrors {
      do {
        let path = try fetch(file, of: name, from: mirror, part: part, folder: folder)
        report(.installed(file, path: path))
        return
      } catch let failure as MirrorFailure {
        failures.append(failure)
        report(.failed(file, failure))
      }
    }
    throw DatasetError.noMirror(file: file.rawValue, failures: failures)
  }

  /// Returns the final path.
  ///
  /// - Throws: `MirrorFailure` if this mirror does not give the file; `WriteError` and `DatasetError.noCurl`, for which
  ///   another mirror is no help.
  private func fetch(
    _ file: DatasetFile, of name: DatasetName, from mirror: Mirror, part: PartialFile, folder: String
  ) throws -> String {
    // gzip adds less than 1 % and a header to data that it cannot compress.
    let limit = name.byteCount(of: file) + name.byteCount(of: file) / 100 + 1024
    let transfer = CurlTransfer(part: part, limit: limit, timeout: timeout) { [report] size, total in
      report(.received(file, bytes: size, total: total))
    }
    var reason = ""
    for _ in 0..<Self.attempts {
      let before = part.size
      report(.started(file, mirror: mirror.text, resumedFrom: before))
      var isWorthAnother = before > 0
      switch try transfer.run(mirror.url(of: file)) {
      case .complete:
        do { return try part.install(file, of: name, in: folder) } catch let error as DatasetError {
          reason = error.description
          try part.clear()
        }
      case .notResumable:
        reason = "it does not resume a file"
        try part.clear()
      case .interrupted(let text):
        reason = text
        isWorthAnother = part.size > before
      case .refused(let text):
        reason = text
        isWorthAnother = false
      }
      if !isWorthAnother { break }
    }
    if reason.hasSuffix(".") { reason.removeLast() }
    throw MirrorFailure(mirror: mirror.text, reason: reason)
  }
}
