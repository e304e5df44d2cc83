import BatchNormTesting
import Foundation
import ReproducibleMath
import Synchronization

/// A running command with pipes to its standard input, output and error, in a process group of its own.
///
/// One caller at a time. Nothing that the command does blocks the caller beyond its deadline: all ends of the pipes are
/// non-blocking, standard error is emptied while an answer is awaited, and a closed pipe is an error code instead of a signal.
final class ChildProcess: @unchecked Sendable {
  /// The longest line that is read, newline excluded: 64 MiB.
  static let lineLimit = 64 << 20
  /// How much of standard error is kept: 4 KiB.
  static let diagnosticsLimit = 4096

  let id: pid_t
  let input: Int32
  let output: Int32
  let errors: Int32
  /// What was read behind the last line.
  var received: [UInt8] = []
  var lastErrors: [UInt8] = []
  var errorsAreOpen = true
  private var status: Int32?
  private var ending: String?

  /// Starts `command` without a shell; its first word is looked up in PATH.
  ///
  /// Throws what the system says where that is not possible.
  init(_ command: [String]) throws(StartError) {
    _ = Self.brokenPipesAreIgnored
    // One start at a time: no other child inherits an end of these pipes before they are marked as not to be inherited.
    let result = Self.starting.withLock { _ in Self.start(command) }
    (id, input, output, errors) = try result.get()
  }

  /// Why a command did not start.
  struct StartError: Error {
    let code: Int32
    var text: String { String(cString: strerror(code)) }
  }

  private static let starting = Mutex(())
  private static let brokenPipesAreIgnored: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

  private static func start(_ command: [String]) -> Result<(pid_t, Int32, Int32, Int32), StartError> {
    var ends: [Int32] = []
    func closeAll() { ends.forEach { _ = close($0) } }
    for _ in 0..<3 {
      var pair: [Int32] = [-1, -1]
      guard pipe(&pair) == 0 else {
        closeAll()
        return .failure(StartError(code: errno))
      }
      ends += pair
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var id = pid_t()
    let code = spawn(command, standard: [ends[0], ends[3], ends[5]], id: &id)
    guard code == 0 else {
      closeAll()
      return .failure(StartError(code: code))
    }
    for end in [ends[0], ends[3], ends[5]] { _ = close(end) }
    for end in [ends[1], ends[2], ends[4]] { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
    return .success((id, ends[1], ends[2], ends[4]))
  }

  /// `posix_spawnp` with these standard streams, a new process group, and the signals that this process ignores deadly again.
  private static func spawn(_ command: [String], standard: [Int32], id: inout pid_t) -> Int32 {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (number, end) in standard.enumerated() { posix_spawn_file_actions_adddup2(&actions, end, Int32(number)) }
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    return posix_spawnp(&id, command[0], &actions, &attributes, &words, environ)
  }

  /// How the process ended, in words; kills it, and all of its group, where it has not within `patience`.
  @discardableResult
  func end(patience: Duration) -> String {
    if let ending { return ending }
    let deadline = ContinuousClock.now + patience
    while !hasEnded(WNOHANG), ContinuousClock.now < deadline { usleep(1000) }
    let status = status
    // Also where the process itself is gone: it may have left children behind.
    _ = kill(-id, SIGKILL)
    _ = hasEnded(0)
    let text = status.map(Self.text) ?? "closed its output"
    ending = text
    return text
  }

  /// The low seven bits of a status are the signal, 0 for an exit, whose status stands in the next eight.
  private static func text(_ status: Int32) -> String {
    status & 0x7f == 0 ? "exited with status \((status >> 8) & 0xff)" : "ended by signal \(status & 0x7f)"
  }

  private func hasEnded(_ options: Int32) -> Bool {
    guard status == nil else { return true }
    var code: Int32 = 0
    var result = waitpid(id, &code, options)
    while result == -1 && errno == EINTR { result = waitpid(id, &code, options) }
    if result != 0 { status = result == id ? code : 0 }
    return result != 0
  }

  deinit {
    _ = close(input)
    // End of input means: exit. A process that does not exit is killed.
    end(patience: .milliseconds(200))
    _ = close(output)
    _ = close(errors)
  }
}
