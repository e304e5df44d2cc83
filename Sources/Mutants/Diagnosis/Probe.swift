import BatchNormReference
import BatchNormTesting
import NetworkLaws
public import NormLaws
import ReferenceSubjects
import ReproducibleMath

/// A fixed input on which a bug shows, and the numbers that a candidate answers.
public struct Probe: Sendable {
  /// The numbers of one part of an answer.
  public struct Reading: Sendable {
    public let part: DiagnosisPart
    public let numbers: [Double]
  }

  /// What came back.
  public enum Answer: Sendable, Equatable {
    case readings([Reading])
    /// The candidate refused the call.
    case refused
    /// The candidate cannot be asked, or its process broke the protocol. Nothing follows from this.
    case absent

    var isReadings: Bool { if case .readings = self { true } else { false } }

    /// Whether both are the same to the last bit; NaN equals NaN.
    public static func == (one: Answer, two: Answer) -> Bool {
      switch (one, two) {
      case (.readings(let a), .readings(let b)):
        a.elementsEqual(b) {
          $0.part == $1.part && $0.numbers.elementsEqual($1.numbers) { $0.bitPattern == $1.bitPattern }
        }
      case (.refused, .refused), (.absent, .absent): true
      default: false
      }
    }
  }

  enum Question: Sendable {
    /// `momentum` of the call is the weight of the new value; each subject gets it in its own convention.
    case training(TrainingCall)
    case evaluation(EvaluationCall)
    /// In evaluation mode if the call has running statistics, else in training mode.
    case gradient(GradientCall)
    /// `momentum` of the settings as in a training call.
    case layer(LayerSettings, @Sendable (any Subject, LayerSettings) throws -> [Double])
    case network(@Sendable (any NetworkSubject) throws -> [Double])
  }

  /// Which part of y or of the running statistics a training call is about, if not about y and its update.
  enum Focus: Sendable {
    case ordinary, constantChannel, subnormal, tinyEpsilon, manyChannels, weightZero, batchOfOne
  }

  /// The input in words.
  public let text: String
  let question: Question
  let focus: Focus

  init(_ text: String, _ question: Question, focus: Focus = .ordinary) {
    (self.text, self.question) = (text, question)
    self.focus = Self.isBatchOfOne(question) ? .batchOfOne : focus
  }

  /// The part that a refusal belongs to.
  var refusalPart: DiagnosisPart {
    guard focus == .batchOfOne else { return .refusal }
    if case .layer = question { return .batchOfOneState }
    return .batchOfOne
  }

  private static func isBatchOfOne(_ question: Question) -> Bool {
    switch question {
    case .training(let call): call.x.channelLayout.valuesPerChannel == 1
    case .gradient(let call): call.running == nil && call.x.channelLayout.valuesPerChannel == 1
    case .evaluation, .layer, .network: false
    }
  }

  /// A question to a network.
  init(_ text: String, network: @escaping @Sendable (any NetworkSubject) throws -> [Double]) {
    self.init(text, .network(network))
  }

  /// Whether the batch has no values: what is answered then is a policy.
  var asksEmptyBatch: Bool {
    switch question {
    case .training(let call): call.x.values.isEmpty
    case .gradient(let call): call.running == nil && call.x.values.isEmpty
    case .evaluation, .layer, .network: false
    }
  }

  /// What the candidate answers.
  public func answer(of candidate: Candidate) -> Answer {
    do {
      switch candidate {
      case .norm(let subject): return canAsk(subject.profile) ? .readings(try readings(of: subject)) : .absent
      case .network:
        guard case .network(let ask) = question, let network = candidate.network else { return .absent }
        return .readings([Reading(part: .network, numbers: try ask(network))])
      case .package: return .absent
      }
    } catch let error as SubjectError {
      if case .refused(.unsupported, _) = error { return .absent }
      return .refused
    } catch { return .absent }
  }

