import BatchNormTesting
import ReproducibleMath

extension SubjectProcesses {
  /// Multiplies the time that an answer may take, for questions whose answer may be compiled first.
  @TaskLocal static var patience = 1

  /// Whether any request was ever answered, be it by a refusal of its arguments.
  public var hasAnswered: Bool { answers > 0 }

  /// `ask` once, and where the answer did not come in time once more with six times the time: the first answer of many
  /// frameworks is compiled. What came late is not counted as a fault.
  ///
  /// - Throws: what `ask` throws.
  public func patiently<Answer>(_ ask: () throws -> Answer) throws -> Answer {
    do { return try ask() } catch let fault as SubjectFault where fault.kind == .noAnswer {
      let answer = try Self.$patience.withValue(6) { try ask() }
      forgive(fault)
      return answer
    }
  }

  /// The first fault of a subject that has never answered, nil as soon as one request was answered: asks one small question
  /// of each method that `subjects` offer.
  public func faultWithoutAnswers(_ subjects: [ProcessSubject]) -> SubjectFault? {
    var first: SubjectFault?
    for subject in subjects {
      for method in SubjectProfile.Method.allCases where subject.profile.methods.contains(method) {
        do { try patiently { try subject.askSmallQuestion(method) } } catch let fault as SubjectFault {
          first = first ?? fault
        } catch {
          // A refusal is an answer.
        }
        // Whatever goes wrong from here on is a finding.
        if hasAnswered { return nil }
      }
    }
    return first
  }
}

extension ProcessSubject {
  /// A batch of four values with two channels.
  fileprivate func askSmallQuestion(_ method: SubjectProfile.Method) throws {
    let axes = TensorLayout.allCases.first(where: profile.layouts.contains)?.spatialAxes ?? 0
    let x = Tensor(shape: [4, 2] + Array(repeating: 1, count: axes), values: [1, 2, 3, 5, 4, 1, 2, 6])
    let affine = Affine<Double>(gamma: [2, 1], beta: [0.5, 3])
    let running = RunningStatistics<Double>(mean: [1, 2], variance: [2, 0.5])
    switch method {
    case .forwardTraining: _ = try forwardTraining(TrainingCall(x: x, affine: affine, running: running))
    case .forwardEvaluation: _ = try forwardEvaluation(EvaluationCall(x: x, affine: affine, running: running))
    case .backwardTraining: _ = try backwardTraining(GradientCall(x: x, affine: affine, gradientY: x.values))
    case .backwardEvaluation:
      _ = try backwardEvaluation(GradientCall(x: x, affine: affine, running: running, gradientY: x.values))
    case .layers: break
    }
  }
}
