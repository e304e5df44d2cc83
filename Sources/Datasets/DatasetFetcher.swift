public import Foundation

/// Fetches the files of a data set from mirrors, checked before they take their names.
public struct DatasetFetcher: Sendable {
  /// Which files are fetched.
  public enum Selection: Sendable {
    /// Those that are missing or wrong.
    case needed
    /// All, whatever is there.
    case all
  }

  /// Transfers from one mirror before the next one is tried: each but the first resumes one that brought something.
  private static let attempts = 4

  private let mirrors: [Mirror]
  private let timeout: TimeInterval
  private let report: @Sendable (FetchEvent) -> Void

  /// - Parameters:
  ///   - mirrors: Tried in this order for every file.
  ///   - timeout: Seconds without a byte after which a connection is given up.
  ///   - report: Called, one call at a time, with everything that happens.
  public init(mirrors: [Mirror], timeout: TimeInterval, report: @escaping @Sendable (FetchEvent) -> Void) {
    self.mirrors = mirrors
    self.timeout = timeout
    self.report = report
  }

  /// Puts the files of `name` into the destination of `folders`.
  ///
  /// A file has its final name only after its content was checked. A transfer that broke off leaves `NAME.part`, which this
  /// or a later call resumes.
  ///
  /// - Throws: `DatasetError.noMirror` for the first file that no mirror gave, `.cannotWrite` if the folder or the disk
  ///   refuses.
  public func fetch(_ name: DatasetName, _ selection: Selection, in folders: DataFolders) async throws {
    for file in DatasetFile.allCases {
      if case .needed = selection, case (let path?, .intact) = try file.verify(in: folders, of: name) {
        report(.present(file, path: path))
      } else {
        try await fetch(file, of: name, into: folders.destination(for: name))
      }
    }
  }

  private func fetch(_ file: DatasetFile, of name: DatasetName, into folder: String) async throws {
    let part = try PartialFile(finalName: file.rawValue, folder: folder)
    defer { part.release() }
    var failures: [MirrorFailure] = []
    for mirror in mirrors {
      switch try await fetch(file, of: name, from: mirror, part: part, folder: folder) {
      case .success(let path):
        report(.installed(file, path: path))
        return
      case .failure(let failure):
        failures.append(failure)
        report(.failed(file, failure))
      }
    }
    throw DatasetError.noMirror(file: file.rawValue, failures: failures)
  }

  private func fetch(
    _ file: DatasetFile, of name: DatasetName, from mirror: Mirror, part: PartialFile, folder: String
  ) async throws -> Result<String, MirrorFailure> {
    var reason = ""
    for _ in 0..<Self.attempts {
      let before = part.size
      report(.started(file, mirror: mirror.text, resumedFrom: before))
      // gzip adds less than 1 % and a header to what it cannot shrink.
      let limit = name.byteCount(of: file) + name.byteCount(of: file) / 100 + 1024
      let transfer = HTTPTransfer(part: part, limit: limit, timeout: timeout) { [report] size, total in
        report(.received(file, bytes: size, total: total))
      }
      var isWorthAnother = before > 0
      switch await transfer.run(mirror.url(of: file)) {
      case .complete:
        do { return .success(try part.install(file, of: name, in: folder)) } catch let error as DatasetError {
          if case .cannotWrite = error { throw error }
          reason = error.description
          try part.clear()
        }
      case .notResumable:
        reason = "it does not continue a file"
        try part.clear()
      case .interrupted(let text):
        reason = text
        isWorthAnother = part.size > before
      case .refused(let text):
        reason = text
        isWorthAnother = false
      case .cannotWrite(let error): throw error
      }
      if !isWorthAnother { break }
    }
    if reason.hasSuffix(".") { reason.removeLast() }
    return .failure(MirrorFailure(mirror: mirror.text, reason: reason))
  }
}
