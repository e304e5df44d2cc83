public import BatchNormTesting
public import ReferenceSubjects
import ReproducibleMath

/// What comes of one test on one implementation.
public enum VectorVerdict: Equatable, Sendable {
  /// With the worst error/bound over all outputs.
  case passed(ratio: Double)
  /// Right, but outside an accuracy bound, with the same words; nothing is wrong.
  case noted(String)
  /// With output, index, expected, observed and bound of what is worst in the first output that is off.
  case failed(String)
  /// The test is about another convention, element type or kind of implementation, or about what is not offered.
  case notJudged(String)
}

extension VectorProfile {
  /// The bound that a subject is held to. Doubles with wide sums have no bound of their own: they meet that of float64.
  public init(_ profile: SubjectProfile) {
    self.init(profile.elementType, profile.accuracy)
  }

  init(_ type: ElementType, _ accuracy: SubjectProfile.Accuracy) {
    self = type == .float64 ? .float64 : accuracy == .reference ? .float32Wide : .float32
  }
}

extension VectorTest {
  /// This test, of `group`, on a batch normalization.
  ///
  /// Throws if the test itself is at fault.
  public func verdict(in group: VectorGroup, of subject: any Subject) throws(FixtureError) -> VectorVerdict {
    guard group.operation.isOfNorm else { return .notJudged("asks a network") }
    guard group.convention.binds(subject.profile.convention) else { return .notJudged("another convention") }
    return try verdict(in: group, VectorProfile(subject.profile), subject.profile.elementType) { inputs in
      try VectorAnswers(group.operation, inputs, subject)
    }
  }

  /// This test, of `group`, on a network. Networks of this package have no bounds of their own: they are held to those of
  /// their element type, and to the bits where the test asks for them.
  public func verdict(in group: VectorGroup, of network: any NetworkSubject) throws(FixtureError) -> VectorVerdict {
    guard !group.operation.isOfNorm else { return .notJudged("asks a batch normalization") }
    return try verdict(in: group, VectorProfile(network.elementType, .working), network.elementType) { inputs in
      try VectorAnswers(group.operation, inputs, network)
    }
  }

  private func verdict(
    in group: VectorGroup, _ profile: VectorProfile, _ type: ElementType, _ ask: (VectorInputs) throws -> VectorAnswers
  ) throws(FixtureError) -> VectorVerdict {
    if result == .convention, type != .float32 { return .notJudged("bits of float32") }
    let answers: VectorAnswers
    do { answers = try ask(VectorInputs(group.shared + inputs, of: id)) } catch let error as FixtureError {
      throw error
    } catch SubjectError.refused(.unsupported, let reason) {
      return .notJudged(reason)
    } catch {
      return result == .invalid ? .passed(ratio: 0) : .failed("refused: \(error)")
    }
    if result == .invalid { return .failed("answered, where it is to refuse") }
    var worst = 0.0
    var note: String?
    for output in outputs {
      guard let observed = answers[output.name] else { return .failed("\(output.name) is missing") }
      switch output.verdict(observed, profile, type) {
      case .failed(let reason): return .failed(reason)
      case .noted(let reason): note = note ?? reason
      case .passed(let ratio): worst = max(worst, ratio)
      case .notJudged: break
      }
    }
    return note.map { .noted($0) } ?? .passed(ratio: worst)
  }
}

extension VectorOutput {
  fileprivate func verdict(_ observed: [Double], _ profile: VectorProfile, _ type: ElementType) -> VectorVerdict {
    switch expected {
    case .integers(let integers):
      let numbers = integers.map { Double($0) }
      return numbers == observed ? .passed(ratio: 0) : .failed("\(name): \(numbers) expected, \(observed) observed")
    case .bits(let tensor):
      guard let difference = BitwiseDifference(observed: observed, expected: tensor.values),
        !(difference.observed?.isNaN == true && difference.expected?.isNaN == true)
      else { return .passed(ratio: 0) }
      func text(_ value: Double?) -> String { value.map { "\(HexadecimalValue.text($0)) (\($0))" } ?? "no value" }
      return .failed(
        "\(name)[\(difference.index)]: \(text(difference.expected)) expected, \(text(difference.observed)) observed, "
          + "in the same bits")
    case .values(let tensor, let bounds, let accuracyBounds):
      guard let bounds = bounds[profile] else { return .notJudged("no bound for \(profile.rawValue)") }
      let verdict = verdict(observed, tensor, bounds, type)
      guard case .passed = verdict, let strict = accuracyBounds[profile] else { return verdict }
      if case .failed(let reason) = self.verdict(observed, tensor, strict, type) { return .noted(reason) }
      return verdict
    }
  }

  private func verdict(
    _ observed: [Double], _ tensor: VectorTensor, _ bounds: [Double], _ type: ElementType
  ) -> VectorVerdict {
    let comparison =
      type == .float32 && observed.allSatisfy { ElementType.float32.holds($0) }
      ? Comparison(
        observed: observed.map { Float($0) }, expected: tensor.values.map { DoubleDouble($0) }, bounds: bounds)
      : Comparison(observed: observed, expected: tensor.values.map { DoubleDouble($0) }, bounds: bounds)
    guard !tensor.values.isEmpty || !observed.isEmpty else { return .passed(ratio: 0) }
    guard let worst = comparison.worst, !comparison.passed else { return .passed(ratio: comparison.worstRatio) }
    return .failed(
      "\(name)[\(worst.index)]: \(worst.expected.high) ± \(worst.bound) expected, \(worst.observed) observed, "
        + "error/bound \(worst.ratio)")
  }
}
