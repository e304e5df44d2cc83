import BatchNormReference
import BatchNormTesting
import NormLaws
import PropertyTesting
import ReferenceSubjects

/// A small network and a batch for it, exact in the element type.
struct NetworkCase {
  let type: ElementType
  var state: NetworkState
  var x: [Double]
  var labels: [Int]

  var text: String {
    let parts = state.arrays.map { "\($0.name) \(list($0.values))" }.joined(separator: ", ")
    let norm = state.shape.normalization == .none ? "no normalization" : "batch normalization, ε \(state.epsilon)"
    return "\(state.shape.widths) \(norm), \(parts), x \(list(x)), labels \(labels)"
  }

  /// The model's pass under the roundings of the subject.
  func modelPass(_ mode: Mode = .training) -> ModelPass {
    NetworkModel(state).pass(x, labels: labels, mode, u: u)
  }

  /// The subject's roundings, and the model's own.
  var u: Double { type.unitRoundoff + 0x1p-53 }
}

/// What of networks a law wants.
enum NetworkKind {
  case any, normalized
}

extension Source {
  /// Widths of 1 to 5, no, one or two hidden layers, 2 to 8 samples.
  mutating func network(
    _ type: ElementType, _ kind: NetworkKind = .any, hidden: ClosedRange<Int> = 0...2, batch: ClosedRange<Int> = 2...8
  ) throws
    -> NetworkCase
  {
    let batch = try integer(in: batch)
    let depth = try integer(
      in: (kind == .normalized ? max(1, hidden.lowerBound) : hidden.lowerBound)...hidden.upperBound)
    let isNormalized = try depth > 0 && (kind == .normalized || chance(0.5))
    let inner = try array(count: depth) { try $0.integer(in: 1...5) }
    let widths = [try integer(in: 1...5)] + inner + [try integer(in: 2...4)]
    let shape = NetworkShape(widths: widths, isNormalized ? .batchNorm : .none)
    let epsilon: Double = isNormalized ? try element(of: [0.5, 1e-5, 1e-3]) : 1e-5
    var arrays: [NetworkState.Array] = []
    for i in 1..<widths.count {
      arrays.append(try values("fc\(i).weight", widths[i - 1] * widths[i], .uniform(-2...2), type))
      arrays.append(try values("fc\(i).bias", widths[i], .uniform(-1...1), type))
      guard isNormalized, i < widths.count - 1 else { continue }
      arrays.append(try values("bn\(i).weight", widths[i], .uniform(-2...2), type))
      arrays.append(try values("bn\(i).bias", widths[i], .uniform(-1...1), type))
      arrays.append(try values("bn\(i).running_mean", widths[i], .uniform(-1...1), type))
      arrays.append(try values("bn\(i).running_var", widths[i], .uniform(0.5...2), type))
    }
    let counters = isNormalized ? Array(repeating: 0, count: depth) : []
    let x = try floats(count: batch * widths[0], .uniform(-2...2)).map(type.rounded)
    let labels = try array(count: batch) { try $0.integer(in: 0...widths[widths.count - 1] - 1) }
    let state = NetworkState(shape: shape, arrays: arrays, batchCounters: counters, epsilon: epsilon)
    return NetworkCase(type: type, state: state, x: x, labels: labels)
  }

  private mutating func values(
    _ name: String, _ count: Int, _ range: FloatRange, _ type: ElementType
  ) throws -> NetworkState.Array {
    .init(name: name, values: try floats(count: count, range).map(type.rounded))
  }
}

extension Judgement {
  /// Observed values within their estimates' errors; half a least subnormal is granted to underflow.
  mutating func expect(_ name: String, _ observed: [Double], _ expected: [Estimate], factor: Double = 1) {
    let underflow = type.leastNonzeroMagnitude
    expect(name, observed, expected.map(\.value)) { factor * expected[$0].error + underflow }
  }
}
