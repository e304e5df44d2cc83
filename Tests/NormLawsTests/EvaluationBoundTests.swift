import BatchNormTesting
@testable import NetworkLaws
@testable import NormLaws
import ReproducibleMath
import Testing

/// The bound of evaluation if products underflow.
struct EvaluationBoundTests {
  @Test func `a normalized value that underflowed may be multiplied by gamma`() {
    let (x, r) = (Float(7.346839692639297e-40), 1 / Float(17).squareRoot())
    let profile = SubjectProfile(name: "float", elementType: .float32, accuracy: .working)
    let bound = EvaluationBound(profile, gamma: 3, beta: 0, mean: 0, variance: 1, epsilon: 16)
    let exact = 3 * Double(x) / 17.0.squareRoot()
    let error = abs(Double(3 * (x * r)) - exact)
    let minimum = Double(Float.leastNonzeroMagnitude)
    #expect(error > 1.4 * minimum && error <= bound.value(x: Double(x), y: exact))
    #expect(bound.value(x: Double(x), y: exact) < 2.2 * minimum)
  }
}
