import BatchNormTesting
import PropertyTesting

// ε = 0. It is asked where the formula needs no ε: every variance is far from 0, and from what rounding leaves of it.

extension Source {
  /// Sets ε to 0 in a sixteenth of the cases in which every channel spreads enough.
  mutating func dropEpsilon(_ batch: inout BatchCase) throws {
    if try chance(1.0 / 16), batch.spreads { batch.epsilon = 0 }
  }
}

extension BatchCase {
  /// Whether in every channel σ lies between 2⁻⁴⁰ and 2⁴⁰, and |μ| ≤ 16σ.
  fileprivate var spreads: Bool {
    (0..<channels).allSatisfy { c in
      let values = x.channel(c)
      let mean = values.reduce(0, +) / Double(values.count)
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
      return 0x1p-40...0x1p40 ~= deviation && abs(mean) <= 16 * deviation
    }
  }
}

/// What `body` says of a call with this ε; a subject may refuse ε = 0, which takes the case out of the law.
func allowingRefusal(ofEpsilon epsilon: Double, _ body: () throws -> Outcome) throws -> Outcome {
  do { return try body() } catch SubjectError.refused(_, let message) where epsilon == 0 {
    return .excluded("The subject does not take ε = 0: \(message)")
  }
}
