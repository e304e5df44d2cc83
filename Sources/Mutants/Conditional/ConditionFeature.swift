public import BatchNormTesting
import ReproducibleMath

/// A property of a call that a condition can be about. The raw value is its name.
public enum ConditionFeature: String, CaseIterable, Sendable {
  /// 1 or 0; absent in calls without them.
  case tracked, affine
  case batch = "N"
  case channels = "C"
  /// The product of the spatial extents; 1 for [N, C].
  case plane
  /// The last spatial extent; 1 for [N, C].
  case lastExtent = "L"
  /// N·plane, the values of one channel.
  case m
  /// N·C·plane.
  case values
  case rank
  /// Whether there are four axes, with two different spatial extents.
  case unequalExtents = "H ≠ W"
  case epsilon = "ε"
  /// Absent if it is cumulative.
  case momentum
  /// Absent in calls without momentum.
  case cumulative
  /// The maximum over the channels of |μ|/σ; infinite if a channel is constant and not 0.
  case kappa = "κ"
  /// Whether all values of a channel are the same.
  case constantChannel = "constant channel"
  /// Whether it is the first call of its kind to this instance.
  case firstCall = "first call"
}

/// One call as conditions see it.
public struct ConditionedCall: Sendable {
  let x: Tensor
  let isAffine: Bool
  let isTracked: Bool?
  let epsilon: Double
  /// nil: a call without momentum; nil inside: cumulative.
  let momentum: Double??
  let isFirst: Bool

  public init(_ call: TrainingCall, isFirst: Bool) {
    x = call.x
    isAffine = call.affine != nil
    isTracked = call.running != nil
    epsilon = call.epsilon
    momentum = call.running == nil ? Double??.none : .some(call.momentum)
    self.isFirst = isFirst
  }

  public init(_ call: EvaluationCall, isFirst: Bool) {
    (x, isAffine, isTracked, epsilon) = (call.x, call.affine != nil, nil, call.epsilon)
    (momentum, self.isFirst) = (Double??.none, isFirst)
  }

  public init(_ call: GradientCall, isFirst: Bool) {
    (x, isAffine, isTracked, epsilon) = (call.x, call.affine != nil, nil, call.epsilon)
    (momentum, self.isFirst) = (Double??.none, isFirst)
  }

  /// The feature as a number, true as 1 and false as 0; nil if the call does not have it.
  public func value(_ feature: ConditionFeature) -> Double? {
    let layout = x.channelLayout
    switch feature {
    case .tracked: return isTracked.map { $0 ? 1 : 0 }
    case .affine: return isAffine ? 1 : 0
    case .batch: return Double(layout.batch)
    case .channels: return Double(layout.channels)
    case .plane: return Double(layout.spatial)
    case .lastExtent: return x.shape.count > 2 ? Double(x.shape.last!) : 1
    case .m: return Double(layout.valuesPerChannel)
    case .values: return Double(layout.count)
    case .rank: return Double(x.shape.count)
    case .unequalExtents: return x.shape.count == 4 && x.shape[2] != x.shape[3] ? 1 : 0
    case .epsilon: return epsilon
    case .momentum: return momentum ?? nil
    case .cumulative: return momentum.map { $0 == nil ? 1 : 0 }
    case .kappa: return (0..<layout.channels).map { kappa(x.channel($0)) }.max()
    case .constantChannel:
      return (0..<layout.channels).contains { c in
        let values = x.channel(c)
        return values.allSatisfy { $0 == values[0] }
      } ? 1 : 0
    case .firstCall: return isFirst ? 1 : 0
    }
  }

  private func kappa(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    let deviation = (sumOfSquares(values, mean) / Double(values.count)).squareRoot()
    return mean == 0 ? 0 : abs(mean) / deviation
  }
}
