/// Findings that are known and accepted, each with a written reason.
///
/// A run against a baseline fails on findings that are not in it, and on findings in it that did not come up although
/// their law was judged: what was repaired is to be struck out.
public struct Baseline: Codable, Equatable, Sendable {
  public struct Entry: Codable, Equatable, Sendable {
    /// The law's id; `protocol` for faults, `convention` for a convention that contradicts its declaration.
    public var law: String
    public var dtype: String
    /// The failure's identity as the report prints it.
    public var identity: String
    /// Why it is accepted, in words.
    public var reason: String

    public init(law: String, dtype: String, identity: String, reason: String) {
      (self.law, self.dtype, self.identity, self.reason) = (law, dtype, identity, reason)
    }
  }

  public var accepted: [Entry]

  public init(accepted: [Entry]) { self.accepted = accepted }

  /// The entries that give no reason, or say it in less than ten letters.
  public var withoutReason: [Entry] { accepted.filter { $0.reason.count { $0.isLetter } < 10 } }

  func accepts(_ issue: ConformanceIssue) -> Entry? {
    accepted.first { $0.law == issue.law && $0.dtype == issue.dtype && $0.identity == issue.identity }
  }
}

/// One thing that a run of an external subject found.
public struct ConformanceIssue: Hashable, Sendable {
  /// The law's id, `protocol` or `convention`.
  public let law: String
  public let dtype: String
  /// What was violated, without the case's values.
  public let identity: String
  /// What a person wants to know first, in one line.
  public let statement: String
}
