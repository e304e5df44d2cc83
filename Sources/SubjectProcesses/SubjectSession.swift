import BatchNormTesting
import Synchronization

/// One caller's own processes: within `SubjectSession.$current.withValue(session)` all requests of one subject go to one
/// process, which the session starts itself and which serves nobody else.
///
/// So what a process was asked before is known, and a new session is a process that was never asked. Without a session
/// requests go to any idle process. One caller at a time.
public final class SubjectSession: Sendable {
  @TaskLocal public static var current: SubjectSession?

  /// Whose process: `SubjectProcesses` and subject.
  struct Key: Hashable {
    let processes: ObjectIdentifier
    let subject: String
  }

  private struct State {
    var processes: [Key: ChildProcess] = [:]
    var starts: [String: Int] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// How many processes the session has started for that subject: where the number has changed, a new one has forgotten what
  /// the old one was asked.
  public func starts(of subject: String) -> Int { state.withLock { $0.starts[subject] ?? 0 } }

  func process(_ key: Key) -> ChildProcess? { state.withLock { $0.processes[key] } }

  func keep(_ process: ChildProcess, _ key: Key) {
    state.withLock { state in
      state.processes[key] = process
      state.starts[key.subject, default: 0] += 1
    }
  }

  /// After a fault: the next request starts a new process.
  func drop(_ key: Key) { _ = state.withLock { $0.processes.removeValue(forKey: key) } }
}
