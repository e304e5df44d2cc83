import BatchNormTesting
import ReproducibleMath

/// y of `batch` within its bound of the exact answer to `other`, whose exact answer is the same.
///
/// Relations between the answers to two inputs. Where both sides have the same exact value, the answer to the changed input
/// is compared with the exact answer to the unchanged one: the bound then is met to a half and not only rarely.
func judgeForward(
  _ y: [Double], of batch: BatchCase, as other: BatchCase, by profile: SubjectProfile, _ judgement: inout Judgement
) throws {
  for c in 0..<batch.channels {
    let (own, exact) = (
      try ExactForward(batch, channel: c, profile), try ExactForward(other, channel: c, profile)
    )
    judgement.expect("y", batch.x.channelLayout.gather(channel: c, of: y), exact.y) { own.bound($0) }
  }
}

extension Judgement {
  /// Two answers, channel by channel, to inputs of equal exact answers and bounds: each may be off by its bound.
  mutating func expectWithinBoth(
    _ name: String, _ observed: [[Double]], _ expected: [[Double]], _ batch: BatchCase, _ profile: SubjectProfile
  ) throws {
    for c in 0..<batch.channels {
      let exact = try ExactForward(batch, channel: c, profile)
      expect(name, observed[c], expected[c]) { 2 * exact.bound($0) }
    }
  }
}

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
      tracked.running = RunningStatistics<Double>(channels: call.x.shape[1])
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
