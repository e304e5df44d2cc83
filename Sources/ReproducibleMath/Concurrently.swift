import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What `body` returns for each item, in the order of the items, with up to `workers` items at once.
///
/// The workers are threads of their own, not those of Swift's cooperative pool: a body may compute for long, wait for
/// another process, or recurse deeply. The caller waits until all workers have ended. A body does not see the task-local
/// values of the caller.
///
/// - Parameters:
///   - workers: values below 1 count as 1
///   - afterItem: called with each result as soon as it is there, one call at a time, on the worker's thread
/// - Throws: the first error that a body threw. No item begins after an error; items that have begun are finished.
public func concurrently<Item: Sendable, Result: Sendable, Failure: Error>(
  _ items: [Item], workers: Int, afterItem: @Sendable (Result) -> Void = { _ in },
  _ body: @Sendable (Item) throws(Failure) -> Result
) throws(Failure) -> [Result] {
  let end = withoutActuallyEscaping(body) { body in
    withoutActuallyEscaping(afterItem) { afterItem in
      let queue = WorkQueue(items, afterItem, body)
      runThreads(min(max(workers, 1), items.count)) { queue.work() }
      return queue.progress
    }
  }
  if let failure = end.failure { throw failure }
  return end.results.compactMap { $0 }
}

/// Items that several threads take one after another.
private final class WorkQueue<Item: Sendable, Result: Sendable, Failure: Error>: Sendable {
  struct Progress: Sendable {
    var next = 0
    var results: [Result?]
    /// The first error.
    var failure: Failure?
  }

  private let items: [Item]
  private let body: @Sendable (Item) throws(Failure) -> Result
  private let afterItem: @Sendable (Result) -> Void
  private let state: Mutex<Progress>
  /// Held while `afterItem` runs.
  private let reporting = Mutex(())

  init(
    _ items: [Item], _ afterItem: @escaping @Sendable (Result) -> Void,
    _ body: @escaping @Sendable (Item) throws(Failure) -> Result
  ) {
    (self.items, self.afterItem, self.body) = (items, afterItem, body)
    state = Mutex(Progress(results: Array(repeating: nil, count: items.count)))
  }

  var progress: Progress { state.withLock { $0 } }

  /// Handles items until none is left or one has failed.
  func work() {
    while let i = next() {
      do {
        let result = try body(items[i])
        state.withLock { $0.results[i] = result }
        reporting.withLock { _ in afterItem(result) }
      } catch {
        state.withLock { $0.failure = $0.failure ?? error }
      }
    }
  }

  private func next() -> Int? {
    state.withLock { progress in
      guard progress.failure == nil, progress.next < progress.results.count else { return nil }
      defer { progress.next += 1 }
      return progress.next
    }
  }
}

/// Runs `body` on `count` threads with 8 MiB of stack each, and returns when all have ended. If no thread can be started, the
/// caller runs it.
private func runThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) {
  final class Context: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  let context = Context(body)
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setstacksize(&attributes, 8 << 20)
  // An optional handle on some platforms, a number on others.
  var threads: [pthread_t?] = []
  for _ in 0..<count {
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let code = pthread_create(
      &thread, &attributes,
      { context in
        let context: UnsafeMutableRawPointer? = context
        if let context { Unmanaged<Context>.fromOpaque(context).takeUnretainedValue().body() }
        return nil
      }, Unmanaged.passUnretained(context).toOpaque())
    guard code == 0 else { break }
    threads.append(thread)
  }
  if threads.isEmpty, count > 0 { body() }
  for case let thread? in threads { pthread_join(thread, nil) }
  withExtendedLifetime(context) {}
}
