import Foundation
import Synchronization

/// Progress of long work on standard error: a bar with rate and time left on a terminal, plain lines elsewhere.
final class ProgressLine: Sendable {
  private struct State {
    var done = 0
    var started: ContinuousClock.Instant
    var shown: ContinuousClock.Instant
  }

  private let title: String
  private let unit: String
  private let total: Int
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let state: Mutex<State>

  /// - Parameter done: what was there before, which does not count for the rate.
  init(_ title: String, unit: String, total: Int) {
    (self.title, self.unit, self.total) = (title, unit, total)
    let now = ContinuousClock.now
    state = Mutex(State(started: now, shown: now))
  }

  /// Counts `count` more; shows at most ten times a second on a terminal, every ten seconds elsewhere.
  func advance(by count: Int = 1) {
    let line: String? = state.withLock { state in
      state.done += count
      let now = ContinuousClock.now
      guard now - state.shown > (isTerminal ? .milliseconds(100) : .seconds(10)) else { return nil }
      state.shown = now
      return text(state.done, elapsed: now - state.started)
    }
    if let line { show(line) }
  }

  /// Takes the bar away before other text is printed.
  func clear() {
    if isTerminal { write("\r\u{1b}[K") }
  }

  private func text(_ done: Int, elapsed: Duration) -> String {
    let seconds = max(elapsed / .seconds(1), 1e-9)
    let rate = Double(done) / seconds
    let left = Int((Double(total - done) / max(rate, 1e-9)).rounded(.up))
    let filled = total == 0 ? 0 : min(20, 20 * done / total)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
    return "\(title) \(bar) \(done)/\(total) \(unit), \(Int(rate))/s, \(left) s left"
  }

  private func show(_ line: String) { write(isTerminal ? "\r\(line)\u{1b}[K" : line + "\n") }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
