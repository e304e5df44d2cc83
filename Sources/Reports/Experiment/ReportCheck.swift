/// Compares a published report with the one that is made again, line by line.
public enum ReportCheck {
  /// What follows this heading in a page names the machine and the versions, and is not pinned.
  static let unpinnedHeading = "## Made with"

  /// Every line in which the pinned content differs, as `path:line: old → new`; lines that are only in one are named too.
  ///
  /// Pinned are all lines but those below "Made with", those that show a figure with its caption or the note in its place, and
  /// empty ones.
  public static func differences(path: String, old: String, new: String) -> [String] {
    let (old, new) = (pinned(old), pinned(new))
    var found = zip(old, new).filter { !isSame($0.text, $1.text) }.map { old, new in
      "\(path):\(old.number): \(difference(old.text, new.text))"
    }
    found += old.dropFirst(new.count).map { "\(path):\($0.number): \($0.text) → (gone)" }
    found += new.dropFirst(old.count).map { "\(path):\($0.number): (not there) → \($0.text)" }
    return found
  }

  private static func pinned(_ text: String) -> [(number: Int, text: Substring)] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let end = lines.firstIndex { $0 == unpinnedHeading } ?? lines.count
    return lines[..<end].enumerated().map { ($0.offset + 1, $0.element) }.filter { _, line in
      let isCaption = line.hasPrefix("*") && !line.hasPrefix("**")
      return !line.isEmpty && !isCaption && !line.hasPrefix("![") && !line.hasPrefix("No figure:")
    }
  }

  /// Whether two lines say the same: the same words, and numbers that agree to nine digits. The distribution functions behind
  /// p-values call the platform's mathematical library, which may differ in the last few digits.
  private static func isSame(_ old: Substring, _ new: Substring) -> Bool {
    if old == new { return true }
    let (a, b) = (words(old), words(new))
    return a.count == b.count
      && zip(a, b).allSatisfy { old, new in
        if old == new { return true }
        guard let x = Double(old), let y = Double(new) else { return false }
        return abs(x - y) <= 1e-9 * max(x.magnitude, y.magnitude)
      }
  }

  private static func words(_ line: Substring) -> [Substring] { line.split { " \t,|:".contains($0) } }

  /// The cells or words that differ, where both lines have as many; else both lines.
  private static func difference(_ old: Substring, _ new: Substring) -> String {
    let separator: Character = old.contains("|") ? "|" : old.contains("\t") ? "\t" : " "
    let (a, b) = (old.split(separator: separator), new.split(separator: separator))
    guard a.count == b.count else { return "\(old) → \(new)" }
    return zip(a, b).filter { $0 != $1 }.map { "\(trimmed($0)) → \(trimmed($1))" }.joined(separator: ", ")
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}
