public import BatchNormTesting
import Oracles
import ReproducibleMath

/// From which to which size of x a subject's y is right, and what it is beyond: measured like the growth with κ.
///
/// One batch of κ ≈ 1 is multiplied by 2ᵏ, k over the exponents of the type, with ε = 2²ᵏ⁻²⁰, so that ε says little at any size.
/// Asked with 4 and with 64 values a channel; a size is right where each y of both errs by at most 16(m + 8)u(1 + |y|), u the
/// unit roundoff: several times what sums in the element type cost at κ = 1. From size 1 outwards every fourth exponent is asked
/// (every sixteenth of float64); where y is wrong for the first time the end is found by bisection.
public struct ExponentRange: Hashable, Codable, Sendable {
  public var elementType: String
  /// The least k for which y at |x| ≈ 2ᵏ is right, and the largest.
  public var least: Int
  public var most: Int
  /// What y is one step below and above; nil where the type itself ends.
  public var below: String?
  public var above: String?

  public init(elementType: String, least: Int, most: Int, below: String?, above: String?) {
    (self.elementType, self.least, self.most, self.below, self.above) = (elementType, least, most, below, above)
  }

  /// nil where the subject does not offer training, does not answer, or is wrong at size 1.
  public init?(of subject: any Subject) {
    guard subject.profile.methods.contains(.forwardTraining) else { return nil }
    let type = subject.profile.elementType
    let probe = ExponentProbe(subject)
    // The largest factor of the batch is below 8.
    let (first, last) = type == .float32 ? (-124, 124) : (-1020, 1020)
    guard probe.fault(0) == nil else { return nil }
    let step = type == .float32 ? 4 : 16
    let (least, below) = Self.end(towards: first, step: step, probe)
    let (most, above) = Self.end(towards: last, step: step, probe)
    self.init(elementType: type.rawValue, least: least, most: most, below: below, above: above)
  }

  /// The last exponent towards `far` before the first that is wrong, and what y is there.
  private static func end(towards far: Int, step: Int, _ probe: ExponentProbe) -> (Int, String?) {
    var right = 0
    while right != far {
      let next = far < 0 ? max(far, right - step) : min(far, right + step)
      guard var found = probe.fault(next) else {
        right = next
        continue
      }
      var wrong = next
      while abs(wrong - right) > 1 {
        let middle = (right + wrong) / 2
        if let fault = probe.fault(middle) { (wrong, found) = (middle, fault) } else { right = middle }
      }
      return (right, found)
    }
    return (far, nil)
  }

  /// "y is right for |x| from 2⁻⁶³ to 2⁶³; beyond, y = 0".
  public var text: String {
    let range = "with ε = 2⁻²⁰x², y is right for |x| from \(power(least)) to \(power(most)) (\(elementType))"
    switch (below, above) {
    case (nil, nil): return range + ", as far as the type goes"
    case (let below?, let above?):
      return below == above ? range + "; beyond, \(below)" : range + "; below, \(below); above, \(above)"
    case (let below?, nil): return range + "; below, \(below)"
    case (nil, let above?): return range + "; above, \(above)"
    }
  }

  private func power(_ exponent: Int) -> String {
    let digits: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
    ]
    return "2" + String("\(exponent)".map { digits[$0] ?? $0 })
  }
}

/// The batch at each size, and what is wrong with y.
private struct ExponentProbe {
  let subject: any Subject

  init(_ subject: any Subject) { self.subject = subject }

  /// nil where y is right at 2^`exponent`.
  func fault(_ exponent: Int) -> String? {
    for count in [4, 64] {
      if let fault = fault(exponent, count) { return fault }
    }
    return nil
  }

  private func fault(_ exponent: Int, _ count: Int) -> String? {
    let type = subject.profile.elementType
    var random = SplitMix64(path: 0x7261_6e67, UInt64(count))
    let scale = Double(sign: .plus, exponent: exponent, significand: 1)
    // Mean 1 and deviation about 1.
    let values = (0..<count).map { _ in type.rounded((1 + 3.4641 * (random.unit() - 0.5)) * scale) }
    let largest = type.greatestFiniteMagnitude / 0x1p20
    let epsilon = min(max(scale * scale * 0x1p-20, .leastNormalMagnitude), largest)
    let axes = TensorLayout.allCases.first(where: subject.profile.layouts.contains)?.spatialAxes ?? 0
    let x = Tensor(shape: [count, 1] + Array(repeating: 1, count: axes), values: values)
    let affine = Affine<Double>(gamma: [1], beta: [0])
    let call = TrainingCall(x: x, affine: affine, running: nil, epsilon: epsilon)
    guard let oracle = try? BatchNormOracle(values: values, epsilon: epsilon) else { return "no answer is known" }
    guard let y = try? subject.forwardTraining(call).y, y.count == count else { return "no answer" }
    let exact = oracle.forward(gamma: 1, beta: 0)
    let isRight = exact.indices.allSatisfy { i in
      let bound = 16 * Double(count + 8) * type.unitRoundoff * (1 + abs(exact[i].value))
      return exact[i].deviation(of: y[i]) <= bound + exact[i].radius
    }
    return isRight ? nil : description(of: y)
  }

  private func description(of y: [Double]) -> String {
    if y.contains(where: \.isNaN) { return "y is NaN" }
    if y.contains(where: \.isInfinite) { return "y is infinite" }
    if y.allSatisfy({ $0 == 0 }) { return "y = 0" }
    return "y is off"
  }
}
