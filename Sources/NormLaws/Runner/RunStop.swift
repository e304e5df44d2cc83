import Synchronization

/// Says to all workers of a run that it is to end, and why.
public final class RunStop: Sendable {
  private let cause = Mutex<String?>(nil)
  private let deadline: ContinuousClock.Instant?

  /// - Parameter limit: after this the run is to end by itself; nil for never
  public init(after limit: Duration? = nil) { deadline = limit.map { .now + $0 } }

  /// Ends the run; the first reason counts.
  public func set(_ reason: String) { cause.withLock { $0 = $0 ?? reason } }

  public var isSet: Bool {
    if let deadline, ContinuousClock.now >= deadline { set("the time limit") }
    return reason != nil
  }

  /// Why the run is to end; nil as long as it is not.
  public var reason: String? { cause.withLock { $0 } }
}
