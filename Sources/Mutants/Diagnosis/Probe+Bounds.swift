import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

extension Probe {
  /// The bounds of the right readings: those of the laws plus the rounding of the right code itself.
  func bounds(of right: Answer, _ profile: SubjectProfile) -> [[Double]] {
    guard case .readings(let right) = right else { return [] }
    if isOrderSeen(profile) { return right.map { $0.numbers.map { _ in .infinity } } }
    let laws: [[Double]] =
      switch question {
      case .training(let call):
        readings(bounds(of: call.converted(to: profile.convention), profile)).map(\.numbers)
      case .evaluation(let call): [CallBounds.output(call, profile)]
      case .gradient(let call) where call.running == nil: readings(CallBounds.gradients(call, profile)).map(\.numbers)
      case .gradient(let call): [CallBounds.gradients(call, profile).numbers]
      // At most four passes over m = 3 values of size up to 5, whose terms a working subject rounds m + 8 times, with the state
      // rounded between them.
      case .layer:
        right.map { reading in
          reading.numbers.map { _ in 64 * profile.elementType.unitRoundoff * reading.numbers.maximumMagnitude }
        }
      case .network: []
      }
    return zip(right, laws).map { reading, bounds in
      if focus == .constantChannel || reading.part == .count { return bounds.map { _ in 0 } }
      let limit = max(reading.numbers.maximumMagnitude, 0x1p-10) / 64
      return zip(reading.numbers, bounds).map { number, bound in
        let rounding = number.isFinite ? profile.elementType.unitRoundoff * abs(number) : 0
        return bound <= limit ? bound + rounding : .infinity
      }
    }
  }

  /// Whether the order in which the subject adds, or how it divides by m, may decide what a bug that loses digits gives.
  ///
  /// That needs a channel with κ > 4 and more than two values: two values have the same sum in any order. It is not so if Σx² is
  /// a sum of integers below 1/u and m is a power of two, because then ÷m and ·(1/m) are the same (XLA compiles the latter).
  func isOrderSeen(_ profile: SubjectProfile) -> Bool {
    let x: Tensor
    switch question {
    case .training(let call): x = call.x
    case .gradient(let call) where call.running == nil: x = call.x
    default: return false
    }
    guard profile.accuracy == .working, x.channelLayout.valuesPerChannel > 2 else { return false }
    return (0..<x.shape[1]).contains { c in
      let values = x.channel(c)
      let mean = values.reduce(0, +) / Double(values.count)
      let isExact =
        values.count.nonzeroBitCount == 1 && values.allSatisfy { $0 == $0.rounded() }
        && sumOfSquares(values, 0) * profile.elementType.unitRoundoff < 1
      return !isExact && mean * mean > 16 * sumOfSquares(values, mean) / Double(values.count)
    }
  }

  private func bounds(of call: TrainingCall, _ profile: SubjectProfile) -> TrainingAnswer {
    let running = CallBounds.running(call, profile)
    return TrainingAnswer(
      y: CallBounds.output(call, profile),
      running: call.running.map { _ in RunningStatistics<Double>(mean: running.mean, variance: running.variance) })
  }
}

extension [Double] {
  /// The maximum of the finite magnitudes; 0 if there are none.
  var maximumMagnitude: Double { reduce(0) { $1.isFinite ? Swift.max($0, $1.magnitude) : $0 } }
}
