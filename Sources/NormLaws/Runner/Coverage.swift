public import BatchNormTesting
import ReproducibleMath
import Synchronization

/// Counts what a run asks of a subject, method by method, in classes of sizes and in pairs of them.
///
/// Most bugs of kernels need two conditions at once, such as many channels and a large plane; so pairs are counted.
public final class Coverage: Sendable {
  /// One property of a call that a bug may depend on.
  public enum Class: String, CaseIterable, Hashable, Sendable {
    case channels1to3 = "C 1–3"
    case channels4to15 = "C 4–15"
    case channels16to63 = "C 16–63"
    case channels64 = "C ≥ 64"
    case plane1 = "plane 1"
    case plane2to48 = "plane 2–48"
    case plane49to1023 = "plane 49–1023"
    case plane1024 = "plane ≥ 1024"
    case samples1 = "N 1"
    case samples2to32 = "N 2–32"
    case samples33 = "N ≥ 33"
    case tracked, untracked
    case affine
    case notAffine = "not affine"

    /// Classes of one kind exclude one another.
    var kind: Int {
      switch self {
      case .channels1to3, .channels4to15, .channels16to63, .channels64: 0
      case .plane1, .plane2to48, .plane49to1023, .plane1024: 1
      case .samples1, .samples2to32, .samples33: 2
      case .tracked, .untracked: 3
      case .affine, .notAffine: 4
      }
    }
  }

  /// Two classes of different kinds, in the order of `Class`.
  public struct Pair: Hashable, Sendable {
    public let first: Class
    public let second: Class
    public var text: String { "\(first.rawValue) × \(second.rawValue)" }

    /// Every pair that calls of the method can be in.
    static func all(_ method: SubjectProfile.Method) -> [Pair] {
      let classes = Class.allCases.filter { method == .forwardTraining || $0.kind != 3 }
      return classes.indices.flatMap { i in
        classes[i...].filter { $0.kind > classes[i].kind }.map { Pair(first: classes[i], second: $0) }
      }
    }
  }

  /// What else a call may be, that kernels stumble over.
  public enum Feature: String, CaseIterable, Hashable, Sendable {
    case wideAndLarge = "C ≥ 16, plane ≥ 49, N ≥ 2"
    case multipleOf4 = "C a multiple of 4"
    case multipleOf8 = "C a multiple of 8"
    case multipleOf32 = "C a multiple of 32"
    case manyValues = "m ≥ 10⁵"
    case empty = "m = 0"
    case single = "m = 1"
  }

  private struct Counts {
    var calls = 0
    var pairs: [Pair: Int] = [:]
    var features: [Feature: Int] = [:]
  }

  public static let methods: [SubjectProfile.Method] = [
    .forwardTraining, .forwardEvaluation, .backwardTraining, .backwardEvaluation,
  ]

  private let counts = Mutex<[SubjectProfile.Method: Counts]>([:])

  public init() {}

  /// A subject that answers as `subject` does, and whose calls are counted here.
  public func counting(_ subject: any Subject) -> any Subject { CountedSubject(subject, self) }

  public func calls(_ method: SubjectProfile.Method) -> Int { counts.withLock { $0[method]?.calls ?? 0 } }

  public func count(_ feature: Feature, _ method: SubjectProfile.Method) -> Int {
    counts.withLock { $0[method]?.features[feature] ?? 0 }
  }

  /// The pairs of the method that were asked fewer than `least` times, with their counts.
  public func gaps(_ method: SubjectProfile.Method, below least: Int) -> [(pair: Pair, count: Int)] {
    let own = counts.withLock { $0[method]?.pairs ?? [:] }
    return Pair.all(method).map { ($0, own[$0] ?? 0) }.filter { $0.1 < least }
  }

  /// How many pairs the method has.
  public static func pairs(_ method: SubjectProfile.Method) -> Int { Pair.all(method).count }

  fileprivate func add(_ method: SubjectProfile.Method, _ x: Tensor, isAffine: Bool, isTracked: Bool?) {
    let layout = x.channelLayout
    let (samples, channels, plane) = (layout.batch, layout.channels, layout.spatial)
    let m = layout.valuesPerChannel
    var classes: [Class] = []
    if m > 0, channels > 0 {
      classes = [
        channels < 4 ? .channels1to3 : channels < 16 ? .channels4to15 : channels < 64 ? .channels16to63 : .channels64,
        plane < 2 ? .plane1 : plane < 49 ? .plane2to48 : plane < 1024 ? .plane49to1023 : .plane1024,
        samples < 2 ? .samples1 : samples < 33 ? .samples2to32 : .samples33,
      ]
      if let isTracked { classes.append(isTracked ? .tracked : .untracked) }
      classes.append(isAffine ? .affine : .notAffine)
    }
    let features: [(Feature, Bool)] = [
      (.wideAndLarge, channels >= 16 && plane >= 49 && samples >= 2), (.multipleOf4, m > 0 && channels % 4 == 0),
      (.multipleOf8, m > 0 && channels % 8 == 0), (.multipleOf32, m > 0 && channels % 32 == 0),
      (.manyValues, m >= 100_000), (.empty, m == 0), (.single, m == 1),
    ]
    counts.withLock { all in
      var own = all[method] ?? Counts()
      own.calls += 1
      for i in classes.indices {
        for second in classes[(i + 1)...] { own.pairs[Pair(first: classes[i], second: second), default: 0] += 1 }
      }
      for (feature, holds) in features where holds { own.features[feature, default: 0] += 1 }
      all[method] = own
    }
  }
}

/// A subject whose calls are counted.
private struct CountedSubject: ForwardingSubject {
  let base: any Subject
  private let coverage: Coverage

  init(_ base: any Subject, _ coverage: Coverage) { (self.base, self.coverage) = (base, coverage) }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    coverage.add(.forwardTraining, call.x, isAffine: call.affine != nil, isTracked: call.running != nil)
    return try base.forwardTraining(call)
  }

  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    coverage.add(.forwardEvaluation, call.x, isAffine: call.affine != nil, isTracked: nil)
    return try base.forwardEvaluation(call)
  }

  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    coverage.add(.backwardTraining, call.x, isAffine: call.affine != nil, isTracked: nil)
    return try base.backwardTraining(call)
  }

  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer {
    coverage.add(.backwardEvaluation, call.x, isAffine: call.affine != nil, isTracked: nil)
    return try base.backwardEvaluation(call)
  }
}
