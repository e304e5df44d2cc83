import BatchNormTesting
public import PropertyTesting
import SubjectProcesses
import Synchronization

/// One case that a subject was asked: a law and its tape.
public struct ServedCase: Hashable, Sendable, CustomStringConvertible {
  public let law: String
  public let tape: Tape

  public init(law: String, tape: Tape) { (self.law, self.tape) = (law, tape) }

  /// LAW:TAPE, as the command reads it.
  public var description: String { "\(law):\(tape)" }

  /// The case with that text.
  ///
  /// - Throws: `TapeError` where what follows the first colon is not a tape.
  public init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(law: String(parts[0]).uppercased(), tape: try Tape(parts.count > 1 ? String(parts[1]) : ""))
  }
}

/// What one worker of a run has asked each subject, in order, those of shrinking included.
///
/// Within `CaseLog.$current.withValue(log)` every case of a law notes itself here. Where the subject's process was replaced the
/// log of that subject starts anew, for the new process knows nothing of the old one.
public final class CaseLog: Sendable {
  @TaskLocal static var current: CaseLog?

  /// At least so many of the last cases of each subject are kept.
  private static let kept = 5000

  /// The processes of this worker.
  let session = SubjectSession()

  private struct Served {
    var starts = 0
    var cases: [ServedCase] = []
    /// Places in `cases` of those that broke their law.
    var broken: [Int] = []
  }

  private let served = Mutex<[String: Served]>([:])

  init() {}

  func note(_ law: String, _ subject: String, _ tape: Tape, isBroken: Bool) {
    let starts = session.starts(of: subject)
    served.withLock { served in
      if served[subject]?.starts != starts { served[subject] = Served(starts: starts) }
      var own = served[subject] ?? Served()
      served[subject] = nil
      own.cases.append(ServedCase(law: law, tape: tape))
      if isBroken { own.broken.append(own.cases.count - 1) }
      if own.cases.count >= 2 * Self.kept {
        let surplus = own.cases.count - Self.kept
        own.cases.removeFirst(surplus)
        own.broken = own.broken.map { $0 - surplus }.filter { $0 >= 0 }
      }
      served[subject] = own
    }
  }

  /// What came before the first time that this case broke its law; nil where it is not known.
  func history(of served: ServedCase, _ subject: String) -> [ServedCase]? {
    self.served.withLock { all in
      guard let own = all[subject], let place = own.broken.first(where: { own.cases[$0] == served }) else { return nil }
      return Array(own.cases[..<place])
    }
  }

  /// Everything that is asked in `body` is noted here and goes to this worker's own processes.
  func recording<Result>(_ body: () throws -> Result) rethrows -> Result {
    try CaseLog.$current.withValue(self) { try SubjectSession.$current.withValue(session) { try body() } }
  }
}

/// The logs of all workers of a run, and for each counterexample what its process was asked before.
public final class RunJournal: Sendable {
  struct Key: Hashable {
    let law: String
    let subject: String
    let tape: Tape
  }

  private struct State {
    var idle: [CaseLog] = []
    var histories: [Key: [ServedCase]] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// `body` with a log that no other worker has at the same time; then the history of each counterexample of its summary.
  func row(_ law: Law, _ candidate: Candidate, _ body: () -> RunSummary?) -> RunSummary? {
    let log = state.withLock { $0.idle.popLast() } ?? CaseLog()
    let summary = log.recording(body)
    for counterexample in summary.map(\.errors) ?? [] {
      for tape in [counterexample.tape, counterexample.original] {
        let history = log.history(of: ServedCase(law: law.id, tape: tape), candidate.name)
        let key = Key(law: law.id, subject: candidate.name, tape: tape)
        state.withLock { $0.histories[key] = history }
      }
    }
    state.withLock { $0.idle.append(log) }
    return summary
  }

  /// What the process that judged this case was asked before it; empty where it is not known.
  public func history(of law: Law, _ candidate: Candidate, _ tape: Tape) -> [ServedCase] {
    state.withLock { $0.histories[Key(law: law.id, subject: candidate.name, tape: tape)] ?? [] }
  }

  /// Ends the processes of all workers.
  public func close() { state.withLock { $0.idle = [] } }
}
