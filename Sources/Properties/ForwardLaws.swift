import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

/// Training forward.
let forwardLaws: [Law] = [
  forwardAgreesWithOracle, forwardMoments, forwardShift, forwardScale, forwardSign, forwardConstant, forwardPair,
  forwardOutlier, forwardChannelIndependence, forwardPermutation, forwardLadder, forwardRecovery, forwardLayouts,
  forwardWithoutAffine, forwardExtremes,
]

/// FWD-01: the definition, from digits that the oracle carries far beyond the subject's (Ioffe and Szegedy, 2015, algorithm 1).
let forwardAgreesWithOracle = Law(
  "FWD-01", "y agrees with the oracle",
  formula: "y = γ(x − μ)/√(σ² + ε) + β", catches: "every slip of the forward pass that changes a value beyond rounding",
  layers: 3,
  .norm(needs: [.forwardTraining]) { source, subject in
    var batch = try source.forwardBatch(subject.profile)
    try source.dropEpsilon(&batch)
    return try allowingRefusal(ofEpsilon: batch.epsilon) {
      let y = try subject.forward(batch)
      var judgement = Judgement(batch.type) { [batch] in batch.text }
      try judgeForward(y, of: batch, by: subject.profile, &judgement)
      return judgement.outcome
    }
  })

/// A subject answered with another number of values than it was asked about.
struct WrongCount: Error, CustomStringConvertible {
  let expected: Int
  let observed: Int
  var description: String { "y has \(counted(observed, "value")) instead of \(expected)" }
}

extension Subject {
  /// The answer to a training call without running statistics; by one with a fresh state, whose y is the same, where the
  /// subject supports no other.
  func untracked(_ call: TrainingCall) throws -> TrainingAnswer {
    do { return try forwardTraining(call) } catch SubjectError.refused(.unsupported, _) {
      var tracked = call
      tracked.running = RunningValues(channels: call.x.shape[1])
      return TrainingAnswer(y: try forwardTraining(tracked).y, running: nil)
    }
  }

  /// y of a training call, with the running statistics that the batch has or without any.
  func forward(_ batch: BatchCase) throws -> [Double] {
    let call = TrainingCall(x: batch.x, affine: batch.affine, running: batch.running, epsilon: batch.epsilon)
    let y = try batch.running == nil ? untracked(call).y : forwardTraining(call).y
    guard y.count == batch.x.values.count else {
      throw WrongCount(expected: batch.x.values.count, observed: y.count)
    }
    return y
  }
}

/// y of every channel within the forward bound of the oracle's.
func judgeForward(
  _ y: [Double], of batch: BatchCase, by profile: SubjectProfile, _ judgement: inout Judgement
) throws {
  let layout = batch.x.channelLayout
  guard y.count == layout.count else { return judgement.expect(false, "y has the wrong count") }
  for c in 0..<batch.channels {
    let exact = try ExactForward(batch, channel: c, profile)
    judgement.expect("y", layout.gather(channel: c, of: y), exact.y) { exact.bound($0) }
  }
}

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
