public import BatchNormTesting
public import PropertyTesting

/// How many cases each law gets.
public enum Tier: String, CaseIterable, Sendable {
  /// For every build.
  case smoke
  /// For every change.
  case ci
  /// For a release.
  case full

  public var cases: Int {
    switch self {
    case .smoke: 60
    case .ci: 1_000
    case .full: 10_000
    }
  }
}

/// A batch normalization or a network, under the name that the command knows it by.
public enum Candidate: Sendable {
  case norm(any Subject)
  case network(any NamedSubject)
  /// This package's own arithmetic and random streams.
  case package

  public var name: String {
    switch self {
    case .norm(let subject): subject.profile.name
    case .network(let subject): subject.name
    case .package: "normcheck"
    }
  }

  /// Whether its errors must come near to the laws' bounds: a law whose bound they never approach is loose.
  var isYardstick: Bool {
    switch self {
    case .norm(let subject): subject.profile.isYardstick
    case .network(let subject): subject.isYardstick
    case .package: false
    }
  }

  /// `law` on this candidate; nil where it is stated about another kind, or asks for what the subject does not offer.
  public func property(of law: Law) -> Property? {
    switch self {
    case .norm(let subject): law.property(for: subject)
    case .network(let subject): law.property(ofTrainingLoop: subject)
    case .package: law.packageProperty
    }
  }

  /// Whether `law` is stated about candidates of this kind.
  public func matches(_ law: Law) -> Bool {
    switch (self, law.scope) {
    case (.norm, .norm), (.network, .trainingLoop), (.package, .package): true
    default: false
    }
  }
}

/// One law on one candidate.
public struct Finding: Sendable {
  public let law: Law
  public let candidate: Candidate
  /// nil where the candidate does not offer what the law needs, or the run is too small for a law of that cost.
  public let summary: RunSummary?

  public init(law: Law, candidate: Candidate, summary: RunSummary?) {
    (self.law, self.candidate, self.summary) = (law, candidate, summary)
  }

  /// What a row of a report says.
  public var verdict: Verdict {
    guard let summary else { return candidate.property(of: law) == nil ? .notOffered : .skipped }
    guard summary.verdict == .holds else { return summary.verdict }
    if isLoose(summary) { return .loose }
    return summary.level == .accuracy ? .accuracy : summary.level == .policy ? .policy : .holds
  }

  /// The highest level of what was found; an error where the law could not be judged. nil where there is nothing.
  public var level: Level? {
    switch verdict {
    case .holds, .notOffered, .notAsked, .skipped: nil
    case .accuracy: .accuracy
    case .policy: .policy
    case .broken, .vacuous, .unsatisfied, .loose, .unfinished: .error
    }
  }

  /// The counterexamples at the level of an error.
  var errors: [Counterexample] { summary.map(\.errors) ?? [] }

  /// Whether the row makes the run fail: at the level of an error, or with `strict` of an accuracy note too.
  public func isFailure(strict: Bool = false) -> Bool { (level ?? .policy) >= (strict ? .accuracy : .error) }

  /// Whether nothing was asked: never a pass.
  public var isUnjudged: Bool { summary == nil || verdict == .notAsked }

  /// Whether the fault is the law's, not the candidate's: too many cases prove nothing, or no bound is approached.
  public var isFaultOfLaw: Bool { [.vacuous, .loose, .unfinished].contains(verdict) }

  /// On the yardstick a bound must have been approached, after enough cases to have met the hard ones: the figure is a
  /// maximum and grows with their number, so the full tier decides. A law without any bound has none to approach.
  private func isLoose(_ summary: RunSummary) -> Bool {
    guard candidate.isYardstick, summary.counts.held >= 5_000, let worst = summary.worst else { return false }
    return !(worst.ratio > 0.05)
  }
}

/// Runs laws on candidates, several at once; the findings come in the order of laws, then candidates.
public enum Verification {
  /// Each law with each candidate of the kind that it is stated about.
  public static func rows(_ laws: [Law], _ candidates: [Candidate]) -> [(law: Law, candidate: Candidate)] {
    laws.flatMap { law in candidates.filter { $0.matches(law) }.map { (law, $0) } }
  }

  /// - Parameters:
  ///   - workers: how many rows run at once; the findings do not depend on it
  ///   - journal: keeps what each counterexample's process was asked before; a process then serves one worker only
  ///   - stop: once it is set no further case is judged, and rows that are not finished are skipped
  ///   - afterRow: called when a row is done, one call at a time
  public static func findings(
    laws: [Law], candidates: [Candidate], settings: RunSettings, workers: Int, journal: RunJournal? = nil,
    stop: RunStop? = nil, afterRow: @Sendable () -> Void
  ) -> [Finding] {
    let rows = rows(laws, candidates)
    let findings = judgeConcurrently(rows, workers: workers, afterItem: afterRow) { law, candidate -> Finding? in
      if stop?.isSet ?? false { return nil }
      let own = law.settings(settings)
      let run = { candidate.property(of: law)?.run(own) { stop?.isSet ?? false } }
      let summary = own.cases == 0 ? nil : journal.map { $0.row(law, candidate, run) } ?? run()
      // What came up after the end of the run says nothing about the subject.
      return stop?.isSet ?? false ? nil : Finding(law: law, candidate: candidate, summary: summary)
    }
    return findings.compactMap { $0 }
  }
}
