import BatchNormReference
import BatchNormTesting
import NetworkLaws
import NormLaws
public import PropertyTesting
import ReproducibleMath

/// How far diagnoses can be trusted: every mutant diagnosed with the whole catalogue and without its own entry, and pairs of
/// bugs in one implementation.
public struct DiagnosisReview: Sendable {
  /// One mutant as the candidate.
  public struct Row: Sendable {
    public let mutant: Mutant
    public let diagnosis: Diagnosis
    /// By a catalogue without this mutant and without those that are the same bug.
    public let withoutIt: Diagnosis

    /// Whether it is the only name, and explains everything that is wrong.
    public var isNamed: Bool {
      diagnosis.verdict == .named && diagnosis.bugs.count == 1
        && diagnosis.bugs[0].mutants.contains { $0.id == mutant.id }
    }

    /// The ids of other mutants that are named when this one is not in the catalogue.
    public var wrongNames: [String] { withoutIt.bugs.flatMap { $0.mutants.map(\.id) } }
  }

  /// A forward or running bug and a backward bug in one implementation.
  public struct Pair: Sendable {
    public enum Outcome: String, Sendable {
      /// Both are named, or one is named and explains all that the other does.
      case bothNamed = "both named"
      /// Not both are named; every part that is wrong is given.
      case family
      /// Another mutant is named.
      case misnamed
      /// None of the laws that are expected to kill one of the two breaks.
      case undetected
    }

    /// The id of the forward or running mutant, then of the backward mutant.
    public let ids: [String]
    public let outcome: Outcome
    /// The ids that the diagnosis gives.
    public let names: [String]
  }

  public let rows: [Row]
  public let pairs: [Pair]

  /// The share of mutants that are named; 1 where there are none.
  public var namedShare: Double { rows.isEmpty ? 1 : Double(rows.count(where: \.isNamed)) / Double(rows.count) }

  public func count(_ outcome: Pair.Outcome) -> Int { pairs.count { $0.outcome == outcome } }

  /// Whether 95 % are named, none wrongly, and no pair is undetected or misnamed.
  public var holds: Bool {
    namedShare >= 0.95 && rows.allSatisfy(\.wrongNames.isEmpty) && count(.misnamed) == 0 && count(.undetected) == 0
  }

  /// Diagnoses the mutants one by one, and each pair of a forward or running bug with a backward one.
  ///
  /// Equivalent mutants are skipped. The result depends neither on `workers` nor on time.
  ///
  /// - Parameter settings: for the runs of the laws that a pair has to break
  public static func run(
    mutants: [Mutant], settings: RunSettings, workers: Int, afterRow: @Sendable () -> Void
  ) -> DiagnosisReview {
    let distinct = mutants.filter { $0.equivalence == nil }
    let rows = judgeConcurrently(distinct, workers: workers, afterItem: afterRow) { row(of: $0) }
    let pairs = pairings(of: distinct)
    var quick = settings
    quick.shrinkAttempts = 0
    let pairSettings = quick
    let outcomes = judgeConcurrently(pairs, workers: workers, afterItem: afterRow) {
      pair(of: $0.forward, $0.backward, pairSettings)
    }
    return DiagnosisReview(rows: rows.compactMap { $0 }, pairs: outcomes)
  }

  /// How many rows and pairs a run over these mutants has.
  public static func count(of mutants: [Mutant]) -> Int {
    let distinct = mutants.filter { $0.equivalence == nil }
    return distinct.count + pairings(of: distinct).count
  }

  static func row(of mutant: Mutant) -> Row? {
    // A fresh one: mutants whose layers share their state remember earlier calls.
    let candidate = mutant.candidate(under: declared(by: mutant))
    guard let reference = ReferenceAnswers.answers(for: candidate) else { return nil }
    let answers = reference.probes.answers(of: candidate)
    let own = mutant.sameAs ?? mutant.id
    let same = MutantCatalogue.mutants.filter { $0.id == own || $0.sameAs == own }.map(\.id)
    return Row(
      mutant: mutant, diagnosis: Diagnosis(answers, reference),
      withoutIt: Diagnosis(answers, reference, without: Set(same)))
  }

  static func pair(of forward: Mutant, _ backward: Mutant, _ settings: RunSettings) -> Pair {
    let ids = [forward.id, backward.id]
    guard
      let candidate = CombinedMutations.candidates(forward, backward, declared(by: forward)).first
    else { return Pair(ids: ids, outcome: .undetected, names: []) }
    let isDetected = (forward.killers + backward.killers).contains { id in
      guard let law = Catalogue.law(id), let property = candidate.property(of: law) else { return false }
      return property.run(law.settings(settings)).verdict == .broken
    }
    guard isDetected, let diagnosis = Diagnosis(of: candidate) else {
      return Pair(ids: ids, outcome: .undetected, names: [])
    }
    let names = diagnosis.bugs.flatMap { $0.mutants.map(\.id) }
    let known = ids + [forward, backward].compactMap(\.sameAs)
    let isRight = diagnosis.bugs.allSatisfy { bug in bug.mutants.contains { known.contains($0.id) } }
    return Pair(
      ids: ids, outcome: !isRight ? .misnamed : diagnosis.verdict == .named ? .bothNamed : .family, names: names)
  }

  private static func declared(by mutant: Mutant) -> Convention {
    if case .norm(let subject) = mutant.candidate { subject.profile.convention } else { .pytorch }
  }

  private static func pairings(of mutants: [Mutant]) -> [(forward: Mutant, backward: Mutant)] {
    let backward = mutants.filter { $0.genre == .backward }
    return mutants.filter { $0.genre == .forward || $0.genre == .running }
      .flatMap { forward in backward.map { (forward, $0) } }
  }
}
