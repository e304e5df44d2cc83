import BatchNormReference
import BatchNormTesting
public import NormLaws
import ReproducibleMath

extension Diagnosis {
  /// Asks the candidate every probe, and again what it was asked in the cases that broke laws; nil for candidates that no
  /// mutant of the catalogue resembles.
  ///
  /// - Parameter findings: those on the candidate, the source of such cases
  public init?(of candidate: Candidate, findings: [Finding] = []) {
    guard let known = ReferenceAnswers.answers(for: candidate) else { return nil }
    let reference = known.extended(by: Probe.recorded(of: candidate, in: findings))
    self.init(reference.probes.answers(of: candidate), reference)
  }

  /// - Parameter removed: ids of mutants that are not to be named
  init(_ answers: [Probe.Answer], _ reference: ReferenceAnswers, without removed: Set<String> = []) {
    (answered, asked) = (answers.count(where: \.isReadings), reference.right.count(where: \.isReadings))
    var search = DiagnosisSearch(
      answers, reference, reference.mutants.filter { !removed.contains($0.mutant.id) })
    for stage in Stage.allCases where search.differs(in: stage) { search.explain(stage) }
    bugs = search.found.map(\.bug)
    unexplained = search.unexplained
    lookalikes = search.lookalikes
  }
}

/// The search for the bugs that explain the answers, stage by stage.
private struct DiagnosisSearch {
  struct Found {
    var bug: Diagnosis.Bug
    let entries: [ReferenceAnswers.Entry]
  }

  private let answers: [Probe.Answer]
  private let reference: ReferenceAnswers
  private let mutants: [ReferenceAnswers.Entry]
  private let differing: Set<DiagnosisPart>
  private var explained: Set<Stage> = []
  private(set) var found: [Found] = []
  private(set) var unexplained: [DiagnosisPart] = []
  private(set) var lookalikes: [Mutant] = []

  init(_ answers: [Probe.Answer], _ reference: ReferenceAnswers, _ mutants: [ReferenceAnswers.Entry]) {
    (self.answers, self.reference, self.mutants) = (answers, reference, mutants)
    differing = reference.differing(answers)
  }

  func differs(in stage: Stage) -> Bool { !differing.isDisjoint(with: stage.parts) }

  private func wrongParts(_ stage: Stage) -> [DiagnosisPart] { stage.parts.filter(differing.contains) }

  /// By a consequence of a named bug, by a mutant whose home is the stage, or by such a mutant combined with a named bug.
  mutating func explain(_ stage: Stage) {
    if let i = found.indices.first(where: { found[$0].entries.contains { matches($0, stage) } }) {
      found[i].bug.parts += wrongParts(stage)
      explained.insert(stage)
      return
    }
    if let pair = pair(matching: stage) {
      for i in pair { found[i].bug.parts += wrongParts(stage) }
      explained.insert(stage)
      return
    }
    let isBlocked = stage.causes.contains { differs(in: $0) && !explained.contains($0) }
    guard !isBlocked else { return recordUnexplained(stage, []) }
    let natives = mutants.filter { $0.home == stage }
    var candidates = natives.filter { matches($0, stage) }
    let complete = candidates.filter { entry in
      Stage.allCases.allSatisfy { ($0.isPolicy && $0 != stage) || !differs(in: $0) || matches(entry, $0) }
    }
    if !complete.isEmpty { candidates = complete }
    if candidates.isEmpty { candidates = natives.filter { matchesCombined($0, stage) } }
    guard classes(candidates).count == 1 else { return recordUnexplained(stage, candidates) }
    found.append(
      Found(bug: Diagnosis.Bug(mutants: candidates.map(\.mutant), parts: wrongParts(stage)), entries: candidates))
    explained.insert(stage)
  }

  private mutating func recordUnexplained(_ stage: Stage, _ candidates: [ReferenceAnswers.Entry]) {
    if unexplained.isEmpty { lookalikes = candidates.map(\.mutant) }
    unexplained += wrongParts(stage)
  }

  private func matches(_ entry: ReferenceAnswers.Entry, _ stage: Stage) -> Bool {
    reference.agree(answers, with: entry, in: stage.parts)
  }

  /// Whether a named bug and this mutant's bug, both in one implementation, give the answers.
  private func matchesCombined(_ entry: ReferenceAnswers.Entry, _ stage: Stage) -> Bool {
    let stages: [Stage] = [.cumulative, .backward, .evaluationBackward, .constantChannel]
    guard stages.contains(stage), entry.mutant.mutation != nil else { return false }
    return found.contains { found in
      found.bug.mutants.contains { $0.mutation != nil && match($0, entry.mutant, stage) }
    }
  }

  /// The indices of two named bugs that, in one implementation, give the answers.
  private func pair(matching stage: Stage) -> [Int]? {
    for j in found.indices {
      for i in 0..<j {
        for one in found[i].bug.mutants where found[j].bug.mutants.contains(where: { match(one, $0, stage) }) {
          return [i, j]
        }
      }
    }
    return nil
  }

  private func match(_ first: Mutant, _ second: Mutant, _ stage: Stage) -> Bool {
    guard let convention = reference.mutantConvention else { return false }
    return CombinedMutations.candidates(first, second, convention, reference.type).contains { both in
      reference.probes.indices.allSatisfy { i in
        guard !reference.parts(of: i).isDisjoint(with: stage.parts) else { return true }
        return reference.agree(answers[i], with: reference.probes[i].answer(of: both), probe: i, in: stage.parts)
      }
    }
  }

  /// The entries by bug: those that the catalogue declares to be the same have one name.
  private func classes(_ entries: [ReferenceAnswers.Entry]) -> Set<String> {
    Set(entries.map { $0.mutant.sameAs ?? $0.mutant.id })
  }
}
