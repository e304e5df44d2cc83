public import BatchNormTesting
import Oracles
import ReproducibleMath

/// A part of a subject's answers that is right or wrong by itself.
public enum AnswerPart: String, CaseIterable, Codable, Hashable, Sendable {
  case output = "y"
  case state = "running statistics"
  case evaluation = "y in evaluation"
  case gradientX = "dx"
  case gradientGamma = "dγ"
  case gradientBeta = "dβ"
  case evaluationGradients = "gradients in evaluation"

  /// The method whose answer holds this part.
  public var method: SubjectProfile.Method {
    switch self {
    case .output, .state: .forwardTraining
    case .evaluation: .forwardEvaluation
    case .gradientX, .gradientGamma, .gradientBeta: .backwardTraining
    case .evaluationGradients: .backwardEvaluation
    }
  }
}

/// What the exact answer says of one part of a subject's answer.
struct PartVerdict: Sendable {
  /// Channels with a value outside its bound.
  var wrongChannels: [Int] = []
  /// The largest error over its bound; infinite for a value that is not finite.
  var ratio = 0.0

  var isWrong: Bool { !wrongChannels.isEmpty }
}

/// Asks a subject and compares each part and channel with the oracles, within the bounds of the laws.
struct CallJudge {
  let profile: SubjectProfile

  /// What came of one question; absent parts were not asked for.
  ///
  /// - Throws: what the subject throws.
  func verdicts(_ recipe: CallRecipe, _ subject: any Subject) throws -> [AnswerPart: PartVerdict] {
    let data = recipe.data(profile.elementType)
    switch recipe.method {
    case .forwardTraining: return try training(recipe, data, subject)
    case .forwardEvaluation: return try evaluation(recipe, data, subject)
    case .backwardTraining, .backwardEvaluation: return try gradients(recipe, data, subject)
    case .layers: return [:]
    }
  }

  private func training(
    _ recipe: CallRecipe, _ data: CallRecipe.Data, _ subject: any Subject
  ) throws -> [AnswerPart: PartVerdict] {
    let answer = try subject.forwardTraining(recipe.trainingCall(data))
    var (output, state) = (PartVerdict(), PartVerdict())
    let momentum =
      recipe.momentum ?? profile.convention.momentum(weightOfNew: 1 / Double(recipe.batchesTracked + 1))
    for c in 0..<recipe.channels {
      let x = data.x.channel(c)
      let oracle = try BatchNormOracle(values: x, epsilon: recipe.epsilon)
      let (gamma, beta) = (data.affine?.gamma[c] ?? 1, data.affine?.beta[c] ?? 0)
      let bound = ForwardBound(profile, x, oracle, gamma: gamma, beta: beta)
      let exact = oracle.forward(gamma: gamma, beta: beta)
      output.compare(c, channel(c, of: answer.y, data.x), exact) { bound.value(x: x[$0], y: exact[$0].value) }
      guard recipe.tracked else { continue }
      let batch = try BatchStatistic(x, profile)
      let expected = RunningPrediction(
        from: (data.running.mean[c], data.running.variance[c]), [batch], momentum: momentum, profile)
      let bounds = [expected.mean.bound, expected.variance.bound]
      state.compare(c, answer.running?.numbers(c) ?? [], [expected.mean.exact, expected.variance.exact]) { bounds[$0] }
    }
    return recipe.tracked ? [.output: output, .state: state] : [.output: output]
  }

  private func evaluation(
    _ recipe: CallRecipe, _ data: CallRecipe.Data, _ subject: any Subject
  ) throws -> [AnswerPart: PartVerdict] {
    let y = try subject.forwardEvaluation(recipe.evaluationCall(data))
    var verdict = PartVerdict()
    for c in 0..<recipe.channels {
      let x = data.x.channel(c)
      let (mean, variance) = (data.running.mean[c], data.running.variance[c])
      let (gamma, beta) = (data.affine?.gamma[c] ?? 1, data.affine?.beta[c] ?? 0)
      let oracle = try EvaluationOracle(runningMean: mean, runningVariance: variance, epsilon: recipe.epsilon)
      let bound = EvaluationBound(
        profile, gamma: gamma, beta: beta, mean: mean, variance: variance, epsilon: recipe.epsilon)
      let exact = oracle.forward(x, gamma: gamma, beta: beta)
      verdict.compare(c, channel(c, of: y, data.x), exact) { bound.value(x: x[$0], y: exact[$0].value) }
    }
    return [.evaluation: verdict]
  }

