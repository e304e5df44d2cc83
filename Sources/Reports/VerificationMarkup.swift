import NormLaws
import PropertyTesting

extension VerificationText {
  /// The table and the failures as Markdown.
  public var markdown: String {
    let failures = noted.map { "```\n\(failure($0))\n```" }
    return (["**\(verdict)**", table.markdown] + failures).joined(separator: "\n\n")
  }

  /// JUnit's XML: one suite a family, one case a law and candidate; not offered counts as skipped. What weighs less than an error
  /// passes, with its level as a property.
  public var junit: String {
    let families = findings.map(\.law.family).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let suites = families.map { family in
      let rows = findings.filter { $0.law.family == family }
      let failures = rows.count { $0.isFailure(strict: isStrict) }
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
    case .notOffered, .notAsked, .skipped:
      return head + "><skipped message=\"\(finding.verdict.rawValue)\"/></testcase>"
    case .accuracy where !isStrict, .policy:
      return head + ">\(Self.properties(finding.level))<system-out>\(escaped(failure(finding)))</system-out></testcase>"
    default:
      let message = escaped("\(finding.verdict.rawValue): \(finding.law.statement)")
      return head + "><failure message=\"\(message)\">\(escaped(failure(finding)))</failure></testcase>"
    }
  }

  /// Annotations that GitHub shows beside a run, and the verdict.
  public var github: String {
    let lines = noted.map { finding in
      let text = failure(finding).split(separator: "\n").joined(separator: "%0A")
      return
        "::\(Self.annotation(finding.level ?? .policy, isStrict)) title=\(finding.law.id) on \(finding.candidate.name)::\(text)"
    }
    return (lines + [verdict]).joined(separator: "\n")
  }

  /// The level as JUnit's property of a case.
  static func properties(_ level: Level?) -> String {
    level.map { "<properties><property name=\"level\" value=\"\($0.word)\"/></properties>" } ?? ""
  }

  /// GitHub's word for the level.
  static func annotation(_ level: Level, _ isStrict: Bool) -> String {
    switch level {
    case .error: "error"
    case .accuracy: isStrict ? "error" : "warning"
    case .policy: "notice"
    }
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
