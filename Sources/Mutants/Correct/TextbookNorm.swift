import BatchNormReference
import BatchNormTesting
import NetworkLaws
import NormLaws
import ReproducibleMath

/// Batch normalization as people write it: everything in the element type, formulas from a textbook, and the choices in which
/// libraries differ. It declares nothing; its conventions are inferred, as for unknown code.
struct TextbookNorm<Element: Scalar & BinaryFloatingPoint>: Subject {
  /// How the statistics are summed.
  enum Sums: Sendable {
    case twoPasses
    /// One value after the other, with a mean so far.
    case welford
    /// Halves added recursively.
    case pairwise
  }

  /// How running statistics are updated.
  enum Update: Sendable {
    /// (1 − p)·running + p·batch.
    case weighted
    /// running + p·(batch − running).
    case interpolated
    /// p·running + (1 − p)·batch.
    case weightOfOld
  }

  /// The form of the last step of y.
  enum LastStep: Sendable {
    /// γ·(x − μ)/s + β.
    case centred
    /// αx + (β − αμ).
    case folded
  }

  /// The form of dx.
  enum Backward: Sendable {
    case oneFormula
    /// By the gradients of variance and mean, step by step, without the term Σ(x − μ), which is 0.
    case chainRule
    /// The same with that term.
    case fullChainRule
    /// x̂ = x·r − μ·r, and Σg·x̂ = (Σg·x − μ·Σg)·r.
    case products
  }

  struct Choices: Sendable {
    var sums = Sums.twoPasses
    var update = Update.weighted
    var lastStep = LastStep.centred
    var backward = Backward.oneFormula
    var estimate = Convention.RunningVariance.unbiased
    var batchOfOne = Convention.BatchOfOne.error
    var emptyBatch = Policies.EmptyBatch.error
    var isCumulativeOffered = true
  }

  private(set) var profile: SubjectProfile
  let choices: Choices

  init(_ name: String, _ change: (inout Choices) -> Void = { _ in }) {
    var choices = Choices()
    change(&choices)
    self.choices = choices
    let type = Element.self == Float.self ? ElementType.float32 : .float64
    profile = SubjectProfile(
      name: "\(name)-\(type.rawValue)", elementType: type,
      methods: Set(SubjectProfile.Method.allCases).subtracting([.layers]),
      declared: [], accuracy: .working)
    profile = profile.with(declared: DeclaredPolicies(), inferred: ConventionProfile(of: self).words)
  }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    let layout = call.x.channelLayout
    let m = layout.valuesPerChannel
    if m == 0 {
      guard choices.emptyBatch != .error else { throw refusal("an empty batch") }
      return TrainingAnswer(y: [], running: choices.emptyBatch == .empty ? call.running : call.running?.lost)
    }
    if m == 1 {
      switch choices.batchOfOne {
      case .error: throw refusal("more than one value per channel is needed")
      case .errorWhenTracking where call.running != nil: throw refusal("more than one value per channel is needed")
      case .input: return TrainingAnswer(y: call.x.values, running: call.running)
      case .beta, .errorWhenTracking: break
      }
    }
    var running = call.running
    let y = try (0..<layout.channels).map { c -> [Double] in
      let x = channel(c, call.x)
      let (mean, variance) = moments(x)
      if running != nil { try update(&running!, c, mean, variance, m, call.momentum) }
      return output(x, mean, Element(1) / (variance + Element(call.epsilon)).squareRoot(), call.affine, c)
    }
    return TrainingAnswer(y: layout.scatter(y), running: running.map(\.counted))
  }

  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    let layout = call.x.channelLayout
    return layout.scatter(
      (0..<layout.channels).map { c in
        let inverse = Element(1) / (Element(call.running.variance[c]) + Element(call.epsilon)).squareRoot()
        return output(channel(c, call.x), Element(call.running.mean[c]), inverse, call.affine, c)
      })
  }

  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    if call.x.channelLayout.valuesPerChannel == 0 { throw refusal("an empty batch") }
    return gradients(call) { x in moments(x) }
  }

  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer { gradients(call, nil) }

  private func refusal(_ text: String) -> SubjectError { .refused(.invalidArgument, text) }

  private func channel(_ c: Int, _ x: Tensor) -> [Element] { x.channel(c).map { Element($0) } }

  private func output(_ x: [Element], _ mean: Element, _ inverse: Element, _ affine: Affine<Double>?, _ c: Int)
    -> [Double]
  {
    let (gamma, beta) = (Element(affine?.gamma[c] ?? 1), Element(affine?.beta[c] ?? 0))
    switch choices.lastStep {
    case .centred: return x.map { Double(gamma * ((($0 - mean) * inverse)) + beta) }
    case .folded:
      let slope = gamma * inverse
      let shift = beta - mean * slope
      return x.map { Double(slope * $0 + shift) }
    }
  }

  private func update(
    _ running: inout RunningStatistics<Double>, _ c: Int, _ mean: Element, _ biased: Element, _ m: Int,
    _ momentum: Double?
  ) throws {
    if momentum == nil && !choices.isCumulativeOffered {
      throw SubjectError.refused(.unsupported, "no cumulative mean")
    }
    let isCorrected = choices.estimate == .unbiased && m > 1
    let variance = isCorrected ? biased * Element(m) / Element(m - 1) : biased
    let p = Element(momentum ?? 1 / Double(running.batchesTracked + 1))
    func weighted(_ old: Double, _ new: Element) -> Double {
      let old = Element(old)
      switch choices.update {
      case .weightOfOld where momentum != nil: return Double(p * old + (1 - p) * new)
      case .interpolated: return Double(old + p * (new - old))
      case .weighted, .weightOfOld: return Double((1 - p) * old + p * new)
      }
    }
    running.mean[c] = weighted(running.mean[c], mean)
    running.variance[c] = weighted(running.variance[c], variance)
  }
}

extension RunningStatistics<Double> {
  /// The same with one more batch counted.
  fileprivate var counted: RunningStatistics<Double> {
    var copy = self
    copy.batchesTracked += 1
    return copy
  }

  /// The state after 0/0.
  fileprivate var lost: RunningStatistics<Double> {
    RunningStatistics<Double>(
      mean: mean.map { _ in .nan }, variance: variance.map { _ in .nan }, batchesTracked: batchesTracked + 1)
  }
}
