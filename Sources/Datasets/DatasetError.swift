/// Why a data set cannot be read, checked, fetched or split. `description` is one sentence for a person.
public enum DatasetError: Error, Sendable, Equatable {
  /// Files of `dataset` are in none of `folders`.
  case missing(dataset: DatasetName, files: [String], folders: [String])
  /// The operating system does not open or read `path`.
  case unreadable(path: String, reason: String)
  /// The content is shorter than its header announces.
  case truncated(path: String, expected: Int, got: Int)
  /// The file ends in the middle of its gzip stream.
  case truncatedGzip(path: String)
  /// The gzip stream has a wrong format or checksum.
  case damagedGzip(path: String, reason: String)
  /// There are bytes after the end of the content.
  case trailingBytes(path: String)
  /// The file is not of the expected IDX kind.
  case wrongMagic(path: String, expected: IDXKind, found: String)
  /// The header announces more than a file of this size can hold, or more than `IDXArray` reads.
  case unjustifiedSize(path: String, claimed: String)
  /// The file holds no items.
  case empty(path: String)
  /// The images do not have the expected size.
  case wrongImageSize(path: String, rows: Int, columns: Int, expectedRows: Int, expectedColumns: Int)
  /// The numbers of images and labels differ.
  case differentCounts(imagesPath: String, images: Int, labelsPath: String, labels: Int)
  /// A label is not in 0..<10.
  case labelOutOfRange(path: String, label: UInt8, index: Int)
  /// The content is not that of the file; it is a file of `owner`, if it is known.
  case wrongChecksum(path: String, expected: String, got: String, owner: DatasetName?)
  /// `validation` of `count` items leave none for training, or `validation` is negative.
  case validationTooLarge(validation: Int, count: Int)
  /// A folder or file cannot be written.
  case cannotWrite(path: String, reason: String)
  /// No mirror gave `file`; one failure for each mirror, in the order in which they were tried.
  case noMirror(file: String, failures: [MirrorFailure])
  /// The program `curl` is not installed.
  case noCurl

  init(_ error: WriteError) { self = .cannotWrite(path: error.path, reason: error.reason) }
}

/// Why one mirror did not give a file.
public struct MirrorFailure: Error, Sendable, Equatable {
  public let mirror: String
  public let reason: String
}

extension DatasetError {
  /// Whether a file was read and has the wrong content. Otherwise a file is missing or the system refused something.
  public var isAboutContent: Bool {
    switch self {
    case .missing, .unreadable, .validationTooLarge, .cannotWrite, .noMirror, .noCurl: false
    case .truncated, .truncatedGzip, .damagedGzip, .trailingBytes, .wrongMagic, .unjustifiedSize, .empty,
      .wrongImageSize, .differentCounts, .labelOutOfRange, .wrongChecksum:
      true
    }
  }
}

extension DatasetError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let dataset, let files, let folders): Self.missingText(dataset, files, folders)
    case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)."
    case .truncated(let path, let expected, let got):
      "\(path) is truncated: it announces \(expected) bytes and holds \(got)."
    case .truncatedGzip(let path): "\(path) is truncated: its gzip stream does not end."
    case .damagedGzip(let path, let reason): "\(path) is damaged gzip data: \(reason)."
    case .trailingBytes(let path): "\(path) has bytes after the end of its content."
    case .wrongMagic(let path, let expected, let found):
      "\(path) is \(found), but an IDX file of \(expected.noun) is expected."
    case .unjustifiedSize(let path, let claimed):
      "\(path) announces \(claimed) bytes: more than a file of its size can hold, or more than the limit."
    case .empty(let path): "\(path) holds no items."
    case .wrongImageSize(let path, let rows, let columns, let expectedRows, let expectedColumns):
      "\(path) holds images of \(rows)×\(columns) pixels, but \(expectedRows)×\(expectedColumns) are expected."
    case .differentCounts(let imagesPath, let images, let labelsPath, let labels):
      "\(imagesPath) holds \(images) images, but \(labelsPath) holds \(labels) labels."
    case .labelOutOfRange(let path, let label, let index):
      "\(path) has label \(label) at index \(index), but labels must be in 0...\(DatasetName.classes - 1)."
    case .wrongChecksum(let path, let expected, let got, let owner):
      "\(path) has the wrong content: SHA-256 \(expected) is expected, got \(got)"
        + (owner.map { " (a file of \($0.rawValue))." } ?? ".")
    case .validationTooLarge(let validation, let count):
      "\(validation) of \(count) items cannot be set aside for validation: ask for 0 to \(count - 1)."
    case .cannotWrite(let path, let reason): "\(path) cannot be written: \(reason)."
    case .noMirror(let file, let failures):
      "\(file) could not be fetched: "
        + failures.map { "\($0.mirror): \($0.reason)" }.joined(separator: "; ") + "."
    case .noCurl:
      "The program curl fetches the files and is not installed: install it (ci/setup does), or download the files and "
        + "run `normcheck data import`."
    }
  }

  private static func missingText(_ dataset: DatasetName, _ files: [String], _ folders: [String]) -> String {
    let remedy =
      dataset.isEmbedded
      ? "run inside a clone of the package or name its folder with --data"
      : "run `normcheck data fetch \(dataset.rawValue)` or name their folder with --data"
    return "\(dataset.rawValue) is incomplete: \(files.joined(separator: ", ")) not found "
      + "(plain or .gz) in \(folders.joined(separator: ", ")); \(remedy)."
  }
}
