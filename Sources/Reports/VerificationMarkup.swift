import Properties

extension VerificationText {
  /// The table and the failures as Markdown.
  public var markdown: String {
    let failures = findings.filter(\.isAgainst).map { "```\n\(failure($0))\n```" }
    return (["**\(verdict)**", table.markdown] + failures).joined(separator: "\n\n")
  }

  /// JUnit's XML: one suite a family, one case a law and candidate; not offered counts as skipped.
  public var junit: String {
    let families = findings.map(\.law.family).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let suites = families.map { family in
      let rows = findings.filter { $0.law.family == family }
      let failures = rows.count { $0.isAgainst }
      let skipped = rows.count { $0.isUnjudged }
      let head = "  <testsuite name=\"\(family)\" tests=\"\(rows.count)\" failures=\"\(failures)\" errors=\"0\""
      return ([head + " skipped=\"\(skipped)\">"] + rows.map(testcase) + ["  </testsuite>"]).joined(separator: "\n")
    }
    let lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites name=\"normcheck\">"] + suites
    return (lines + ["</testsuites>"]).joined(separator: "\n")
  }

  func testcase(_ finding: Finding) -> String {
    let name = "\(finding.law.id) \(finding.law.statement)"
    let head = "    <testcase classname=\"\(escaped(finding.candidate.name))\" name=\"\(escaped(name))\""
    switch finding.verdict {
    case .holds: return head + "/>"
    case .notOffered, .leftOut:
      return head + "><skipped message=\"\(finding.verdict.rawValue)\"/></testcase>"
    default:
      let message = escaped("\(finding.verdict.rawValue): \(finding.law.statement)")
      return head + "><failure message=\"\(message)\">\(escaped(failure(finding)))</failure></testcase>"
    }
  }

  /// Annotations that GitHub shows beside a run, and the verdict.
  public var github: String {
    let lines = findings.filter(\.isAgainst).map { finding in
      let text = failure(finding).split(separator: "\n").joined(separator: "%0A")
      return "::error title=\(finding.law.id) on \(finding.candidate.name)::\(text)"
    }
    return (lines + [verdict]).joined(separator: "\n")
  }

  /// Text for XML; control characters that XML 1.0 forbids become question marks.
  func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "\n", "\t": String(scalar)
      default: scalar.value < 0x20 ? "?" : String(scalar)
      }
    }.joined()
  }
}
