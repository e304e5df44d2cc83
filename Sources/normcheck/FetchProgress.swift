import Datasets
import Foundation
import ReproducibleMath
import Synchronization

/// Shows on standard error how a fetch goes: one changing line on a terminal, else a plain line for each event.
final class FetchProgress: Sendable {
  private struct Transfer {
    var begin = ContinuousClock.now
    var shown: ContinuousClock.Instant?
    var first = 0
  }

  private let isTerminal = isatty(2) == 1
  private let transfer = Mutex(Transfer())

  func show(_ event: FetchEvent) {
    switch event {
    case .present(let file, let path): line("\(file.rawValue): intact in \(path)")
    case .started(let file, let mirror, let bytes):
      transfer.withLock { $0 = Transfer(first: bytes) }
      line("\(file.rawValue): from \(mirror)" + (bytes > 0 ? ", resumed at byte \(bytes)" : ""))
    case .received(let file, let bytes, let total):
      if isTerminal { received(file, bytes: bytes, total: total) }
    case .failed(let file, let failure): line("\(file.rawValue): \(failure.mirror) failed: \(failure.reason)")
    case .installed(let file, let path): line("\(file.rawValue): checked, now \(path)")
    }
  }

  /// At most ten times a second: size, share, rate and time left.
  private func received(_ file: DatasetFile, bytes: Int, total: Int?) {
    let now = ContinuousClock.now
    let elapsed: Duration? = transfer.withLock { transfer in
      if let shown = transfer.shown, now - shown < .milliseconds(100), bytes != total { return nil }
      transfer.shown = now
      return now - transfer.begin
    }
    guard let elapsed else { return }
    let seconds = max(elapsed / .seconds(1), 1e-3)
    let rate = Double(bytes - transfer.withLock(\.first)) / seconds
    var text = "\(file.rawValue): \(fixed(1e-6 * Double(bytes), 1)) MB"
    if let total { text += " of \(fixed(1e-6 * Double(total), 1)) MB (\(100 * bytes / max(total, 1)) %)" }
    text += ", \(fixed(1e-6 * rate, 1)) MB/s"
    if let total, rate > 0 { text += ", \(fixed(Double(total - bytes) / rate, 0)) s left" }
    FileHandle.standardError.write(Data(("\r\u{1b}[K" + text).utf8))
  }

  /// A line of its own, in the place of the changing one.
  private func line(_ text: String) { printDiagnostic((isTerminal ? "\r\u{1b}[K" : "") + text) }
}
