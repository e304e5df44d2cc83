import BatchNormTesting
import PropertyTesting
import ReproducibleMath

/// FWD-06. The mean of equal values is that value, so x − μ = 0 and y = γ·0·r + β = β, whatever the value's magnitude.
///
/// Asked of everybody. An answer within the bound of y that is not exactly β is an accuracy note; a subject of this package may
/// not give one. A `reference` subject sums in a wider type, where m equal values always have their exact mean:
/// any value of the type. A `working` subject gets a power of two of values with few bits: every partial sum, in any order, is
/// then exact in its own type, and so is the mean, by division or by a reciprocal. What remains to go wrong is the last step:
/// y = αx + (β − μα) cancels two products of size |γx|/√ε (PyTorch 2.13 on a CPU gives 105 for a channel of 1e7); subtracting
/// the mean first does not.
let forwardConstant = Law(
  "FWD-06", "a constant channel gives exactly β, at any magnitude",
  formula: "x = c: y = β",
  catches: "ε missing (0/0), the folded last step y = αx + (β − μα), a one-pass variance below 0",
  .norm(needs: [.forwardTraining]) { source, subject in
    let (type, accuracy) = (subject.profile.elementType, subject.profile.accuracy)
    let level = subject.profile.levelOfBits
    let shape = try source.shape(subject.profile)
    let cut = accuracy == .reference ? shape : source.cutToPowerOfTwo(shape)
    let batch = try source.batch(subject.profile, cut) { source, count in
      [Double](repeating: try source.constant(subject.profile, count: count), count: count)
    }
    let y = try subject.forward(batch)
    var judgement = Judgement(type) { batch.text }
    // Of one answer, for β is exact.
    let bounds = BitBounds { try batch.forwardBounds(subject.profile) }
    for c in 0..<batch.channels {
      let expected = [Double](repeating: batch.beta(c), count: batch.valuesPerChannel)
      judgement.expectEqual(
        "y", batch.x.channelLayout.gather(channel: c, of: y), expected, level: level,
        bound: bounds.channel(c, batch.x.channelLayout))
    }
    return judgement.outcome
  })

extension Source {
  /// Any value of the type, or one whose first m multiples the type holds.
  fileprivate mutating func constant(
    _ profile: SubjectProfile, count: Int
  ) throws -> Double {
    let type = profile.elementType
    switch profile.accuracy {
    case .reference:
      return type.rounded(
        try oneOf([
          { try $0.element(of: [1e7, 0, 1, 0.1, type.greatestFiniteMagnitude / 4096, type.leastNonzeroMagnitude]) },
          { try $0.signed(1e-37...1e38, type) }, { try $0.signed(1e-6...1e9, type) },
        ]))
    case .working:
      // m ≤ 2¹² values of 11 bits: 23 bits; fewer values may have more bits, 17 hold 1e7 = 78125·2⁷.
      let countBits = Int.bitWidth - count.leadingZeroBitCount
      let integer = try integer(in: 1...(1 << min(24 - countBits, 17)) - 1, towards: 78_125)
      let exponent = try self.integer(in: -60...60, towards: 7)
      // Up to 2⁵³ the squares of 2¹⁷ values do not overflow: the working range of float32.
      let highest = profile.bits == .exact ? 60 : 36
      return Double(sign: .plus, exponent: min(exponent, highest), significand: Double(integer))
    }
  }
}
