public import PropertyTesting

/// Finds out whether a counterexample fails again, and what it takes.
///
/// 1. Asked in three fresh processes, and 17 times more in the last: always → repeatable.
///    Right in each fresh process and wrong whenever it is asked again → after itself.
/// 2. Never: after what its process was asked before, replayed in a fresh process. If it then fails three times out of three,
///    the list is shortened: by its end first, then by leaving out halves, quarters, … (delta debugging).
/// 3. Else it is asked until three failures have come up, at most `Settings.questions` times, to know the frequency.
///
/// Shrinking asks many cases too, and the shrunk case may fail after those only: where it does not fail again the case as it was
/// found is tried.
public struct RepeatabilityCheck {
  public struct Settings: Hashable, Sendable {
    /// For one counterexample.
    public var timeLimit: Duration
    /// Times that a case is asked to find its frequency, at most.
    public var questions: Int
    /// The longest list of earlier cases that is told while a frequency is known as well.
    public var longestList: Int

    public init(timeLimit: Duration = .seconds(10), questions: Int = 10_000, longestList: Int = 20) {
      (self.timeLimit, self.questions, self.longestList) = (timeLimit, questions, longestList)
    }
  }

  private let law: Law
  private let candidate: Candidate
  private let fresh: () -> Candidate
  private let failure: Failure
  private let settings: Settings
  private let deadline: ContinuousClock.Instant

  /// - Parameter fresh: the candidate as if it had never been asked; nil for the candidate itself, which is right for subjects
  ///   in other processes and for those without memory
  public static func reproduction(
    of counterexample: Counterexample, _ law: Law, _ candidate: Candidate, _ journal: RunJournal,
    fresh: (() -> Candidate)? = nil, _ settings: Settings = Settings()
  ) -> Reproduction {
    let check = RepeatabilityCheck(
      law: law, candidate: candidate, fresh: fresh ?? { candidate }, failure: counterexample.failure,
      settings: settings, deadline: .now + settings.timeLimit)
    var found = check.reproduction(counterexample, journal)
    if found.tape != counterexample.tape { found.failure = check.failureAgain(found) }
    return found
  }

  /// What the reproduction shows when it is followed; nil where it does not fail this time.
  private func failureAgain(_ found: Reproduction) -> Failure? {
    let replay = replay()
    replay.ask(found.repeatability.after)
    return replay.outcome(found.tape, upTo: found.repeatability.repeats ?? 1)?.failures.first {
      $0.key == failure.key && $0.level == failure.level
    }
  }

  private func reproduction(_ counterexample: Counterexample, _ journal: RunJournal) -> Reproduction {
    let tapes = [counterexample.tape, counterexample.original].reduce(into: [Tape]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    for tape in tapes {
      if let found = alone(tape) { return Reproduction(tape: tape, repeatability: found) }
    }
    var long: Reproduction?
    for tape in tapes {
      let history = journal.history(of: law, candidate, tape)
      guard let list = shortest([ServedCase(law: law.id, tape: tape)], history, tape) else { continue }
      let found = Reproduction(tape: tape, repeatability: .afterEarlierCalls(list))
      if list.count <= settings.longestList { return found }
      long = long ?? found
    }
    var asked = 0
    for tape in tapes {
      let (failed, of) = frequency(tape)
      asked += of
      if failed > 0 { return Reproduction(tape: tape, repeatability: .sometimes(failed: failed, of: of)) }
    }
    return long ?? Reproduction(tape: counterexample.tape, repeatability: .notSeenAgain(of: asked))
  }

  private func replay() -> CaseReplay { CaseReplay(law, fresh()) }

  /// Steps 1 and, where it fails now and then, 3; nil where it never fails, or never at first.
  private func alone(_ tape: Tape) -> Repeatability? {
    let firsts = (0..<3).map { _ in replay().fails(tape, as: failure) }.count { $0 }
    let again = replay()
    _ = again.outcome(tape)
    let later = (0..<16).count { _ in again.fails(tape, as: failure) }
    switch (firsts, later) {
    case (3, 16): return .repeatable
    case (3, 0): return .onlyFirst
    case (0, 0): return nil
    // Every time except the first: after itself, which is an earlier call.
    case (0, 16): return .afterEarlierCalls([ServedCase(law: law.id, tape: tape)])
    default:
      let (failed, of) = frequency(tape)
      return .sometimes(failed: failed + firsts + later, of: of + 20)
    }
  }

  /// The shortest list found after which the case fails three times out of three; nil where not even the whole one will do.
  private func shortest(_ itself: [ServedCase], _ history: [ServedCase], _ tape: Tape) -> [ServedCase]? {
    if failsAlways(after: itself, tape) { return itself }
    guard !history.isEmpty else { return nil }
    var length = 1
    while length < history.count, isInTime {
      let end = Array(history.suffix(length))
      if failsAlways(after: end, tape) { return shortened(end, tape) }
      length *= 4
    }
    return failsAlways(after: history, tape) ? shortened(history, tape) : nil
  }

  /// Delta debugging: leaves out ever smaller parts as long as the case still fails.
  private func shortened(_ list: [ServedCase], _ tape: Tape) -> [ServedCase] {
    var list = list
    var parts = 2
    while list.count > 1, isInTime {
      let size = (list.count + parts - 1) / parts
      let starts = Array(stride(from: 0, to: list.count, by: size))
      let shorter = starts.lazy.map { start in
        Array(list[..<start]) + list[min(start + size, list.count)...]
      }.first { candidate in
        isInTime && failsAlways(after: candidate, tape)
      }
      if let shorter {
        list = shorter
        parts = max(2, parts - 1)
      } else if size == 1 {
        break
      } else {
        parts = min(list.count, parts * 2)
      }
    }
    return list
  }

  private func failsAlways(after cases: [ServedCase], _ tape: Tape) -> Bool {
    (0..<3).allSatisfy { _ in
      let replay = replay()
      for served in cases {
        guard isInTime else { return false }
        replay.ask([served])
      }
      return replay.fails(tape, as: failure)
    }
  }

  private func frequency(_ tape: Tape) -> (failed: Int, of: Int) {
    let replay = replay()
    let end = ContinuousClock.now + settings.timeLimit
    var (failed, count) = (0, 0)
    while failed < 3, count < settings.questions, ContinuousClock.now < end {
      count += 1
      if replay.fails(tape, as: failure) { failed += 1 }
    }
    return (failed, count)
  }

  private var isInTime: Bool { ContinuousClock.now < deadline }
}
