// Passes that make the tape shorter.
extension Shrinker {
  /// Removes elements of arrays, in chunks of falling size, from the end; the length is lowered in the same edit.
  ///
  /// An array whose length the caller knew belongs to every integer before it that has this value: rows are removed
  /// from all arrays of that size at once.
  mutating func removeElements() {
    var position = 0
    while position < best.choices.count, !isExhausted {
      if case .integer(let count) = best.choices[position], count > 0 { removeElements(lengthAt: position, count) }
      position += 1
    }
  }

  private mutating func removeElements(lengthAt position: Int, _ count: Int) {
    var size = count
    var chunk = size
    while chunk > 0 {
      var start = size - chunk
      while start >= 0 {
        if remove(start..<start + chunk, lengthAt: position, size) {
          size -= chunk
          guard choice(position) == .integer(size) else { return }
        }
        start -= chunk
      }
      chunk = min(chunk / 2, size)
    }
  }

  private mutating func remove(_ elements: Range<Int>, lengthAt position: Int, _ count: Int) -> Bool {
    let own = best.arrays.filter { $0.lengthPosition == position }
    let arrays =
      own.isEmpty
      ? best.arrays.filter { $0.lengthPosition == nil && $0.count == count && $0.bounds[0] > position } : own
    let length = Choice.integer(count - elements.count)
    guard !arrays.isEmpty, best.domains[position].contains(length) else { return false }
    var edit = self.edit
    edit.choices[position] = length
    edit.removed = arrays.map { $0.bounds[elements.lowerBound]..<$0.bounds[elements.upperBound] }
      .sorted { $0.lowerBound < $1.lowerBound }
    return attempt(edit)
  }

  /// Lists the values that seeds stand for. The case stays the same, so this costs one attempt a seed.
  mutating func listBulks() {
    for bulk in best.bulks.reversed() {
      var edit = self.edit
      edit.choices.replaceSubrange(bulk.start..<bulk.start + 2, with: [.boolean(false)] + bulk.values)
      _ = attempt(edit, .none)
    }
  }
}
