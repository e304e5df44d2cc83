/// What `body` makes of each item, in the items' order, `workers` of them at once.
///
/// - Parameter afterItem: called when an item is done, one call at a time
package func concurrently<Item: Sendable, Result: Sendable>(
  _ items: [Item], workers: Int, afterItem: () -> Void, _ body: @escaping @Sendable (Item) -> Result
) async -> [Result] {
  var results = [Result?](repeating: nil, count: items.count)
  await withTaskGroup(of: (Int, Result).self) { group in
    var next = 0
    func addNext() {
      guard next < items.count else { return }
      let (i, item) = (next, items[next])
      next += 1
      group.addTask { (i, body(item)) }
    }
    for _ in 0..<max(workers, 1) { addNext() }
    for await (i, result) in group {
      results[i] = result
      afterItem()
      addNext()
    }
  }
  return results.compactMap { $0 }
}
