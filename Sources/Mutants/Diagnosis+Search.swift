import BatchNormReference
import BatchNormTesting
public import NormLaws
import ReproducibleMath

extension Diagnosis {
  /// Asks the candidate every probe, and again what it was asked in the cases that broke laws; nil for what no mutant of the
  /// catalogue is a kind of.
  ///
  /// - Parameter findings: those on the candidate, the source of such cases
  public init?(of candidate: Candidate, findings: [Finding] = []) {
    guard let known = AnswerBook.book(for: candidate) else { return nil }
    let book = known.extended(by: Probe.recorded(of: candidate, in: findings))
    self.init(book.probes.answers(of: candidate), in: book)
  }

  /// - Parameter removed: ids of mutants that the catalogue is to be without
  init(_ answers: [Probe.Answer], in book: AnswerBook, without removed: Set<String> = []) {
    (answered, asked) = (answers.count(where: \.isReadings), book.right.count(where: \.isReadings))
    var search = DiagnosisSearch(answers, book, book.mutants.filter { !removed.contains($0.mutant.id) })
    for stage in Stage.allCases where search.differs(in: stage) { search.explain(stage) }
    slips = search.found.map(\.slip)
    unexplained = search.unexplained
    lookalikes = search.lookalikes
  }
}

/// The search for the slips behind answers, stage by stage.
private struct DiagnosisSearch {
  struct Found {
    var slip: Diagnosis.Slip
    let entries: [AnswerBook.Entry]
  }

  private let answers: [Probe.Answer]
  private let book: AnswerBook
  private let mutants: [AnswerBook.Entry]
  private let differing: Set<Part>
  private var explained: Set<Stage> = []
  private(set) var found: [Found] = []
  private(set) var unexplained: [Part] = []
  private(set) var lookalikes: [Mutant] = []

  init(_ answers: [Probe.Answer], _ book: AnswerBook, _ mutants: [AnswerBook.Entry]) {
    (self.answers, self.book, self.mutants) = (answers, book, mutants)
    differing = book.differing(answers)
  }

  func differs(in stage: Stage) -> Bool { !differing.isDisjoint(with: stage.parts) }

  private func wrongParts(_ stage: Stage) -> [Part] { stage.parts.filter(differing.contains) }

  /// By a consequence of what is named, by a mutant at home in the stage, or by one of these on top of what is named.
  mutating func explain(_ stage: Stage) {
    if let i = found.indices.first(where: { found[$0].entries.contains { fits($0, stage) } }) {
      found[i].slip.parts += wrongParts(stage)
      explained.insert(stage)
      return
    }
    if let pair = pair(fitting: stage) {
      for i in pair { found[i].slip.parts += wrongParts(stage) }
      explained.insert(stage)
      return
    }
    let isBlocked = stage.causes.contains { differs(in: $0) && !explained.contains($0) }
    guard !isBlocked else { return leave(stage, []) }
    let natives = mutants.filter { $0.home == stage }
    var candidates = natives.filter { fits($0, stage) }
    let complete = candidates.filter { entry in
      Stage.allCases.allSatisfy { ($0.isPolicy && $0 != stage) || !differs(in: $0) || fits(entry, $0) }
    }
    if !complete.isEmpty { candidates = complete }
    if candidates.isEmpty { candidates = natives.filter { fitsOnTop($0, stage) } }
    guard classes(candidates).count == 1 else { return leave(stage, candidates) }
    found.append(
      Found(slip: Diagnosis.Slip(mutants: candidates.map(\.mutant), parts: wrongParts(stage)), entries: candidates))
    explained.insert(stage)
  }

  private mutating func leave(_ stage: Stage, _ candidates: [AnswerBook.Entry]) {
    if unexplained.isEmpty { lookalikes = candidates.map(\.mutant) }
    unexplained += wrongParts(stage)
  }

  private func fits(_ entry: AnswerBook.Entry, _ stage: Stage) -> Bool {
    book.agree(answers, with: entry, in: stage.parts)
  }

  /// Whether a named slip and this mutant's slip, both in one implementation, give the answers.
  private func fitsOnTop(_ entry: AnswerBook.Entry, _ stage: Stage) -> Bool {
    guard [.cumulative, .backward, .evaluationBackward, .constantChannel].contains(stage), entry.mutant.slip != nil
    else {
      return false
    }
    return found.contains { found in
      found.slip.mutants.contains { $0.slip != nil && fits($0, entry.mutant, stage) }
    }
  }

  /// The places of two named slips that, in one implementation, give the answers.
  private func pair(fitting stage: Stage) -> [Int]? {
    for j in found.indices {
      for i in 0..<j {
        for one in found[i].slip.mutants where found[j].slip.mutants.contains(where: { fits(one, $0, stage) }) {
          return [i, j]
        }
      }
    }
    return nil
  }

  private func fits(_ first: Mutant, _ second: Mutant, _ stage: Stage) -> Bool {
    guard let convention = book.mutantConvention else { return false }
    return CombinedSlips.candidates(first, second, convention, book.type).contains { both in
      book.probes.indices.allSatisfy { i in
        guard !book.parts(of: i).isDisjoint(with: stage.parts) else { return true }
        return book.agree(answers[i], with: book.probes[i].answer(of: both), probe: i, in: stage.parts)
      }
    }
  }

  /// The entries by slip: those that the catalogue declares to be the same stand together.
  private func classes(_ entries: [AnswerBook.Entry]) -> Set<String> {
    Set(entries.map { $0.mutant.sameAs ?? $0.mutant.id })
  }
}
