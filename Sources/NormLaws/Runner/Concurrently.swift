import Oracles
import ReproducibleMath

/// `concurrently` for bodies that judge: what the oracles compare is written into the caller's ledger.
///
/// - Parameter afterItem: called when an item is done, one call at a time
package func judgeConcurrently<Item: Sendable, Result: Sendable>(
  _ items: [Item], workers: Int, afterItem: @Sendable () -> Void, _ body: @Sendable (Item) -> Result
) -> [Result] {
  let ledger = GSLLedger.current
  return concurrently(items, workers: workers, afterItem: { _ in afterItem() }) { item in
    GSLLedger.$current.withValue(ledger) { body(item) }
  }
}
