import BatchNormReference
import BatchNormTesting
import NetworkLaws
import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath
import Testing

/// The float32 reference with its training or its evaluation replaced.
struct Substituted: Subject {
  private let base = KernelSubject(PlainKernels<Float>(), name: "substituted")
  private let training: @Sendable (TrainingCall, any Subject) throws -> TrainingAnswer
  private let evaluation: @Sendable (EvaluationCall, any Subject) throws -> [Double]
  let profile: SubjectProfile

  init(
    training: @escaping @Sendable (TrainingCall, any Subject) throws -> TrainingAnswer = {
      try $1.forwardTraining($0)
    },
    evaluation: @escaping @Sendable (EvaluationCall, any Subject) throws -> [Double] = {
      try $1.forwardEvaluation($0)
    }
  ) {
    (self.training, self.evaluation) = (training, evaluation)
    var profile = base.profile
    profile.methods.remove(.layers)
    self.profile = profile
  }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer { try training(call, base) }
  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] { try evaluation(call, base) }
  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer { try base.backwardTraining(call) }
  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer { try base.backwardEvaluation(call) }
}

/// Right arithmetic in `Float` throughout, in another arrangement than the reference's.
struct ArrangedSubject: Subject, CustomTestStringConvertible {
  enum Summation: CaseIterable { case forward, backward, welford }
  enum Update: CaseIterable { case weighted, interpolated }

  static let all = Summation.allCases.flatMap { sum in Update.allCases.map { ArrangedSubject(sum, $0) } }

  var testDescription: String { profile.name }

  private let summation: Summation
  private let update: Update
  let profile: SubjectProfile

  init(_ summation: Summation, _ update: Update) {
    (self.summation, self.update) = (summation, update)
    profile = SubjectProfile(
      name: "\(summation), \(update)", elementType: .float32, methods: [.forwardTraining, .forwardEvaluation],
      convention: update == .weighted ? .pytorch : .onnx, accuracy: .working)
  }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    let layout = call.x.channelLayout
    let m = layout.valuesPerChannel
    guard m > (profile.convention.batchOfOne == .error ? 1 : 0) else {
      throw SubjectError.refused(.invalidArgument, "too few values")
    }
    var running = call.running
    running?.batchesTracked += 1
    let y = (0..<layout.channels).map { c in
      let x = call.x.channel(c).map { Float($0) }
      let (mean, variance) = moments(x)
      let stored = profile.convention.runningVariance == .biased ? variance : variance * (Float(m) / Float(m - 1))
      let p = Float(call.momentum ?? 1 / Double(running?.batchesTracked ?? 1))
      if let old = running {
        let isOfOld = call.momentum != nil && profile.convention.momentum == .weightOfOld
        running?.mean[c] = moved(old.mean[c], mean, isOfOld ? (p, 1 - p) : (1 - p, p))
        running?.variance[c] = moved(old.variance[c], stored, isOfOld ? (p, 1 - p) : (1 - p, p))
      }
      return normalized(x, mean, variance, call.affine, c, call.epsilon)
    }
    return TrainingAnswer(y: layout.scatter(y), running: running)
  }

  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    let layout = call.x.channelLayout
    return layout.scatter(
      (0..<layout.channels).map { c in
        let (mean, variance) = (Float(call.running.mean[c]), Float(call.running.variance[c]))
        return normalized(call.x.channel(c).map { Float($0) }, mean, variance, call.affine, c, call.epsilon)
      })
  }

  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    throw SubjectError.refused(.unsupported, "forward only")
  }

  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer {
    throw SubjectError.refused(.unsupported, "forward only")
  }

  private func moments(_ x: [Float]) -> (mean: Float, variance: Float) {
    let m = Float(x.count)
    if summation == .welford {
      var (mean, squares): (Float, Float) = (0, 0)
      for (k, value) in x.enumerated() {
        let difference = value - mean
        mean += difference / Float(k + 1)
        squares += difference * (value - mean)
      }
      return (mean, squares / m)
    }
    let x = summation == .forward ? x : x.reversed()
    let mean = x.reduce(0, +) / m
    return (mean, x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / m)
  }

  /// A term of weight 0 has no say.
  private func moved(_ old: Double, _ batch: Float, _ weight: (old: Float, new: Float)) -> Double {
    if weight.new == 0 { return old }
    let old = Float(old)
    return Double(update == .weighted ? weight.old * old + weight.new * batch : old + weight.new * (batch - old))
  }

  /// Centred, or folded to αx + shift.
  private func normalized(
    _ x: [Float], _ mean: Float, _ variance: Float, _ affine: Affine<Double>?, _ c: Int, _ epsilon: Double
  ) -> [Double] {
    let (gamma, beta) = (Float(affine?.gamma[c] ?? 1), Float(affine?.beta[c] ?? 0))
    let inverse = 1 / (variance + Float(epsilon)).squareRoot()
    if update == .weighted { return x.map { Double(gamma * (($0 - mean) * inverse) + beta) } }
    let slope = gamma * inverse
    let shift = beta - mean * slope
    return x.map { Double(slope * $0 + shift) }
  }
}

/// How the law fails on the subject, shrunk; nil where it holds.
func counterexample(_ id: String, _ subject: any Subject, cases: Int = 200) throws -> Failure? {
  let law = try #require(Catalogue.law(id))
  let property = try #require(law.property(for: subject))
  return property.run(RunSettings(cases: cases, largest: .small)).counterexamples.first?.failure
}

extension Failure {
  /// The value of the field of that name.
  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}
