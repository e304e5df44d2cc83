import Foundation
import Synchronization

/// Progress of long work on standard error: a bar with rate and time left on a terminal, plain lines elsewhere.
final class ProgressLine: Sendable {
  private struct State {
    var done = 0
    var work = 0.0
    var started: ContinuousClock.Instant
    var shown: ContinuousClock.Instant
  }

  private let title: String
  private let unit: String
  private let total: Int
  private let totalWork: Double?
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let state: Mutex<State>

  /// - Parameter work: where units are of different size, what they add up to: the time left is estimated from it.
  init(_ title: String, unit: String, total: Int, work: Double? = nil) {
    (self.title, self.unit, self.total, totalWork) = (title, unit, total, work)
    let now = ContinuousClock.now
    state = Mutex(State(started: now, shown: now))
  }

  /// Counts `count` more, which were `work`; shows at most ten times a second on a terminal, every ten seconds elsewhere.
  func advance(by count: Int = 1, work: Double = 0) {
    let line: String? = state.withLock { state in
      state.done += count
      state.work += work
      let now = ContinuousClock.now
      guard now - state.shown > (isTerminal ? .milliseconds(100) : .seconds(10)) else { return nil }
      state.shown = now
      return text(state, elapsed: now - state.started)
    }
    if let line { show(line) }
  }

  /// Takes the bar away before other text is printed.
  func clear() {
    if isTerminal { write("\r\u{1b}[K") }
  }

  private func text(_ state: State, elapsed: Duration) -> String {
    let seconds = max(elapsed / .seconds(1), 1e-9)
    let rate = Double(state.done) / seconds
    let share = totalWork.map { state.work / max($0, 1e-9) } ?? Double(state.done) / Double(max(total, 1))
    let left = Int((seconds * (1 - share) / max(share, 1e-9)).rounded(.up))
    let filled = min(20, Int(20 * share))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
    let speed = rate < 1 ? "\(Int(60 * rate))/min" : "\(Int(rate))/s"
    return "\(title) \(bar) \(state.done)/\(total) \(unit), \(speed), \(left) s left"
  }

  private func show(_ line: String) { write(isTerminal ? "\r\(line)\u{1b}[K" : line + "\n") }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
