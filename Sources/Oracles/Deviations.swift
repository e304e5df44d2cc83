/// The values of one channel as their mean and their deviations from it, in bounded double-double numbers at unit scale.
///
/// With pivot x₀ and a power of two 2^e just above max|x − x₀|: tᵢ = (xᵢ − x₀)·2^−e, whose difference is exact in
/// double-double; t̄ = Σt/m; μ = x₀ + 2^e·t̄; deviationᵢ = tᵢ − t̄, so xᵢ − μ = 2^e·deviationᵢ. The error of a deviation is
/// relative to the channel's spread, never to |μ|; a constant channel has deviations that are exactly 0; no square
/// overflows, and no underflow matters: some |deviation| is at least 1/4. Near overflow (max|x| > 2¹⁰⁰⁰) everything
/// is first divided by 2⁸.
struct Deviations {
  let mean: Bounded
  /// The power e of the scale 2^e.
  let exponent: Int
  /// (xᵢ − μ)·2^−e.
  let scaled: [Bounded]
  /// σ²·2^−2e, biased.
  let scaledVariance: Bounded

  /// σ² = Σ(x − μ)²/m. 0 with a bound of about 2⁻¹⁰⁶⁶ if it underflows, `unknown` if it overflows.
  var variance: Bounded { scaledVariance.scaled(byPowerOfTwo: 2 * exponent) }

  init(of values: [Double]) throws(OracleError) {
    guard let pivot = values.first else { throw .undefined("an empty channel has no mean") }
    guard values.allSatisfy(\.isFinite) else { throw .undefined("a channel holds a value that is not finite") }
    let guardBits = values.contains { abs($0) > 0x1p1000 } ? 8 : 0
    let origin = Bounded(pivot).scaled(byPowerOfTwo: -guardBits)
    // One array for the differences, the terms and the deviations, each made in place of the one before.
    var numbers = values.map { Bounded($0).scaled(byPowerOfTwo: -guardBits) - origin }
    var spread = 0.0
    for number in numbers { spread = max(spread, number.value.magnitude) }
    let local = spread == 0 ? 0 : spread.exponentOrLeast + 1
    let count = Bounded(Double(values.count))
    var sum = Bounded.zero
    for i in numbers.indices {
      numbers[i] = numbers[i].scaled(byPowerOfTwo: -local)
      sum = sum + numbers[i]
    }
    let center = sum / count
    mean = (origin + center.scaled(byPowerOfTwo: local)).scaled(byPowerOfTwo: guardBits)
    exponent = local + guardBits
    var squares = Bounded.zero
    for i in numbers.indices {
      numbers[i] = numbers[i] - center
      squares = squares + numbers[i] * numbers[i]
    }
    scaled = numbers
    scaledVariance = squares / count
  }

  /// GSL's moments in the same form: deviations from GSL's mean, GSL's variance, no scaling.
  init(of values: [Double], gsl moments: Moments) {
    mean = moments.mean
    exponent = 0
    scaled = values.map { Bounded($0) - moments.mean }
    scaledVariance = moments.biasedVariance
  }
}
