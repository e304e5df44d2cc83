public import PropertyTesting

/// Whether a failing case fails again.
public enum Repeatability: Hashable, Sendable {
  /// In a fresh process, every time.
  case repeatable
  /// In a fresh process, but only as the first thing that it is asked.
  case onlyFirst
  /// In a fresh process only after these cases: the shortest list that was found.
  case afterEarlierCalls([ServedCase])
  /// Sometimes, asked again and again in one process.
  case sometimes(failed: Int, of: Int)
  /// Not once, neither alone nor after what came before.
  case notSeenAgain(of: Int)

  /// The outcome word.
  public var text: String {
    switch self {
    case .repeatable: "repeatable"
    case .onlyFirst: "repeatable, but only as the first case of a process"
    case .afterEarlierCalls(let cases):
      "only after earlier calls (\(cases.count) \(cases.count == 1 ? "case" : "cases") before it)"
    case .sometimes(let failed, let count): "differs from time to time (\(grouped(failed)) of \(grouped(count)))"
    case .notSeenAgain(let count): "not seen again (0 of \(grouped(count)))"
    }
  }

  /// The cases that must be asked before.
  public var after: [ServedCase] {
    if case .afterEarlierCalls(let cases) = self { cases } else { [] }
  }

  /// How often the case must be asked until it fails with a probability above 99.9 %; nil where once is enough.
  ///
  /// With the frequency p, (1 − p)ⁿ < 10⁻³ from n = 6.91/p on. The frequency itself is known from `failed` failures only, so n
  /// is taken ten times as large from three failures on, 20 times for fewer.
  public var repeats: Int? {
    // Not seen in n questions: ten times as many may show it.
    if case .notSeenAgain(let count) = self { return max(10_000, 10 * count) }
    guard case .sometimes(let failed, let count) = self, failed > 0 else { return nil }
    let margin: Double = failed >= 3 ? 10 : 20
    return min(10_000_000, Int((6.91 * margin * Double(count) / Double(failed)).rounded(.up)))
  }
}

/// A failing case as it can be shown again.
public struct Reproduction: Hashable, Sendable {
  /// The shrunk case, or the case as it was found where the shrunk one does not fail again.
  public let tape: Tape
  public let repeatability: Repeatability
  /// What came of the case as it was found, where the line replays that one; nil where it replays the shrunk one.
  public internal(set) var failure: Failure?

  public init(tape: Tape, repeatability: Repeatability) {
    (self.tape, self.repeatability) = (tape, repeatability)
  }

  /// The options that a line needs which shows the failure again.
  public var options: [String] {
    repeatability.after.flatMap { ["--after", "\($0)"] }
      + (repeatability.repeats.map { ["--repeat", "\($0)"] } ?? [])
  }
}
