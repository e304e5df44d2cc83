import BatchNormReference
import BatchNormTesting
import ReproducibleMath

/// The reference's layer as replaceable steps over its pure calls; the defaults are what the reference does.
///
/// A mutant replaces a step. What else it keeps between calls is in variables that the closures capture.
final class MutatedLayer: SubjectLayer {
  /// The pure calls of a subject with the settings of a layer. They refuse a wrong number of channels.
  struct Calls {
    let subject: any Subject
    var settings: LayerSettings

    func train(_ x: Tensor, from state: RunningStatistics<Double>?) throws -> TrainingAnswer {
      try checkChannels(x)
      return try subject.forwardTraining(
        TrainingCall(
          x: x, affine: settings.affine, running: state, epsilon: settings.epsilon, momentum: settings.momentum))
    }

    /// By the batch where there is no state.
    func evaluate(_ x: Tensor, by state: RunningStatistics<Double>?) throws -> [Double] {
      guard let state else { return try train(x, from: nil).y }
      try checkChannels(x)
      return try subject.forwardEvaluation(
        EvaluationCall(x: x, affine: settings.affine, running: state, epsilon: settings.epsilon))
    }

    func gradient(_ x: Tensor, _ gradientY: [Double]) throws -> GradientAnswer {
      try checkChannels(x)
      return try subject.backwardTraining(
        GradientCall(x: x, affine: settings.affine, epsilon: settings.epsilon, gradientY: gradientY))
    }

    private func checkChannels(_ x: Tensor) throws {
      guard x.shape[1] == settings.channels else {
        throw SubjectError.refused(
          .invalidArgument, BatchNormError.shape(expectedChannels: settings.channels, found: x.shape[1]).description)
      }
    }
  }

  var training: (Tensor, inout RunningStatistics<Double>?, Calls) throws -> [Double] = { x, state, calls in
    let answer = try calls.train(x, from: state)
    state = answer.running
    return answer.y
  }
  var evaluation: (Tensor, inout RunningStatistics<Double>?, Calls) throws -> [Double] = { x, state, calls in
    try calls.evaluate(x, by: state)
  }
  var gradient: (Tensor, _ gradientY: [Double], inout RunningStatistics<Double>?, Calls) throws -> GradientAnswer = {
    x, gradientY, _, calls in try calls.gradient(x, gradientY)
  }
  /// What is read back of the state. Without tracking there is none to show.
  var shown: (RunningStatistics<Double>) -> RunningStatistics<Double> = { $0 }
  var settings: LayerSettings {
    get { calls.settings }
    set { calls.settings = newValue }
  }

  private var calls: Calls
  private var state: RunningStatistics<Double>?

  init(_ subject: any Subject, _ settings: LayerSettings, _ mutation: (MutatedLayer) -> Void) {
    calls = Calls(subject: subject, settings: settings)
    mutation(self)
    if self.settings.tracking == .tracking { state = RunningStatistics<Double>(channels: settings.channels) }
  }

  var running: RunningStatistics<Double>? { state.map(shown) }
  func train(_ x: Tensor) throws -> [Double] { try training(x, &state, calls) }
  func evaluate(_ x: Tensor) throws -> [Double] { try evaluation(x, &state, calls) }
  func gradient(_ x: Tensor, gradientY: [Double]) throws -> GradientAnswer {
    try gradient(x, gradientY, &state, calls)
  }
}
