import BatchNormTesting
import ReproducibleMath

/// How far two answers of a subject may differ that have the same exact value: the sum of both bounds, value by value.
///
/// Needed only where bits differ, so it is computed when first asked for. A value that is not finite or whose bound is not known
/// gives NaN, which no difference is within.
final class BitBounds {
  private let make: () throws -> [Double]
  private lazy var bounds: [Double] = (try? make()) ?? []

  init(_ make: @escaping () throws -> [Double]) { self.make = make }

  /// Of y in training, in the order of the tensor.
  convenience init(_ batch: BatchCase, _ profile: SubjectProfile) {
    self.init { try batch.forwardBounds(profile).map { 2 * $0 } }
  }

  /// Of y in training of one batch of a series.
  convenience init(_ series: BatchSeries, batch: Int, _ profile: SubjectProfile) {
    self.init(
      BatchCase(type: series.type, x: series.batches[batch], affine: series.affine, epsilon: series.epsilon), profile)
  }

  /// Of y in evaluation, for the values of `x` at the state of the series.
  convenience init(evaluating x: Tensor, _ series: BatchSeries, _ profile: SubjectProfile) {
    self.init {
      let channels = (0..<series.channels).map { c in
        let bound = series.evaluationBound(channel: c, profile)
        let deviation = (series.state.variance[c] + series.epsilon).squareRoot()
        return x.channel(c).map { value in
          let y = series.gamma(c) * (value - series.state.mean[c]) / deviation + series.beta(c)
          return 2 * bound.value(x: value, y: y)
        }
      }
      return x.channelLayout.scatter(channels)
    }
  }

  /// Of the gradients of a call, in the order of `GradientAnswer.allNumbers`, in training or evaluation.
  convenience init(_ call: GradientCall, _ profile: SubjectProfile) {
    self.init { CallBounds.gradients(call, profile).allNumbers.map { 2 * $0 } }
  }

  subscript(_ i: Int) -> Double { bounds.indices.contains(i) ? bounds[i] : .nan }

  /// The bounds of gradients of channel c, in the order of `GradientAnswer.numbers`.
  func numbers(_ c: Int, _ layout: ChannelLayout) -> (Int) -> Double {
    { i in
      let m = layout.valuesPerChannel
      return i < m ? self.channel(c, layout)(i) : self[layout.count + (i - m) * layout.channels + c]
    }
  }

  /// The bounds of channel c, in the order of its values.
  func channel(_ c: Int, _ layout: ChannelLayout) -> (Int) -> Double {
    { i in self[layout.index(i / layout.spatial, c, i % layout.spatial)] }
  }
}
