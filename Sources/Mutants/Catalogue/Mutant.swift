import BatchNormReference
public import BatchNormTesting
import NetworkLaws
public import NormLaws
public import ReferenceSubjects
import ReproducibleMath

/// A wrong batch normalization, network or training loop: the right one with one step replaced.
///
/// It proves that the laws can fail: a mutant that no law kills shows a gap in the catalogue of laws.
public struct Mutant: Sendable {
  public enum Genre: String, CaseIterable, Sendable {
    case forward, backward, running, evaluation, state, network
  }

  /// M-FWD-01 and so on; a letter distinguishes variants of one bug. Never reused.
  public let id: String
  public let genre: Genre
  public let wrong: String
  public let right: String
  /// The projects that had this bug; empty if we know of none.
  public let seen: String
  /// A smallest input on which its answer differs from the right one, in words.
  public let distinguishedBy: String
  /// The laws that are expected to kill it; one of them is enough.
  public let killers: [String]
  /// Why it is equivalent to right code; nil if it is not.
  public let equivalence: String?
  /// The id of a mutant that this one duplicates: the two cannot be distinguished up to the first stage in which they show, so
  /// a diagnosis may give either name.
  public let sameAs: String?
  /// The element types in which the bug shows; the first is that of `candidate`.
  let elementTypes: [ElementType]
  /// Made anew at each access, so that state which a wrong layer shares between instances does not outlive a trial.
  public var candidate: Candidate { make(.pytorch, elementTypes[0]) }
  /// The replaced step, if the mutant is the reference except for one step; such bugs can be combined.
  let mutation: (@Sendable (inout NormSteps) -> Void)?
  private let make: @Sendable (Convention, ElementType) -> Candidate

  /// - Parameter make: the mutant for a declared convention and an element type; `candidate` is that of PyTorch's convention
  ///   and the first type
  init(
    _ id: String, _ genre: Genre, wrong: String, right: String, seen: String = "", distinguishedBy: String,
    killers: [String], equivalence: String? = nil, sameAs: String? = nil,
    elementTypes: [ElementType] = [.float32, .float64], mutation: (@Sendable (inout NormSteps) -> Void)? = nil,
    make: @escaping @Sendable (Convention, ElementType) -> Candidate
  ) {
    self.id = id
    self.genre = genre
    self.wrong = wrong
    self.right = right
    self.seen = seen
    self.distinguishedBy = distinguishedBy
    self.killers = killers
    self.equivalence = equivalence
    self.sameAs = sameAs
    self.elementTypes = elementTypes
    self.mutation = mutation
    self.make = make
  }

  /// The same bug in code that declares another convention. Mutants whose bug is the declaration, and networks, do not change.
  ///
  /// - Parameter type: the element type; nil for the mutant's own
  func candidate(under convention: Convention, _ type: ElementType? = nil) -> Candidate {
    make(convention, type ?? elementTypes[0])
  }
}

extension Mutant {
  /// The right code that the mutant is derived from, under the same declared convention.
  public var original: Candidate {
    switch candidate {
    case .norm(let subject):
      .norm(rightSubject(subject.profile.elementType, "right", subject.profile.convention))
    case .network: .network(rightNetwork)
    case .package: .package
    }
  }

  /// The simplest of the fixed probes to which the mutant gives another answer than the right code; nil if there is none, as
  /// for an equivalent mutant.
  public var tellingProbe: Probe? {
    let original = original
    let probes: [Probe] =
      switch candidate {
      case .norm(let subject): Probe.norms(subject.profile.elementType)
      case .network: Probe.networks
      case .package: []
      }
    return probes.first { $0.answer(of: candidate) != $0.answer(of: original) }
  }
}

extension Mutant {
  /// A new instance of the batch normalization; nil for a network.
  public var subject: (any Subject)? { if case .norm(let subject) = candidate { subject } else { nil } }

  /// A new instance of the network; nil for a batch normalization.
  public var network: (any NetworkSubject)? { candidate.network }
}

/// The reference network.
let rightNetwork: any NetworkSubject = KernelNetwork(PlainKernels<Float>(), name: "right")

/// The reference in an element type.
func rightSubject(_ type: ElementType, _ name: String, _ convention: Convention = .pytorch) -> any Subject {
  switch type {
  case .float32: KernelSubject(PlainKernels<Float>(), name: name, convention: convention)
  case .float64: KernelSubject(PlainKernels<Double>(), name: name, convention: convention)
  }
}

/// All mutants, by genre.
public enum MutantCatalogue {
  public static let mutants: [Mutant] =
    forwardMutants + forwardMomentMutants + forwardAxisMutants + forwardValueMutants + forwardPrecisionMutants
    + backwardMutants + affineGradientMutants + gradientCallMutants + backwardTermMutants + runningMutants
    + runningStateMutants + runningModeMutants + evaluationMutants + stateMutants + silentMutants + networkMutants
    + loopMutants

  public static func mutant(_ id: String) -> Mutant? { mutants.first { $0.id.uppercased() == id.uppercased() } }
}
