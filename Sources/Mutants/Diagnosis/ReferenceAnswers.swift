import BatchNormReference
import BatchNormTesting
import NetworkLaws
import NormLaws
import ReferenceSubjects
import ReproducibleMath
import Synchronization

/// The answers of the right code and of every mutant to the probes, under the convention and in the element type of one
/// candidate, and how far the candidate's own answers may lie from them.
///
/// An answer agrees with the right one if each number lies within the laws' bound for that call (`CallBounds`). It agrees
/// with a mutant's if each number lies within that bound, enlarged by c·u·(the maximum of the mutant's reading), c = 16 for
/// `working`, 4 for `reference`: a wrong step replaces a right one, so the candidate takes as many roundings, of terms that
/// grow as the answer does.
///
/// Skipped are numbers whose bound exceeds a 64th of the reading, and what a `working` subject computes from more than two
/// values with κ = |μ|/σ > 4, unless their sums and means are exact: there the order of its sums, and how it divides by m,
/// decide what a bug that loses digits gives. One thing is still compared: a mutant that never answers NaN, or a negative
/// variance, does not explain an answer that has one.
struct ReferenceAnswers {
  let profile: SubjectProfile?
  private(set) var probes: [Probe]
  private(set) var right: [Probe.Answer]
  /// By probe, reading and number; infinite for a number that proves nothing.
  private(set) var bounds: [[[Double]]]
  private(set) var mutants: [Entry] = []

  /// A mutant with its answers.
  struct Entry: Sendable {
    let mutant: Mutant
    let answers: [Probe.Answer]
    /// The first stage in which they are not right; nil if all are right.
    var home: Stage?
    /// The parts in which an answer is NaN, infinite or a negative variance and the right one is not.
    var failing: Set<DiagnosisPart> = []
  }

  private init(_ profile: SubjectProfile) {
    self.profile = profile
    probes = Probe.norms(profile.elementType)
    right = probes.answers(of: Self.right(profile))
    bounds = zip(probes, right).map { $0.bounds(of: $1, profile) }
    mutants = settled(Self.entries(profile.convention.withWeightOfNew, profile.elementType))
  }

  /// For networks in float32, whose arithmetic is fixed to the bit.
  private init(networks: [Probe]) {
    profile = nil
    probes = networks
    right = probes.answers(of: .network(rightNetwork))
    bounds = []
    mutants = settled(
      Self.entries(.pytorch, .float32) { candidate in
        if case .network = candidate { networks } else { [] }
      })
  }

  private func settled(_ entries: [Entry]) -> [Entry] {
    entries.map { entry in
      let wrong = differing(entry.answers)
      var entry = entry
      entry.failing = failing(entry.answers)
      entry.home = Stage.allCases.first { !wrong.isDisjoint(with: $0.parts) }
      return entry
    }
  }

  /// The same with more probes, which mutants answer when they are asked.
  func extended(by more: [Probe]) -> ReferenceAnswers {
    guard let profile else { return self }
    var extended = self
    let answers = more.answers(of: Self.right(profile))
    extended.probes += more
    extended.right += answers
    extended.bounds += zip(more, answers).map { $0.bounds(of: $1, profile) }
    return extended
  }

  /// The convention of the mutants; nil for networks, which have none.
  var mutantConvention: Convention? { profile?.convention.withWeightOfNew }

  /// The element type of the mutants.
  var type: ElementType { profile?.elementType ?? .float32 }

  private static func right(_ profile: SubjectProfile) -> Candidate {
    .norm(rightSubject(profile.elementType, "right", profile.convention))
  }
}

// The answers depend on the kind of candidate alone, so those of the last kinds are kept.
extension ReferenceAnswers {
  private static let networks = ReferenceAnswers(networks: Probe.networks)
  private static let latest = Mutex<[(profile: SubjectProfile, answers: ReferenceAnswers)]>([])

  /// Those for candidates of this kind; nil for candidates that no mutant resembles.
  static func answers(for candidate: Candidate) -> ReferenceAnswers? {
    switch candidate {
    case .norm(let subject):
      var profile = subject.profile
      (profile.name, profile.version) = ("", "")
      return latest.withLock { latest in
        if let known = latest.first(where: { $0.profile == profile }) { return known.answers }
        let answers = ReferenceAnswers(profile)
        if latest.count == 16 { latest.removeFirst() }
        latest.append((profile, answers))
        return answers
      }
    case .network: return candidate.network?.elementType == .float32 ? networks : nil
    case .package: return nil
    }
  }

  private struct Kind: Hashable {
    let convention: Convention
    let type: ElementType
  }

  /// At most one for each convention and element type.
  private static let known = Mutex<[Kind: [Entry]]>([:])

  private static func entries(_ convention: Convention, _ type: ElementType) -> [Entry] {
    known.withLock { known in
      let kind = Kind(convention: convention, type: type)
      if let entries = known[kind] { return entries }
      let entries = entries(convention, type) { candidate in
        if case .norm = candidate { Probe.norms(type) } else { [] }
      }
      known[kind] = entries
      return entries
    }
  }

  private static func entries(
    _ convention: Convention, _ type: ElementType, _ probes: (Candidate) -> [Probe]
  ) -> [Entry] {
    MutantCatalogue.mutants.filter { $0.elementTypes.contains(type) }.compactMap { mutant in
      let candidate = mutant.candidate(under: convention, type)
      let probes = probes(candidate)
      return probes.isEmpty ? nil : Entry(mutant: mutant, answers: probes.answers(of: candidate))
    }
  }
}

extension Convention {
  /// The same, except that momentum weighs the new value: mutants get momenta in this form, whatever is declared.
  fileprivate var withWeightOfNew: Convention {
    Convention(runningVariance: runningVariance, momentum: .weightOfNew, batchOfOne: batchOfOne)
  }
}

extension [Probe] {
  func answers(of candidate: Candidate) -> [Probe.Answer] { map { $0.answer(of: candidate) } }
}
