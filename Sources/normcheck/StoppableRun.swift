import Dispatch
import Foundation
import NormLaws
import ReproducibleMath

/// A run that SIGINT, SIGTERM or a limit of time ends early, with a report of what is judged by then. A second signal ends the
/// command at once.
final class StoppableRun {
  let flag = RunStop()
  private var sources: [any DispatchSourceProtocol] = []

  /// - Parameters:
  ///   - limit: in seconds; nil for none
  ///   - onStop: called once the run is to end, on any thread
  init(limit: Double?, onStop: @escaping @Sendable () -> Void) {
    let flag = flag
    for (number, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        signal(number, SIG_DFL)
        flag.set(name)
        onStop()
      }
      source.activate()
      sources.append(source)
    }
    guard let limit else { return }
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + limit)
    timer.setEventHandler {
      flag.set("the limit of \(limit) s")
      onStop()
    }
    timer.activate()
    sources.append(timer)
  }

  /// Says that the report is not of all rows; does nothing where it is.
  ///
  /// - Throws: the reason, which ends the command with status 2.
  func report(judged: Int, of rows: Int, isText: Bool) throws {
    guard let reason = flag.reason, judged < rows else { return }
    let text = "stopped after \(judged) of \(counted(rows, "row")) by \(reason)"
    if isText { print("\nThe run was \(text).") }
    throw CannotRun(description: text)
  }
}
