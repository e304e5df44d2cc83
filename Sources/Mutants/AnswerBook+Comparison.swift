import BatchNormReference
import Properties
import ReproducibleMath
import Subjects

extension AnswerBook {
  /// Whose answers are expected: that decides what is granted beyond the bounds of the laws.
  enum Side {
    /// The right code's, in the candidate's own element type.
    case right
    /// A mutant's, of the candidate.
    case mutant
    /// The right code's, of a mutant: it is in `Float`.
    case mutantFromRight
  }

  /// The parts in which the answers are not the right ones.
  func differing(_ answers: [Probe.Answer]) -> Set<Part> { differing(answers, .right) }

  func differing(_ answers: [Probe.Answer], _ side: Side) -> Set<Part> {
    probes.indices.reduce(into: []) { wrong, i in
      for part in parts(of: i) where !wrong.contains(part) {
        if !agree(answers[i], right[i], probe: i, in: [part], side) { wrong.insert(part) }
      }
    }
  }

  /// The parts that answers to one probe bear on.
  func parts(of probe: Int) -> Set<Part> {
    guard case .readings(let readings) = right[probe] else { return [.refusal] }
    return Set(readings.map(\.part)).union([.refusal])
  }

  /// Whether the answers are the mutant's in these parts.
  func agree(_ answers: [Probe.Answer], with entry: Entry, in parts: [Part]) -> Bool {
    probes.indices.allSatisfy { i in
      let answer = entry.answers.indices.contains(i) ? entry.answers[i] : probes[i].answer(of: candidate(entry.mutant))
      return agree(answers[i], with: answer, probe: i, in: parts)
    }
  }

  private func candidate(_ mutant: Mutant) -> Candidate {
    mutant.candidate(under: mutantConvention ?? .pytorch)
  }

  /// Whether the answer to one probe is the mutant's in these parts.
  func agree(_ answer: Probe.Answer, with mutant: Probe.Answer, probe i: Int, in parts: [Part]) -> Bool {
    agree(answer, mutant, probe: i, in: parts, .mutant)
  }

  private func agree(
    _ observed: Probe.Answer, _ expected: Probe.Answer, probe i: Int, in parts: [Part], _ side: Side
  ) -> Bool {
    switch (observed, expected) {
    case (.absent, _), (_, .absent), (.refused, .refused): return true
    case (.refused, _), (_, .refused): return !parts.contains(.refusal)
    case (.readings, .readings) where right[i] == .refused: return !parts.contains(.refusal) || observed == expected
    case (.readings(let observed), .readings(let expected)):
      // A part that only one of them answers.
      let (fewer, more) = observed.count < expected.count ? (observed, expected) : (expected, observed)
      if more.dropFirst(fewer.count).contains(where: { parts.contains($0.part) }) { return false }
      for (k, (one, other)) in zip(observed, expected).enumerated() where parts.contains(one.part) {
        if !agree(one, other, bounds.isEmpty ? nil : bounds[i].isEmpty ? nil : bounds[i][k], side) { return false }
      }
      return true
    }
  }

  /// Without bounds, equal bits.
  private func agree(
    _ one: Probe.Reading, _ other: Probe.Reading, _ bounds: [Double]?, _ side: Side
  ) -> Bool {
    guard one.part == other.part, one.numbers.count == other.numbers.count else { return false }
    guard let profile, let bounds, bounds.count == one.numbers.count else {
      return one.numbers.elementsEqual(other.numbers) { $0.bitPattern == $1.bitPattern }
    }
    let growth = side != .mutant ? 0 : profile.accuracy == .reference ? 4.0 : 16
    let size = growth * profile.elementType.unitRoundoff * other.numbers.greatestMagnitude
    for i in one.numbers.indices where one.numbers[i].bitPattern != other.numbers[i].bitPattern {
      guard bounds[i].isFinite else { continue }
      let narrowing = side == .right || profile.elementType == .float32 ? 0 : other.numbers[i].roundingToFloat
      var comparison = Comparison()
      comparison.add(observed: one.numbers[i], expected: other.numbers[i], bound: bounds[i] + size + narrowing)
      if !comparison.passed { return false }
    }
    return true
  }
}

extension Double {
  /// At least what rounding the value to `Float` changes.
  fileprivate var roundingToFloat: Double {
    isFinite ? ElementType.float32.unitRoundoff * magnitude + ElementType.float32.leastNonzeroMagnitude : 0
  }
}
