/// One line of counts, then each counterexample with its fields and its tape.
extension RunSummary: CustomStringConvertible {
  public var description: String {
    var line = "\(id): \(verdict.rawValue), \(counts.cases) of \(requested) cases"
    for (name, count) in [
      ("failed", counts.failed), ("vacuous", counts.vacuous), ("invalid", counts.invalid), ("overrun", counts.overrun),
      ("excluded", counts.excluded), ("with a note", counts.noted),
    ] where count > 0 {
      line += ", \(count) \(name)"
    }
    if let worst { line += ", worst error/bound \(worst.ratio)" }
    line += ", seed \(seed)"
    let reasons = remarks.sorted { $0.key < $1.key }.map { "  \($0.value) × \($0.key)" }
    return ([line] + reasons + counterexamples.map(\.description)).joined(separator: "\n")
  }
}

extension Counterexample: CustomStringConvertible {
  public var description: String {
    let fields = failure.fields.map { "    \($0.name): \($0.value)" }
    let header = "  case \(caseIndex), \(failure.level.word): \(failure.identity)"
    return ([header] + fields + ["    tape: \(tape)", "    tape as found: \(original)"]).joined(separator: "\n")
  }
}
