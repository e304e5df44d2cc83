extension Source {
  /// One case made of several: what `judge` says of each in turn, up to the first that does not hold.
  ///
  /// The number of parts is a choice, so that shrinking leaves only the part that fails.
  public mutating func several(_ count: Int, _ judge: (inout Source) throws -> Outcome) throws -> Outcome {
    let position = recording.choices.count
    let drawn = try integer(in: 1...max(count, 1)) { _ in count }
    var total: Outcome?
    part = (0, drawn)
    defer { part = (0, 1) }
    _ = try elements(count: drawn, lengthPosition: position) { source in
      defer { source.part.number += 1 }
      if let total, total.isFinal { return }
      let next = try judge(&source)
      total = total.map { $0.joined(with: next) } ?? next
    }
    return total ?? .holds
  }
}

extension Outcome {
  /// Whether the parts that follow are not judged any more.
  fileprivate var isFinal: Bool {
    switch self {
    case .failed, .invalid, .overrun: true
    case .holds, .vacuous, .excluded: false
    }
  }

  /// The outcome of this case, which is not final, and another one. A part that proves nothing takes nothing from those that hold.
  fileprivate func joined(with next: Outcome) -> Outcome {
    guard case .holds(let ratio, let notes) = self else { return next }
    switch next {
    case .holds(let other, let more):
      let ratios = [ratio, other].compactMap { $0 }
      let fresh = more.filter { note in !notes.contains { $0.isSame(as: note) } }
      return .holds(ratio: ratios.max(), notes: notes + fresh)
    case .failed(let failures): return .failed(failures + notes)
    case .vacuous, .excluded: return self
    case .invalid, .overrun: return next
    }
  }
}
