public import PropertyTesting

/// Findings that are known and accepted, each with a written reason.
///
/// A run against a baseline fails on findings that are not in it, and on findings in it that did not come up although
/// their law was judged: what was repaired is to be struck out. A finding that weighs less now is told once, and does not fail.
public struct Baseline: Codable, Equatable, Sendable {
  public struct Entry: Codable, Equatable, Sendable {
    /// The law's id; `protocol` for faults, `convention` for a policy that contradicts its declaration.
    public var law: String
    public var dtype: String
    /// The finding's key as the report prints it, such as `y-differs`.
    public var key: String?
    /// The finding's words, in baselines from before findings had keys.
    public var identity: String?
    /// The level that is accepted: `error` without it.
    public var level: String?
    /// Why it is accepted, in words.
    public var reason: String

    public init(law: String, dtype: String, key: String, level: Level = .error, reason: String) {
      (self.law, self.dtype, self.key, self.reason) = (law, dtype, key, reason)
      self.level = level == .error ? nil : level.word
    }

    /// The key that the entry is matched by; nil where it has neither key nor identity.
    public var matchedKey: String? { key ?? identity.map(FormerIdentity.key) }

    /// The level that is accepted; nil for a word that is none.
    public var acceptedLevel: Level? { level.map(Level.init(word:)) ?? .error }

    /// The entry in words, for messages.
    public var text: String { "\(law) \(dtype) \(matchedKey ?? "without a key")" }
  }

  public var accepted: [Entry]

  public init(accepted: [Entry]) { self.accepted = accepted }

  /// The entries that give no reason, or say it in less than ten letters.
  public var withoutReason: [Entry] { accepted.filter { $0.reason.count { $0.isLetter } < 10 } }

  /// The entries that name no finding, or a level that is none.
  public var withoutFinding: [Entry] { accepted.filter { $0.matchedKey == nil || $0.acceptedLevel == nil } }

  /// The entry that accepts a finding: of its law, type and key, at its level or a higher one.
  func accepts(_ issue: ConformanceIssue) -> Entry? {
    accepted.first { $0.isAbout(issue) && ($0.acceptedLevel ?? .error) >= issue.level }
  }
}

extension Baseline.Entry {
  /// Whether the entry names the finding, at whatever level.
  func isAbout(_ issue: ConformanceIssue) -> Bool {
    law == issue.law && dtype == issue.dtype && matchedKey == issue.key
  }
}

/// One thing that a run of an external subject found.
public struct ConformanceIssue: Hashable, Sendable {
  /// The law's id, `protocol` or `convention`.
  public let law: String
  public let dtype: String
  /// The stable name of the finding.
  public let key: String
  public let level: Level
  /// What was violated, without the case's values.
  public let identity: String
  /// What a person wants to know first, in one line.
  public let statement: String

  init(law: String, dtype: String, key: String? = nil, level: Level, identity: String, statement: String) {
    (self.law, self.dtype, self.level, self.identity) = (law, dtype, level, identity)
    self.key = key ?? Failure.key(from: identity)
    self.statement = statement
  }
}

/// Findings whose words have changed since baselines named them by their words.
enum FormerIdentity {
  static let keys = [
    "running mean at weight 0 differs": "running-mean-at-weight-0-takes-a-value-that-is-not-finite",
    "running variance at weight 0 differs": "running-variance-at-weight-0-takes-a-value-that-is-not-finite",
    "a bad batch is accepted": "a-batch-of-one-is-accepted",
    "y behind a backward pass differs in its bits": "y-after-a-backward-pass-differs-in-its-bits",
    "dx of a batch of one differs": "the-gradient-of-a-batch-of-one-differs",
    "dγ of a batch of one differs": "the-gradient-of-a-batch-of-one-differs",
    "dβ of a batch of one differs": "the-gradient-of-a-batch-of-one-differs",
  ]

  /// The key of today for the words of then; most words are the same, and their key follows from them.
  static func key(_ identity: String) -> String { keys[identity] ?? Failure.key(from: identity) }
}
