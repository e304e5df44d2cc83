import BatchNormReference
import BatchNormTesting
import Foundation
import Oracles
import ReproducibleMath
import Vectors

/// Exact values with the bounds that each profile has to meet, on the way into a vector.
struct ExpectedValues {
  private(set) var values: [Double] = []
  private var bounds: [VectorProfile: [Double]]

  /// - Parameter profiles: those that are judged
  init(_ profiles: [VectorProfile] = VectorProfile.allCases) {
    bounds = Dictionary(uniqueKeysWithValues: profiles.map { ($0, []) })
  }

  var profiles: [VectorProfile] { VectorProfile.allCases.filter { bounds[$0] != nil } }

  /// One value with what a subject of each profile may be off by. What the oracle does not know is added.
  mutating func add(_ value: Bounded, _ bound: (VectorProfile) -> Double) {
    add(value.value, bound: { bound($0) + value.bound })
  }

  /// One value, not finite ones included, with the whole bound of each profile.
  mutating func add(_ value: Double, bound: (VectorProfile) -> Double = { _ in 0 }) {
    values.append(value)
    for profile in profiles {
      let limit = bound(profile)
      // A profile of which nothing is known for one value is not judged.
      if limit < .infinity { bounds[profile]?.append(published(limit)) } else { bounds[profile] = nil }
    }
  }

  /// As an output; without a shape, one axis.
  ///
  /// - Parameter isExact: every intermediate is representable, so that any error is worth a note: accuracy bounds of 0
  func output(_ name: String, shape: [Int]? = nil, isExact: Bool = false) -> VectorOutput {
    let zeros = bounds.mapValues { $0.map { _ in 0.0 } }
    return VectorOutput(
      name,
      .values(
        VectorTensor(shape: shape ?? [values.count], values), bounds: bounds, accuracyBounds: isExact ? zeros : [:]))
  }

  /// Channel after channel, brought into the order of the layout.
  func scattered(_ layout: ChannelLayout) -> ExpectedValues {
    var result = self
    result.values = scatter(values, layout)
    for (profile, list) in bounds { result.bounds[profile] = scatter(list, layout) }
    return result
  }

  private func scatter(_ list: [Double], _ layout: ChannelLayout) -> [Double] {
    let m = layout.valuesPerChannel
    return layout.scatter((0..<layout.channels).map { Array(list[($0 * m)..<(($0 + 1) * m)]) })
  }
}

/// A bound of three digits, never below the one given: rounding to three digits takes away half a percent at most.
private func published(_ bound: Double) -> Double {
  bound == 0 ? 0 : Double(String(format: "%.2e", bound * 1.006)) ?? .infinity
}

extension VectorProfile {
  /// The element type in which a subject of this profile answers.
  var elementType: ElementType { self == .float64 ? .float64 : .float32 }

  /// As the laws' bounds take it.
  func subject(_ convention: Convention = .pytorch) -> SubjectProfile {
    SubjectProfile(
      name: rawValue, elementType: elementType, convention: convention,
      accuracy: self == .float32Wide ? .reference : .working)
  }

  /// The roundings of a network of this profile, and those of the model that judges it.
  var networkRoundoff: Double { elementType.unitRoundoff + 0x1p-53 }
}

/// Values rounded to float32, so that every element type holds them.
func exact(_ values: [Double]) -> [Double] { values.map { Double(Float($0)) } }
