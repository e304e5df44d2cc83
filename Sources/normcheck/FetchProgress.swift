import Datasets
import Foundation
import ReproducibleMath

/// Shows the progress of a fetch on standard error: one changing line on a terminal, else one line for each event.
final class FetchProgress {
  private let isTerminal = isatty(2) == 1
  private var start = ContinuousClock.now
  private var lastShown: ContinuousClock.Instant?
  /// Bytes that an earlier transfer left.
  private var resumedFrom = 0

  func show(_ event: FetchEvent) {
    switch event {
    case .present(let file, let path): line("\(file.rawValue): intact in \(path)")
    case .started(let file, let mirror, let bytes):
      (start, lastShown, resumedFrom) = (.now, nil, bytes)
      line("\(file.rawValue): from \(mirror)" + (bytes > 0 ? ", resumed at byte \(bytes)" : ""))
    case .received(let file, let bytes, let total):
      if isTerminal { received(file, bytes: bytes, total: total) }
    case .failed(let file, let failure): line("\(file.rawValue): \(failure.mirror) failed: \(failure.reason)")
    case .installed(let file, let path): line("\(file.rawValue): checked, now \(path)")
    }
  }

  /// Shows size, percentage, rate and time left, at most ten times a second.
  private func received(_ file: DatasetFile, bytes: Int, total: Int?) {
    let now = ContinuousClock.now
    if let lastShown, now - lastShown < .milliseconds(100), bytes != total { return }
    lastShown = now
    let rate = Double(bytes - resumedFrom) / max((now - start) / .seconds(1), 1e-3)
    var text = "\(file.rawValue): \(fixed(1e-6 * Double(bytes), 1)) MB"
    if let total { text += " of \(fixed(1e-6 * Double(total), 1)) MB (\(100 * bytes / max(total, 1)) %)" }
    text += ", \(fixed(1e-6 * rate, 1)) MB/s"
    if let total, rate > 0 { text += ", \(fixed(Double(total - bytes) / rate, 0)) s left" }
    FileHandle.standardError.write(Data(("\r\u{1b}[K" + text).utf8))
  }

  /// Prints a line; on a terminal it replaces the changing one.
  private func line(_ text: String) { printDiagnostic((isTerminal ? "\r\u{1b}[K" : "") + text) }
}
