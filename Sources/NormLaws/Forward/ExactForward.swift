import BatchNormTesting
import Oracles
import ReproducibleMath

extension BatchCase {
  /// The bound of each value of y in training, in the order of the tensor.
  func forwardBounds(_ profile: SubjectProfile) throws -> [Double] {
    x.channelLayout.scatter(
      try (0..<channels).map { c in
        let exact = try ExactForward(self, channel: c, profile)
        return exact.x.indices.map { exact.bound($0) }
      })
  }
}

/// The exact y of one channel of a batch, and how far a subject's may lie from it.
struct ExactForward {
  let x: [Double]
  let oracle: BatchNormOracle
  let y: [Bounded]
  private let forwardBound: ForwardBound

  init(_ batch: BatchCase, channel c: Int, _ profile: SubjectProfile) throws {
    x = batch.x.channel(c)
    oracle = try BatchNormOracle(values: x, epsilon: batch.epsilon)
    y = oracle.forward(gamma: batch.gamma(c), beta: batch.beta(c))
    forwardBound = ForwardBound(profile, x, oracle, gamma: batch.gamma(c), beta: batch.beta(c))
  }

  func bound(_ i: Int) -> Double { forwardBound.value(x: x[i], y: y[i].value) }
}
