import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

extension ReferenceAnswers {
  /// Whose answers are expected. This decides what is allowed beyond the bounds of the laws.
  private enum Side {
    case right
    /// A mutant's, with its `Entry.failing`; nil if that is not known.
    case mutant(failing: Set<DiagnosisPart>?)
  }

  /// The parts in which the answers are not the right ones.
  func differing(_ answers: [Probe.Answer]) -> Set<DiagnosisPart> {
    probes.indices.reduce(into: []) { wrong, i in
      if profile?.policies.emptyBatch != .error, probes[i].asksEmptyBatch { return }
      for part in parts(of: i) where !wrong.contains(part) && !settled.contains(part) {
        if !agree(answers[i], right[i], probe: i, in: [part], .right) { wrong.insert(part) }
      }
    }
  }

  /// The parts in which the candidate follows a policy that the reference does not: nothing has to be explained there.
  private var settled: Set<DiagnosisPart> {
    guard let policies = profile?.policies else { return [] }
    var parts: Set<DiagnosisPart> = []
    if policies.nanAtWeightZero == .spreads { parts.insert(.weightZeroNaN) }
    if policies.momentumDomain == .open { parts.formUnion([.weightZero, .weightZeroNaN]) }
    if policies.subnormals == .flushed { parts.insert(.subnormal) }
    return parts
  }

  /// The parts in which an answer is NaN, infinite or a negative variance and the right one is not.
  func failing(_ answers: [Probe.Answer]) -> Set<DiagnosisPart> {
    zip(answers, right).reduce(into: []) { failing, pair in
      guard case (.readings(let observed), .readings(let right)) = pair else { return }
      for (one, other) in zip(observed, right)
      where !failing.contains(one.part) {
        // Equal numbers before the first difference cannot tell.
        guard let first = one.firstDifference(other) else { continue }
        let rest = zip(one.numbers.dropFirst(first), other.numbers.dropFirst(first))
        if rest.contains(where: { one.part.fails($0, $1) }) { failing.insert(one.part) }
      }
    }
  }

  /// The parts that the answers to one probe belong to.
  func parts(of probe: Int) -> Set<DiagnosisPart> {
    guard case .readings(let readings) = right[probe] else { return [probes[probe].refusalPart] }
    return Set(readings.map(\.part)).union([probes[probe].refusalPart])
  }

  /// Whether the answers are the mutant's in these parts.
  func agree(_ answers: [Probe.Answer], with entry: Entry, in parts: [DiagnosisPart]) -> Bool {
    probes.indices.allSatisfy { i in
      let answer = entry.answers.indices.contains(i) ? entry.answers[i] : probes[i].answer(of: candidate(entry.mutant))
      return agree(answers[i], answer, probe: i, in: parts, .mutant(failing: entry.failing))
    }
  }

  private func candidate(_ mutant: Mutant) -> Candidate {
    mutant.candidate(under: mutantConvention ?? .pytorch, type)
  }

  /// Whether the answer to one probe is the mutant's in these parts.
  func agree(_ answer: Probe.Answer, with mutant: Probe.Answer, probe i: Int, in parts: [DiagnosisPart]) -> Bool {
    agree(answer, mutant, probe: i, in: parts, .mutant(failing: nil))
  }

  private func agree(
    _ observed: Probe.Answer, _ expected: Probe.Answer, probe i: Int, in parts: [DiagnosisPart], _ side: Side
  ) -> Bool {
    let isAbout = parts.contains(probes[i].refusalPart)
    switch (observed, expected) {
    case (.absent, _), (_, .absent), (.refused, .refused): return true
    case (.refused, _), (_, .refused): return !isAbout
    case (.readings, .readings) where right[i] == .refused: return !isAbout || observed == expected
    case (.readings(let observed), .readings(let expected)):
      // A part that only one of them answers.
      let (fewer, more) = observed.count < expected.count ? (observed, expected) : (expected, observed)
      if more.dropFirst(fewer.count).contains(where: { parts.contains($0.part) }) { return false }
      for (k, (one, other)) in zip(observed, expected).enumerated() where parts.contains(one.part) {
        if !agree(one, other, bounds.isEmpty ? nil : bounds[i].isEmpty ? nil : bounds[i][k], probe: i, side) {
          return false
        }
      }
      return true
    }
  }

  /// Without bounds, equal bits.
  private func agree(
    _ one: Probe.Reading, _ other: Probe.Reading, _ bounds: [Double]?, probe: Int, _ side: Side
  ) -> Bool {
    guard one.part == other.part, one.numbers.count == other.numbers.count else { return false }
    guard let profile, let bounds, bounds.count == one.numbers.count else {
      return one.firstDifference(other) == nil
    }
    guard let first = one.firstDifference(other) else { return true }
    var growth = 0.0
    if case .mutant = side { growth = profile.accuracy == .reference ? 4 : 16 }
    let size = growth * profile.elementType.unitRoundoff * other.numbers.maximumMagnitude
    for i in first..<one.numbers.count where one.numbers[i].bitPattern != other.numbers[i].bitPattern {
      guard bounds[i].isFinite else {
        if !mayAgree(one.part, one.numbers[i], other.numbers[i], probe: probe, side) { return false }
        continue
      }
      var comparison = Comparison()
      comparison.add(observed: one.numbers[i], expected: other.numbers[i], bound: bounds[i] + size)
      if !comparison.passed { return false }
    }
    return true
  }

  /// Whether two numbers without a finite bound can be the same: not if one is NaN, infinite or a negative variance and the
  /// other is not, unless the order of sums decides and the mutant is known to give such numbers.
  private func mayAgree(_ part: DiagnosisPart, _ one: Double, _ other: Double, probe: Int, _ side: Side) -> Bool {
    guard let profile, case .mutant(let failing?) = side, probes[probe].isOfModerateSize else { return true }
    if probes[probe].isOrderSeen(profile) { return !part.fails(one, other) || failing.contains(part) }
    return !part.fails(one, other) && !part.fails(other, one)
  }
}

extension DiagnosisPart {
  /// Whether a number is NaN, infinite or a negative variance and the other is not.
  fileprivate func fails(_ number: Double, _ other: Double) -> Bool {
    if !number.isFinite { return other.isFinite }
    return self == .runningVariance && number < 0 && other >= 0
  }
}

extension Probe.Reading {
  /// The first number whose bits differ from the other's, of as many; nil where all are equal.
  ///
  /// Most readings are equal throughout. Through pointers, which are quick also where nothing is optimized.
  fileprivate func firstDifference(_ other: Probe.Reading) -> Int? {
    numbers.withUnsafeBufferPointer { ours in
      other.numbers.withUnsafeBufferPointer { theirs in
        guard let a = ours.baseAddress, let b = theirs.baseAddress else { return nil }
        let count = min(ours.count, theirs.count)
        var i = 0
        while i < count {
          if a[i].bitPattern != b[i].bitPattern { return i }
          i += 1
        }
        return nil
      }
    }
  }
}

extension Probe {
  /// Whether squares of x, and their products with other terms, overflow in no type.
  fileprivate var isOfModerateSize: Bool {
    switch question {
    case .training(let call): call.x.values.maximumMagnitude < 0x1p50
    case .gradient(let call): call.x.values.maximumMagnitude < 0x1p50
    default: false
    }
  }
}