  /// Whether a subject offers the method and a layout that holds the tensor.
  private func canAsk(_ profile: SubjectProfile) -> Bool {
    func offers(_ method: SubjectProfile.Method, _ axes: Int) -> Bool {
      profile.methods.contains(method) && profile.layouts.contains { $0.spatialAxes >= axes }
    }
    return switch question {
    case .training(let call): offers(.forwardTraining, call.x.layout.spatialAxes)
    case .evaluation(let call): offers(.forwardEvaluation, call.x.layout.spatialAxes)
    case .gradient(let call):
      offers(call.running == nil ? .backwardTraining : .backwardEvaluation, call.x.layout.spatialAxes)
    case .layer: offers(.layers, 0)
    case .network: false
    }
  }

  private func readings(of subject: any Subject) throws -> [Reading] {
    let convention = subject.profile.convention
    switch question {
    case .training(let call):
      return readings(try subject.forwardTraining(call.converted(to: convention)))
    case .evaluation(let call):
      return [Reading(part: .evaluation, numbers: try subject.forwardEvaluation(call))]
    case .gradient(let call) where call.running == nil: return readings(try subject.backwardTraining(call))
    case .gradient(let call):
      return [Reading(part: .evaluationGradient, numbers: try subject.backwardEvaluation(call).numbers)]
    case .layer(var settings, let use):
      settings.momentum = settings.momentum.map(convention.momentum(weightOfNew:))
      let isCumulative = settings.momentum == nil
      let part: DiagnosisPart = focus == .batchOfOne ? .batchOfOneState : isCumulative ? .cumulativeState : .state
      return [Reading(part: part, numbers: try use(subject, settings))]
    case .network: throw SubjectError.refused(.unsupported, "a probe of networks")
    }
  }

  func readings(_ answer: TrainingAnswer) -> [Reading] {
    let running = answer.running
    let whole = partOfState
    let state = [(DiagnosisPart.runningMean, running?.mean), (.runningVariance, running?.variance)].compactMap {
      part, values in
      values.map { Reading(part: whole ?? part, numbers: $0) }
    }
    switch focus {
    case .constantChannel: return [Reading(part: .constantChannel, numbers: answer.y)]
    case .subnormal: return [Reading(part: .subnormal, numbers: answer.y)]
    case .tinyEpsilon: return [Reading(part: .tinyEpsilon, numbers: answer.y)]
    case .manyChannels: return [Reading(part: .manyChannels, numbers: answer.y)] + state
    case .batchOfOne: return [Reading(part: .batchOfOne, numbers: answer.y)] + state
    case .weightZero: return state
    case .ordinary:
      let count = running.map { Reading(part: .count, numbers: [Double($0.batchesTracked)]) }
      return [Reading(part: .output, numbers: answer.y)] + state + [count].compactMap { $0 }
    }
  }

  /// The part that both running statistics belong to; nil if each has its own.
  private var partOfState: DiagnosisPart? {
    guard case .training(let call) = question else { return nil }
    switch focus {
    case .batchOfOne: return .batchOfOne
    case .manyChannels: return .manyChannels
    case .weightZero: return call.x.values.allSatisfy(\.isFinite) ? .weightZero : .weightZeroNaN
    case .ordinary: return call.momentum == nil && call.running != nil ? .cumulative : nil
    case .constantChannel, .subnormal, .tinyEpsilon: return nil
    }
  }

  func readings(_ answer: GradientAnswer) -> [Reading] {
    if focus == .batchOfOne { return [Reading(part: .batchOfOne, numbers: answer.numbers)] }
    return [Reading(part: .gradientX, numbers: answer.gradientX)]
      + (answer.gradientAffine.map {
        [Reading(part: .gradientGamma, numbers: $0.gamma), Reading(part: .gradientBeta, numbers: $0.beta)]
      } ?? [])
  }
}

extension TrainingCall {
  /// A call whose momentum is the weight of the new value, with the momentum of the convention.
  func converted(to convention: Convention) -> TrainingCall {
    var call = self
    call.momentum = momentum.map(convention.momentum(weightOfNew:))
    return call
  }
}
