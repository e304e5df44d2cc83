import BatchNormReference
import BatchNormTesting
import NetworkLaws
import NormLaws
import ReferenceSubjects
import ReproducibleMath
import Synchronization

/// The answers of the right code and of every mutant to the probes, under the convention and in the element type of one
/// candidate, and how far its own answers may lie from them.
///
/// An answer agrees with the right one where each number lies within the bound of the laws for that call (`CallBounds`). It
/// agrees with a mutant's where each lies within that bound, enlarged by c·u·(the greatest number of the mutant's
/// reading), c = 16 for `working`, 4 for `reference`: a wrong step replaces a right one, so the candidate takes as many
/// roundings, of terms that grow as the answer does. Numbers whose bound exceeds a 64th of the reading are left out, and so is
/// what a `working` subject makes of more than two values with κ = |μ|/σ > 4, unless their sums and means are exact: there
/// the order of its sums, and how it divides by m, decide what a slip that loses digits gives. Of what is left out, this much
/// still counts: a mutant that never answers NaN, or a negative variance, is not behind an answer that has one.
struct AnswerBook {
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
    /// The first stage in which they are not right; nil where there is none.
    var home: Stage?
    /// The parts in which an answer is NaN, infinite or a negative variance where the right one is not.
    var failing: Set<Part> = []
  }

  private init(_ profile: SubjectProfile) {
    self.profile = profile
    probes = Probe.norms(profile.elementType)
    right = probes.answers(of: Self.right(profile))
    bounds = zip(probes, right).map { $0.bounds(of: $1, profile) }
    mutants = settled(Self.entries(profile.convention.ofNew, profile.elementType))
  }

  /// Of networks in float32, whose arithmetic is fixed to the bit.
  private init(networks: [Probe]) {
    profile = nil
    probes = networks
    right = probes.answers(of: .network(KernelNetwork(PlainKernels<Float>(), name: "right")))
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
}

// Books are written once for each kind of candidate.
extension AnswerBook {
  private static let books = Mutex<[SubjectProfile: AnswerBook]>([:])
  private static let networks = AnswerBook(networks: Probe.networks)

  /// The book for candidates of this kind; nil for what no mutant is a kind of.
  static func book(for candidate: Candidate) -> AnswerBook? {
    switch candidate {
    case .norm(let subject):
      var profile = subject.profile
      (profile.name, profile.version) = ("", "")
      return books.withLock { books in
        if let book = books[profile] { return book }
        let book = AnswerBook(profile)
        books[profile] = book
        return book
      }
    case .network: return candidate.network?.elementType == .float32 ? networks : nil
    case .package: return nil
    }
  }

  /// The book with more probes, which mutants answer when they are asked.
  func extended(by more: [Probe]) -> AnswerBook {
    guard let profile else { return self }
    var book = self
    let answers = more.answers(of: Self.right(profile))
    book.probes += more
    book.right += answers
    book.bounds += zip(more, answers).map { $0.bounds(of: $1, profile) }
    return book
  }

  private static func right(_ profile: SubjectProfile) -> Candidate {
    .norm(rightSubject(profile.elementType, "right", profile.convention))
  }

  private struct Kind: Hashable {
    let convention: Convention
    let type: ElementType
  }

  /// Computed once for each convention and element type of mutants.
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

  private static let known = Mutex<[Kind: [Entry]]>([:])

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

extension AnswerBook {
  /// The convention of the mutants in this book, whose momentum weighs the new; nil in that of networks.
  var mutantConvention: Convention? { profile?.convention.ofNew }

  /// The element type of the mutants in this book.
  var type: ElementType { profile?.elementType ?? .float32 }
}

extension Convention {
  /// The convention whose momentum weighs the new, all else the same: mutants are told momenta so, whatever is declared.
  var ofNew: Convention { Convention(runningVariance: runningVariance, momentum: .weightOfNew, batchOfOne: batchOfOne) }
}

extension [Probe] {
  func answers(of candidate: Candidate) -> [Probe.Answer] { map { $0.answer(of: candidate) } }
}
