import BatchNormTesting
@testable import NetworkLaws
@testable import NormLaws
import Oracles
import Testing

/// The error model of mean and variance against code that is right, and against the one-pass form.
struct MomentErrorTests {
  /// One channel of each kind, rounded to float32.
  private static let channels: [(name: String, x: [Double])] = {
    let wave = (0..<64).map { Double($0 * 37 % 64) / 32 - 1 }
    return [
      ("centred", wave), ("far from 0", wave.map { $0 + 1e4 }), ("far from 0, two values", [1e4, 1e4 + 0.125]),
      ("nearly all of the sum in the first value", [1e6] + wave), ("outlier last", wave + [1e6]),
      ("small", wave.map { $0 * 1e-18 }), ("single", [0.1]), ("constant", Array(repeating: 0.1, count: 50)),
    ].map { ($0, $1.map { Double(Float($0)) }) }
  }()

  private func errors(_ x: [Double], _ mean: Float, _ variance: Float) throws -> (mean: Double, square: Double) {
    let profile = SubjectProfile(name: "float", elementType: .float32, accuracy: .working)
    let exact = try Moments(of: x, by: .doubleDouble)
    let sigma2 = max(exact.biasedVariance.value, 0)
    let model = MomentError(profile, x)
    let square = model.square(variance: sigma2, square: sigma2) + model.squareUnderflow
    return (
      abs(Double(mean) - exact.mean.value) / (model.mean + model.meanUnderflow), abs(Double(variance) - sigma2) / square
    )
  }

  @Test(arguments: channels.indices) func `two passes in float are within the model`(i: Int) throws {
    let (name, values) = Self.channels[i]
    let x = values.map { Float($0) }
    let mean = x.reduce(0, +) / Float(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(x.count)
    let (ofMean, ofSquare) = try errors(values, mean, variance)
    #expect(ofMean <= 1 && ofSquare <= 1, "\(name): \(ofMean), \(ofSquare)")
  }

  @Test(arguments: channels.indices) func `Welford's recurrence in float is within the model`(i: Int) throws {
    let (name, values) = Self.channels[i]
    var (mean, sum) = (Float(0), Float(0))
    for (k, value) in values.map({ Float($0) }).enumerated() {
      let difference = value - mean
      mean += difference / Float(k + 1)
      sum += difference * (value - mean)
    }
    let (ofMean, ofSquare) = try errors(values, mean, sum / Float(values.count))
    #expect(ofMean <= 1 && ofSquare <= 1, "\(name): \(ofMean), \(ofSquare)")
  }

  @Test func `the one-pass variance is outside the model where the mean is large`() throws {
    let values = Self.channels[1].x
    let x = values.map { Float($0) }
    let m = Float(x.count)
    let mean = x.reduce(0, +) / m
    let ratios = try errors(values, mean, x.reduce(0) { $0 + $1 * $1 } / m - mean * mean)
    #expect(ratios.mean <= 1 && ratios.square > 1)
  }

  @Test func `the unit of the sums is that of the type twice as wide, or of the element type`() {
    func unit(_ type: ElementType, _ accuracy: SubjectProfile.Accuracy) -> Double {
      SubjectProfile(name: "", elementType: type, accuracy: accuracy).summationUnit
    }
    #expect(unit(.float32, .working) == 0x1p-24 && unit(.float64, .working) == 0x1p-53)
    #expect(unit(.float32, .reference) == 0x1p-53 && unit(.float64, .reference) == 0x1p-100)
  }

  @Test(arguments: [SubjectProfile.Accuracy.reference, .working], ElementType.allCases)
  func `a sum that is exact has the error of one division`(accuracy: SubjectProfile.Accuracy, type: ElementType) {
    let profile = SubjectProfile(name: "", elementType: type, accuracy: accuracy)
    let (exact, rounded) = (MomentError(profile, [1, 2, 3, 5]), MomentError(profile, [1, 2, 0.1, 0x1p-40]))
    let v = profile.summationUnit
    #expect(exact.mean == (accuracy == .reference ? 5 * v : 4 * v * 8.25))
    #expect(accuracy == .working || rounded.mean == 4 * v * 2)
  }
}
