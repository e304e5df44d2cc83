import BatchNormReference
import BatchNormTesting
public import NormLaws
import ReferenceSubjects
import ReproducibleMath

/// A wrong batch normalization, network or training loop: the right one with one step replaced.
///
/// It proves that the laws bite: a mutant that no law kills shows a hole in the catalogue.
public struct Mutant: Sendable {
  public enum Genre: String, CaseIterable, Sendable {
    case forward, backward, running, evaluation, state, network
  }

  /// M-FWD-01 and so on; a letter tells variants of one slip apart. Never reused.
  public let id: String
  public let genre: Genre
  public let wrong: String
  public let right: String
  /// Where the slip was really seen; empty where we know of no place.
  public let seen: String
  /// The smallest input on which it gives another answer than the right code, in words.
  public let distinguishedBy: String
  /// The laws that are expected to kill it; any one of them is enough.
  public let killers: [String]
  /// Why it cannot be told from right code, where that is so.
  public let equivalence: String?
  /// The mutant that has the same wrong formula in the first stage in which either shows, told in other words: whoever behaves
  /// like one there behaves like both, so a diagnosis that gives either name is right.
  public let sameAs: String?
  /// The element types in which the slip shows; the first is that of `candidate`.
  let elementTypes: [ElementType]
  /// Made anew at each access: what a wrong layer shares between its instances does not outlive the trial.
  public var candidate: Candidate { make(.pytorch, elementTypes[0]) }
  /// The replaced step of a batch normalization that is the reference but for that step, so that slips can be combined.
  let slip: (@Sendable (inout NormSteps) -> Void)?
  private let make: @Sendable (Convention, ElementType) -> Candidate

  /// - Parameter make: the mutant of a declared convention in an element type; PyTorch's in the first gives `candidate`
  init(
    _ id: String, _ genre: Genre, wrong: String, right: String, seen: String = "", distinguishedBy: String,
    killers: [String], equivalence: String? = nil, sameAs: String? = nil,
    elementTypes: [ElementType] = [.float32, .float64], slip: (@Sendable (inout NormSteps) -> Void)? = nil,
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
    self.slip = slip
    self.make = make
  }

  /// The same slip in code that declares another convention; as it is where the convention belongs to the slip, and for
  /// networks, which have none.
  ///
  /// - Parameter type: nil for the mutant's own
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
    case .network: .network(KernelNetwork(PlainKernels<Float>(), name: "right"))
    case .package: .package
    }
  }

  /// The simplest of the fixed probes to which the mutant gives another answer than the right code; nil where it answers
  /// all of them alike, as an equivalent one does.
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
    forwardMutants + forwardValueMutants + forwardPrecisionMutants + backwardMutants + backwardTermMutants
    + runningMutants + runningModeMutants + evaluationMutants + stateMutants + silentMutants + networkMutants
    + loopMutants

  public static func mutant(_ id: String) -> Mutant? { mutants.first { $0.id.uppercased() == id.uppercased() } }
}
