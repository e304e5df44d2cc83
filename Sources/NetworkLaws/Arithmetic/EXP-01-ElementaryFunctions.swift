import NormLaws
import Oracles
import PropertyTesting
import ReproducibleMath

/// EXP-01. At the committed points within 1 ulp of 106-bit values; anywhere within 1 ulp and GSL's own error of GSL's value; not
/// falling from a double to the next; exact at 0, 1 and the infinities.
let elementaryFunctions = Law(
  "EXP-01", "exp and log are within 1 ulp, do not fall, and are exact at their special points",
  formula: "|f(x) − exact| ≤ ulp(exact), x < y ⇒ f(x) ≤ f(y)",
  catches: "a wrong entry of a table, a lost term of a polynomial, a branch that ends one double too early",
  .package { source in
    switch try source.integer(in: 0...2) {
    case 0:
      let i = try source.integer(in: 0...ElementaryTruth.exponential.count / 3 - 1)
      return truth(ElementaryTruth.exponential, i, "exp", Elementary.exp)
    case 1:
      let i = try source.integer(in: 0...ElementaryTruth.logarithm.count / 3 - 1)
      return truth(ElementaryTruth.logarithm, i, "log", Elementary.log)
    default:
      return try source.chance(0.5) ? logarithm(&source) : exponential(&source)
    }
  })

private func truth(_ table: [Double], _ i: Int, _ name: String, _ function: (Double) -> Double) -> Outcome {
  let (x, value, rest) = (table[3 * i], table[3 * i + 1], table[3 * i + 2])
  var comparison = Comparison()
  comparison.add(observed: function(x), expected: DoubleDouble(high: value, low: rest), bound: Double.ulp(at: value))
  guard comparison.passed else { return off(name, x, value, function(x)) }
  return .holds(ratio: comparison.worstRatio)
}

private func exponential(_ source: inout Source) throws -> Outcome {
  guard Elementary.exp(0) == 1, Elementary.exp(-0.0) == 1, Elementary.exp(-.infinity) == 0,
    Elementary.exp(.infinity) == .infinity, Elementary.exp(.nan).isNaN
  else { return .failed(Failure("exp at a special point")) }
  // GSL refuses what underflows.
  let x = try source.float(.uniform(-700...709))
  return judge("exp", x, Elementary.exp, try ElementaryFunctions.exp(x))
}

private func logarithm(_ source: inout Source) throws -> Outcome {
  guard Elementary.log(1) == 0, Elementary.log(0) == -.infinity, Elementary.log(.infinity) == .infinity,
    Elementary.log(-1).isNaN, Elementary.log(.nan).isNaN
  else { return .failed(Failure("log at a special point")) }
  let x = try source.float(.logUniform(0x1p-1022...0x1p1023))
  return judge("log", x, Elementary.log, try ElementaryFunctions.log(x))
}

private func judge(_ name: String, _ x: Double, _ function: (Double) -> Double, _ expected: Bounded) -> Outcome {
  let value = function(x)
  guard function(x.nextDown) <= value, value <= function(x.nextUp) else {
    return .failed(Failure("\(name) falls", [("input", "\(x)"), ("observed", "\(value)")]))
  }
  let bound = Double.ulp(at: expected.value) + expected.bound
  let ratio = abs(value - expected.value) / bound
  return ratio <= 1 ? .holds(ratio: ratio) : off(name, x, expected.value, value)
}

private func off(_ name: String, _ x: Double, _ expected: Double, _ observed: Double) -> Outcome {
  .failed(
    Failure(
      "\(name) is off", [("input", "\(x)"), ("expected", "\(expected) ± 1 ulp"), ("observed", "\(observed)")]))
}
