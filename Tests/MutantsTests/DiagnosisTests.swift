import BatchNormReference
import Foundation
import Properties
import PropertyTesting
import Subjects
import Testing

@testable import Mutants

@Suite(.serialized) struct DiagnosisTests {
  @Test func dump() {
    let s = ContinuousClock.now
    for mutant in MutantCatalogue.mutants where mutant.equivalence == nil {
      guard let row = DiagnosisReview.row(of: mutant) else { print("NOROW", mutant.id); continue }
      if !row.isNamed || !row.wrongNames.isEmpty {
        print("ROW", mutant.id, row.diagnosis.verdict, row.diagnosis.slips.map { ($0.mutants.map(\.id), $0.parts.map(\.rawValue)) },
          row.diagnosis.unexplained.map(\.rawValue), row.diagnosis.lookalikes.map(\.id), "WITHOUT", row.withoutIt.slips.map { ($0.mutants.map(\.id), $0.parts.map(\.rawValue)) }, row.withoutIt.unexplained.map(\.rawValue))
      }
    }
    for c in CorrectSubjects.all {
      let d = Diagnosis(of: .norm(c.subject))!
      if d.verdict != .unknown { print("RIGHT", c.name, d.slips.map { ($0.mutants.map(\.id), $0.parts) }, d.unexplained) }
    }
    print("TIME", ContinuousClock.now - s)
    let f = MutantCatalogue.mutants.filter { ($0.genre == .forward || $0.genre == .running) && $0.equivalence == nil }
    let b = MutantCatalogue.mutants.filter { $0.genre == .backward }
    print("PAIRS", f.count * b.count)
    var k = 0
    var n = 0
    for x in f { for y in b {
      k += 1
      guard k % 11 == 0 else { continue }
      n += 1
      let p = DiagnosisReview.pair(of: x, y, RunSettings(cases: 60))
      if p.outcome != .bothNamed || Set(p.names) != Set(p.slips) { print("PAIR", p.slips, p.outcome, p.names) }
    } }
    print("N", n)
    print("TIME", ContinuousClock.now - s)
  }
}
