public import ReproducibleMath

/// A batch normalization under test.
///
/// The four methods are pure: all state comes in with the call and goes out with the answer. A subject that also offers
/// `layers` has state of its own, which is tested too.
///
/// A method throws `SubjectError.refused` where it declines, with `.invalidArgument` where its declared convention says so.
public protocol Subject: Sendable {
  var profile: SubjectProfile { get }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer
  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double]
  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer
  /// `call.running` is there.
  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer
  /// A fresh layer with its own state; only asked of a subject that offers `.layers`.
  func makeLayer(_ settings: LayerSettings) throws -> any SubjectLayer
}

extension Subject {
  public func makeLayer(_ settings: LayerSettings) throws -> any SubjectLayer {
    throw SubjectError.refused(.unsupported, "\(profile.name) offers no layers")
  }
}

/// What a subject declares about itself. What it declares is tested, what it leaves out is reported as not offered.
public struct SubjectProfile: Hashable, Sendable {
  public enum Method: String, CaseIterable, Hashable, Sendable {
    case forwardTraining = "forward_training"
    case forwardEvaluation = "forward_evaluation"
    case backwardTraining = "backward_training"
    case backwardEvaluation = "backward_evaluation"
    /// Layers with state of their own.
    case layers
  }

  /// Which bounds the subject is held to.
  public enum Accuracy: String, CaseIterable, Hashable, Sendable {
    /// All arithmetic in a type twice as wide as the element type, in two passes, and one final rounding: errors do not grow with
    /// κ = |μ|/σ.
    ///
    /// float32 is computed in `Double`, with a unit roundoff of 2⁻⁵³. float64 is computed in double-double, for which 2⁻¹⁰⁰ is
    /// demanded; code that adds doubles in `Double` is `working`. Every bound takes this unit: outputs, statistics and gradients.
    case reference
    /// Arithmetic in the element type: errors may grow in proportion to κ.
    case working
  }

  /// What is expected where a law compares two answers of the subject bit for bit.
  public enum BitPromise: String, CaseIterable, Hashable, Sendable {
    /// Other bits are an error: for this package's own subjects, whose every operation is fixed.
    case exact
    /// Other bits within the bounds of both answers are an accuracy note.
    case withinBounds = "within_bounds"
  }

  public var name: String
  public var version: String
  public var elementType: ElementType
  public var layouts: Set<TensorLayout>
  public var methods: Set<Method>
  public var convention: Convention
  public var policies: Policies
  /// The policies that the subject declares itself; the others were inferred, or are the reference's.
  public var declared: Set<Policy>
  public var accuracy: Accuracy
  public var bits: BitPromise
  /// Whether laws are measured by it: its errors must come near to their bounds.
  public var isYardstick = false

  public init(
    name: String, version: String = "", elementType: ElementType,
    layouts: Set<TensorLayout> = Set(TensorLayout.allCases),
    methods: Set<Method> = Set(Method.allCases), convention: Convention = .pytorch,
    policies: Policies = .reference, declared: Set<Policy> = Set(Policy.allCases), accuracy: Accuracy,
    bits: BitPromise = .withinBounds
  ) {
    self.name = name
    self.version = version
    self.elementType = elementType
    self.layouts = layouts
    self.methods = methods
    self.convention = convention
    self.policies = policies
    self.declared = declared
    self.accuracy = accuracy
    self.bits = bits
  }
}

/// Why a subject gave no answer.
public enum SubjectError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Refusal: String, Hashable, Sendable {
    case unsupported
    case invalidArgument = "invalid_argument"
    case `internal`
  }

  /// The subject itself declined.
  case refused(Refusal, String)

  public var description: String {
    switch self {
    case .refused(let code, let message): "refused (\(code.rawValue)): \(message)"
    }
  }
}