  private func gradients(
    _ recipe: CallRecipe, _ data: CallRecipe.Data, _ subject: any Subject
  ) throws -> [AnswerPart: PartVerdict] {
    let isTraining = recipe.method == .backwardTraining
    let call = recipe.gradientCall(data)
    let answer = try isTraining ? subject.backwardTraining(call) : subject.backwardEvaluation(call)
    var (input, slope, offset) = (PartVerdict(), PartVerdict(), PartVerdict())
    for c in 0..<recipe.channels {
      let (x, g) = (data.x.channel(c), data.x.channelLayout.gather(channel: c, of: data.cotangent))
      let gamma = data.affine?.gamma[c] ?? 1
      let (exact, bounds) =
        isTraining
        ? try training(x, g, gamma, recipe.epsilon)
        : try evaluation(x, g, gamma, recipe.epsilon, data.running.mean[c], data.running.variance[c])
      input.compare(c, channel(c, of: answer.gradientX, data.x), exact.input) { bounds.input[$0] }
      guard recipe.affine else { continue }
      slope.compare(c, value(c, of: answer.gradientAffine?.gamma), [exact.gamma]) { _ in bounds.gamma }
      offset.compare(c, value(c, of: answer.gradientAffine?.beta), [exact.beta]) { _ in bounds.beta }
    }
    guard isTraining else { return [.evaluationGradients: input.merged(slope).merged(offset)] }
    guard recipe.affine else { return [.gradientX: input] }
    return [.gradientX: input, .gradientGamma: slope, .gradientBeta: offset]
  }

  private typealias Bounds = (input: [Double], gamma: Double, beta: Double)

  private func training(
    _ x: [Double], _ g: [Double], _ gamma: Double, _ epsilon: Double
  ) throws -> (BatchNormGradients, Bounds) {
    let oracle = try BatchNormOracle(values: x, epsilon: epsilon)
    let bound = GradientBound(profile, x, cotangent: g, oracle, gamma: gamma, epsilon: epsilon)
    return (
      try oracle.backward(cotangent: g, gamma: gamma), (x.indices.map(bound.input), bound.gamma, bound.beta)
    )
  }

  private func evaluation(
    _ x: [Double], _ g: [Double], _ gamma: Double, _ epsilon: Double, _ mean: Double, _ variance: Double
  ) throws -> (BatchNormGradients, Bounds) {
    let oracle = try EvaluationOracle(runningMean: mean, runningVariance: variance, epsilon: epsilon)
    let exact = try oracle.backward(x, cotangent: g, gamma: gamma)
    let bound = EvaluationGradientBound(profile, x, g, mean: mean, deviation: (variance + epsilon).squareRoot())
    return (
      exact, (exact.input.map { bound.input($0.value) }, bound.gamma(exact.gamma.value), bound.beta(exact.beta.value))
    )
  }

  /// The values of one channel; none where the answer has another count.
  private func channel(_ c: Int, of values: [Double], _ x: Tensor) -> [Double] {
    values.count == x.values.count ? x.channelLayout.gather(channel: c, of: values) : []
  }

  private func value(_ c: Int, of values: [Double]?) -> [Double] {
    guard let values, c < values.count else { return [] }
    return [values[c]]
  }
}

extension RunningStatistics<Double> {
  /// Mean and variance of one channel; none where one is missing.
  fileprivate func numbers(_ c: Int) -> [Double] {
    c < mean.count && c < variance.count ? [mean[c], variance[c]] : []
  }
}

extension PartVerdict {
  /// Adds one channel: wrong where the counts differ, a value is not finite, or lies outside its bound.
  fileprivate mutating func compare(
    _ c: Int, _ observed: [Double], _ exact: [Bounded], bound: (Int) -> Double
  ) {
    guard observed.count == exact.count else {
      ratio = .infinity
      return wrongChannels.append(c)
    }
    var worst = 0.0
    for i in exact.indices {
      let limit = bound(i) + exact[i].radius
      // Where nothing is promised nothing can be wrong.
      guard limit < .infinity else { continue }
      let error = exact[i].deviation(of: observed[i])
      let quotient = error == 0 ? 0 : error / limit
      worst = max(worst, quotient.isNaN ? .infinity : quotient)
    }
    ratio = max(ratio, worst)
    if worst > 1 { wrongChannels.append(c) }
  }

  /// Both in one part.
  fileprivate func merged(_ other: PartVerdict) -> PartVerdict {
    PartVerdict(wrongChannels: Set(wrongChannels + other.wrongChannels).sorted(), ratio: max(ratio, other.ratio))
  }
}
