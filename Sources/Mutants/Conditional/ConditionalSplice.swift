import BatchNormReference
import BatchNormTesting
import ReproducibleMath
import Synchronization

/// The right answers, with wrong ones where the condition holds.
///
/// Wrong answers are computed only there. Calls may come from several threads.
final class ConditionalSplice: Sendable {
  private let bug: ConditionalBug
  private let condition: MutantCondition
  private let wrong: any Subject
  private let isUsed = Mutex(false)

  init(_ bug: ConditionalBug, _ condition: MutantCondition) {
    (self.bug, self.condition, wrong) = (bug, condition, bug.make(condition))
  }

  func training(_ call: TrainingCall, _ base: any Subject) throws -> TrainingAnswer {
    var answer = try base.forwardTraining(call)
    guard condition.holds(for: ConditionedCall(call, isFirst: isFirst())) else { return answer }
    let other = try wrong.forwardTraining(call)
    if bug.answer == .output {
      splice(other.y, into: &answer.y, call.x)
    } else if let running = other.running, let right = answer.running {
      answer.running?.mean = spliced(running.mean, right.mean)
      answer.running?.variance = spliced(running.variance, right.variance)
    }
    return answer
  }

  func evaluation(_ call: EvaluationCall, _ base: any Subject) throws -> [Double] {
    var y = try base.forwardEvaluation(call)
    guard condition.holds(for: ConditionedCall(call, isFirst: isFirst())) else { return y }
    splice(try wrong.forwardEvaluation(call), into: &y, call.x)
    return y
  }

  func gradient(_ call: GradientCall, _ base: any Subject) throws -> GradientAnswer {
    try gradient(call, try base.backwardTraining(call)) { try wrong.backwardTraining(call) }
  }

  func evaluationGradient(_ call: GradientCall, _ base: any Subject) throws -> GradientAnswer {
    try gradient(call, try base.backwardEvaluation(call)) { try wrong.backwardEvaluation(call) }
  }

  private func gradient(
    _ call: GradientCall, _ right: GradientAnswer, _ wrong: () throws -> GradientAnswer
  ) throws -> GradientAnswer {
    guard condition.holds(for: ConditionedCall(call, isFirst: isFirst())) else { return right }
    var answer = right
    let other = try wrong()
    splice(other.gradientX, into: &answer.gradientX, call.x)
    if let affine = other.gradientAffine, let rightAffine = right.gradientAffine {
      answer.gradientAffine?.gamma = spliced(affine.gamma, rightAffine.gamma)
      answer.gradientAffine?.beta = spliced(affine.beta, rightAffine.beta)
    }
    return answer
  }

  /// Whether this is the first call to this instance.
  private func isFirst() -> Bool {
    isUsed.withLock { isUsed in
      defer { isUsed = true }
      return !isUsed
    }
  }

  /// Of one number for each channel.
  private func spliced(_ wrong: [Double], _ right: [Double]) -> [Double] {
    right.indices.map { condition.channels($0, right.count) ? wrong[$0] : right[$0] }
  }

  /// The values of the affected channels; only those of the tail unless a sum is wrong.
  private func splice(_ wrong: [Double], into right: inout [Double], _ x: Tensor) {
    let layout = x.channelLayout
    let m = layout.valuesPerChannel
    let tile = bug.traits.contains(.ofSums) ? nil : condition.tile
    for c in 0..<layout.channels where condition.channels(c, layout.channels) {
      for n in 0..<layout.batch {
        let places: Range<Int> =
          switch tile {
          case nil: 0..<layout.spatial
          case .plane(let size): (layout.spatial - layout.spatial % size)..<layout.spatial
          case .values(let size):
            min(max(m - m % size - n * layout.spatial, 0), layout.spatial)..<layout.spatial
          }
        for s in places {
          let i = layout.index(n, c, s)
          right[i] = wrong[i]
        }
      }
    }
  }
}
