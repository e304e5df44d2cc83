public import Mutants
import ReproducibleMath

/// A diagnosis as text: a pure function of it.
public struct DiagnosisText: Sendable {
  public let diagnosis: Diagnosis

  public init(_ diagnosis: Diagnosis) { self.diagnosis = diagnosis }

  /// One line for each named bug, with the wrong and the right formula and where it was seen; then what is unknown.
  public var lines: [String] { lines(bearingOn: nil) }

  /// The lines that say something of one of these parts; all of them for nil.
  public func lines(bearingOn parts: Set<DiagnosisPart>?) -> [String] {
    func concerns(_ own: [DiagnosisPart]) -> Bool { parts.map { !$0.isDisjoint(with: own) } ?? true }
    let named = diagnosis.bugs.filter { concerns($0.parts) }.map { slip in
      "\(list(slip.parts)): like \(slip.mutants.map(told).joined(separator: ", or "))"
    }
    return named + unknown(diagnosis.unexplained.filter { concerns([$0]) })
  }

  private func told(_ mutant: Mutant) -> String {
    let seen = mutant.seen.isEmpty ? "" : "; seen: \(mutant.seen)"
    return "\(mutant.id): \(mutant.wrong) instead of \(mutant.right)\(seen)"
  }

  private func unknown(_ unexplained: [DiagnosisPart]) -> [String] {
    switch diagnosis.verdict {
    case .unanswered: return ["nothing known: no probe of the diagnosis was answered"]
    case .unknown:
      return [
        "no bug known: \(counted(diagnosis.answered, "probe")) of the diagnosis answered, all as right code answers them"
      ]
    case .named, .partlyNamed, .family: break
    }
    let policies: [DiagnosisPart] = [.batchOfOne, .batchOfOneState]
    let wrong = unexplained.filter { !policies.contains($0) }
    let several = diagnosis.lookalikes.map(\.id).joined(separator: ", ")
    let reason = several.isEmpty ? "no single bug of the catalogue fits" : "more than one bug fits: \(several)"
    return (wrong.isEmpty ? [] : ["\(list(wrong)): wrong, but \(reason)"])
      + (wrong == unexplained ? [] : ["\(DiagnosisPart.batchOfOne.rawValue): not answered as declared"])
  }

  /// The parts, without those that only repeat another one in the list.
  private func list(_ parts: [DiagnosisPart]) -> String {
    let updates: [DiagnosisPart] = [.runningMean, .runningVariance]
    let wider: [DiagnosisPart: [DiagnosisPart]] = [
      .cumulative: updates, .weightZero: updates, .cumulativeState: [.state], .tinyEpsilon: [.output],
      .manyChannels: updates + [.output], .batchOfOne: updates + [.output], .batchOfOneState: [.state, .batchOfOne],
    ]
    return parts.filter { part in !(wider[part] ?? []).contains(where: parts.contains) }
      .map(\.rawValue).joined(separator: ", ")
  }
}

/// A diagnosis for programs.
public struct DiagnosisRecord: Codable, Equatable, Sendable {
  public struct Slip: Codable, Equatable, Sendable {
    /// The mutant's id, or several of one bug.
    public var ids: [String]
    public var parts: [String]
    public var wrong: String
    public var right: String
    public var seen: String
  }

  public var subject: String
  /// named, partly named, family, unknown or unanswered.
  public var verdict: String
  public var slips: [Slip]
  public var unexplained: [String]
  public var lookalikes: [String]

  public init(_ diagnosis: Diagnosis, of subject: String) {
    self.subject = subject
    verdict = diagnosis.verdict.rawValue
    slips = diagnosis.bugs.map { slip in
      Slip(
        ids: slip.mutants.map(\.id), parts: slip.parts.map(\.rawValue), wrong: slip.mutants[0].wrong,
        right: slip.mutants[0].right, seen: slip.mutants[0].seen)
    }
    unexplained = diagnosis.unexplained.map(\.rawValue)
    lookalikes = diagnosis.lookalikes.map(\.id)
  }
}
