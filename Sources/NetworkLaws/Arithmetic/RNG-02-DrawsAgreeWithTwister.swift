import BatchNormReference
import NormLaws
import Oracles
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath

/// RNG-02. The initial weights and the epochs' orders from GSL's outputs, by formulas of their own; then what they are for: the
/// weights are uniform (Kolmogorov–Smirnov), the orders are bijections and every first element is equally likely (chi-square).
///
/// lo + x(hi − lo) is exact in `Double` (48 bits of product, the same grid), so that rounding it to `Float` is the fused
/// operation. The statistical tests reject below 1e-12: a right stream in a run of 10⁵ cases is refused with probability below 1e-6.
let drawsAgreeWithTwister = Law(
  "RNG-02", "weights and epoch orders are drawn from the stream as PyTorch draws them, uniform and bijective",
  formula: "w = Float(lo + (u32 mod 2²⁴)·2⁻²⁴·(hi − lo)); order by swaps r[i] ↔ r[i + u32 mod (n − i)]",
  catches: "weights filled in the order of their storage, a shuffle that repeats, one order for all epochs",
  .network { source, subject in
    let widths = [try source.integer(in: 1...9), try source.integer(in: 1...9), try source.integer(in: 2...9)]
    let seed = UInt32(try source.integer(in: 1...Int(UInt32.max)))
    let (count, epochs) = (try source.size(in: 1...100), try source.integer(in: 2...20))
    let shape = NetworkShape(widths: widths, try source.element(of: [.none, .batchNorm]))
    let state = subject.initialState(shape, seed: UInt64(seed))
    let parameters = (1..<widths.count).reduce(0) { $0 + (widths[$1 - 1] + 1) * widths[$1] }
    var draws = try MersenneTwisterOracle.outputs(seed: seed, count: parameters + 4 * epochs)[...]
    var judgement = Judgement(subject.elementType) {
      "widths \(widths), seed \(seed), \(counted(count, "item")), \(counted(epochs, "epoch"))"
    }
    var shares: [Double] = []
    for i in 1..<widths.count {
      let (inputs, outputs) = (widths[i - 1], widths[i])
      // √3·√(1/3)/√K by roots of their own: equal to 1/√K in exact arithmetic, and rounded to `Float` the same.
      let bound = Float(3.0.squareRoot() * ((2.0 / 6.0).squareRoot() / Double(inputs).squareRoot()))
      let drawn = (0..<(inputs * outputs)).map { _ in uniform(&draws, Double(bound)) }
      let stored = (0..<(inputs * outputs)).map { drawn[$0 % outputs * inputs + $0 / outputs] }
      judgement.expectIdentical("the initial fc\(i).weight", state["fc\(i).weight"], stored)
      let biasBound = Double(Float(1 / Double(inputs).squareRoot()))
      let bias = (0..<outputs).map { _ in uniform(&draws, biasBound) }
      judgement.expectIdentical("the initial fc\(i).bias", state["fc\(i).bias"], bias)
      shares += state["fc\(i).weight"].map { min(max(($0 / Double(bound) + 1) / 2, 0), 1) }
    }
    let orders = subject.epochOrders(shape, seed: UInt64(seed), count: count, epochs: epochs)
    judgement.expect(orders.count == epochs, "the epochs have another number of orders")
    for order in orders {
      draws = draws.dropFirst(2)
      let sampler = draws[draws.startIndex + 1]
      draws = draws.dropFirst(2)
      judgement.expect(
        order.sorted() == Array(0..<count), "an epoch's order is no permutation", [("observed", "\(order.prefix(12))")])
      // GSL replaces seed 0; one stream in 2³² is not compared.
      guard sampler != 0 else { continue }
      let expected = permutation(count: count, try MersenneTwisterOracle.outputs(seed: sampler, count: max(count, 1)))
      judgement.expectIdentical("an epoch's order", order.map { Double($0) }, expected.map { Double($0) })
    }
    let distance = try KolmogorovSmirnov.statistic(probabilities: shares)
    let tail = try KolmogorovSmirnov.upperTailBound(statistic: distance, count: shares.count)
    judgement.expect(tail >= 1e-12, "the weights are not uniform", [("D", "\(distance)"), ("P", "\(tail)")])
    if let tail = try firstElementTail(orders, count: count) {
      judgement.expect(tail >= 1e-12, "first elements are not equally likely", [("P", "\(tail)")])
    }
    return judgement.outcome
  })

private func uniform(_ draws: inout ArraySlice<UInt32>, _ bound: Double) -> Double {
  let x = Double((draws.popFirst() ?? 0) & 0xff_ffff) * 0x1p-24
  // hi − lo = 2·bound is exact.
  return Double(Float(-bound + x * (2 * bound)))
}

private func permutation(count: Int, _ draws: [UInt32]) -> [Int] {
  var remaining = Array(0..<count)
  for i in 0..<max(count - 1, 0) { remaining.swapAt(i, i + Int(draws[i]) % (count - i)) }
  return remaining
}

/// Chi-square of the halves that first elements fall into, one degree of freedom; nil where halves are empty or differ.
private func firstElementTail(_ orders: [[Int]], count: Int) throws -> Double? {
  guard count >= 2, count % 2 == 0, orders.count >= 10 else { return nil }
  let low = Double(orders.count { ($0.first ?? 0) < count / 2 })
  let expected = Double(orders.count) / 2
  let square = 2 * (low - expected) * (low - expected) / expected
  return try Distribution.chiSquare(degrees: 1).upperTail(square)
}
