import ReproducibleMath

/// A table as plain text or Markdown.
public struct TextTable: Sendable {
  public enum Alignment: Sendable { case left, right }

  public let header: [String]
  public let alignments: [Alignment]
  public let rows: [[String]]

  /// Every row has as many cells as the header.
  public init(_ header: [String], alignments: [Alignment], rows: [[String]]) {
    precondition(rows.allSatisfy { $0.count == header.count } && alignments.count == header.count, "a ragged table")
    self.header = header
    self.alignments = alignments
    self.rows = rows
  }

  /// Columns padded to their widest cell, two spaces apart.
  public var lines: [String] {
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    return ([header] + rows).map { row in
      let cells = row.indices.map { pad(row[$0], widths[$0], alignments[$0]) }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// GitHub's Markdown; vertical bars in cells are escaped.
  public var markdown: String {
    let rule = alignments.map { $0 == .left ? "---" : "---:" }
    return ([header, rule] + rows).map { row in
      "| "
        + row.map { $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") }
        .joined(separator: " | ") + " |"
    }.joined(separator: "\n")
  }
}

/// `text` filled with spaces to `width` characters.
public func pad(_ text: String, _ width: Int, _ alignment: TextTable.Alignment = .right) -> String {
  let spaces = String(repeating: " ", count: max(0, width - text.count))
  return alignment == .left ? text + spaces : spaces + text
}

/// A share of 1 in percent: "97.16 %".
public func percent(_ share: Double, _ decimals: Int = 2) -> String { fixed(100 * share, decimals) + " %" }
