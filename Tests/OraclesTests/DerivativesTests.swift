import Oracles
import Testing

@Suite struct DerivativesTests {
  private struct Stopped: Error {}

  @Test(arguments: [1e-3, 0.5, 1, 20, 1e6])
  func `the derivative of a root lies within the estimate and close to it`(x: Double) throws {
    let derivative = try Derivatives.derivative(at: x, scale: x) { $0.squareRoot() }
    let exact = 0.5 / x.squareRoot()
    #expect(abs(derivative.estimate.value - exact) <= derivative.estimate.bound)
    #expect(derivative.estimate.bound <= 1e-9 * exact)
  }

  @Test func `noise in the function widens the bound by at least its share`() throws {
    let noise = 1e-6
    let quiet = try Derivatives.derivative(at: 1) { $0 * $0 }
    // Alternating noise of full size, at both ends of every stencil: the worst case.
    let noisy = try Derivatives.derivative(at: 1, noise: noise) { $0 * $0 + ($0 > 1 ? noise : -noise) }
    #expect(abs(noisy.estimate.value - 2) <= noisy.estimate.bound)
    #expect(noisy.estimate.bound >= noise / noisy.step)
    #expect(noisy.estimate.bound > quiet.estimate.bound)
    #expect(abs(noisy.estimate.value - 2) > quiet.estimate.bound)
  }

  @Test func `no point outside the reported step is evaluated`() throws {
    var farthest = 0.0
    let derivative = try Derivatives.derivative(at: 3, scale: 8) {
      farthest = max(farthest, abs($0 - 3))
      return $0 < 2.75 ? .nan : $0
    }
    #expect(farthest == 0.5)
    #expect(derivative.step <= 0.25 && derivative.estimate.value == 1)
  }

  @Test func `gradient and direction agree`() throws {
    func product(_ x: [Double]) -> Double { x[0] * x[1] * x[1] - x[2] }
    let gradient = try Derivatives.gradient(at: [2, 3, 5], of: product)
    for (derivative, exact) in zip(gradient, [9.0, 12, -1]) {
      #expect(abs(derivative.estimate.value - exact) <= derivative.estimate.bound)
    }
    let along = try Derivatives.directional(at: [2, 3, 5], along: [1, -1, 2], of: product)
    #expect(abs(along.estimate.value - (9 - 12 - 2)) <= along.estimate.bound)
    #expect(throws: OracleError.self) { try Derivatives.directional(at: [1], along: [1, 2], of: product) }
  }

  @Test func `a function without finite values is an error and its own errors come through`() {
    #expect(throws: OracleError.self) { try Derivatives.derivative(at: 1) { _ in .nan } }
    #expect(throws: OracleError.self) { try Derivatives.derivative(at: 1) { _ in .infinity } }
    #expect(throws: OracleError.self) { try Derivatives.derivative(at: .nan) { $0 } }
    #expect(throws: Stopped.self) { try Derivatives.derivative(at: 1) { _ in throw Stopped() } }
  }
}
