public import NormLaws
import PropertyTesting

/// The findings for programs: the JSON of `verify --format json`.
public struct VerificationRecord: Codable, Equatable, Sendable {
  public struct Row: Codable, Equatable, Sendable {
    public var law: String
    public var statement: String
    public var subject: String
    public var verdict: String
    /// `error`, `accuracy` or `policy`; absent where nothing was found.
    public var level: String?
    public var cases: Int
    public var held: Int
    public var vacuous: Int
    public var invalid: Int
    /// Absent where no comparison had a bound.
    public var worstErrorOverBound: Double?
    public var seed: UInt64
    public var failures: [Failure]
  }

  public struct Failure: Codable, Equatable, Sendable {
    /// The stable name that baselines match.
    public var key: String
    public var level: String
    public var identity: String
    public var fields: [String: String]
    public var replay: String
    /// The outcome word; absent where it was not looked into.
    public var repeatability: String?
    /// When the part is wrong that the failure is about; absent where nothing separates.
    public var condition: Condition?
  }

  /// How often GSL computed what an oracle expects, and how well the two agreed.
  public struct Consultation: Codable, Equatable, Sendable {
    public var cases: Int
    public var consultedCases: Int
    /// By quantity.
    public var agreements: [String: Int]
    public var largestGapOverBound: Double
    /// By reason.
    public var notConsultable: [String: Int]

    public init(
      cases: Int, consultedCases: Int, agreements: [String: Int], largestGapOverBound: Double,
      notConsultable: [String: Int]
    ) {
      (self.cases, self.consultedCases, self.agreements) = (cases, consultedCases, agreements)
      (self.largestGapOverBound, self.notConsultable) = (largestGapOverBound, notConsultable)
    }
  }

  public var verdict: String
  public var rows: [Row]
  /// Of subjects on which laws are broken.
  public var diagnoses: [DiagnosisRecord]
  /// Of GSL, by the command that judged.
  public var gsl: Consultation?

  public init(_ text: VerificationText, consultation: Consultation? = nil) {
    gsl = consultation
    verdict = text.verdict
    diagnoses = text.diagnoses.sorted { $0.key < $1.key }.map { DiagnosisRecord($0.value, of: $0.key) }
    rows = text.findings.map { finding in
      let counts = finding.summary?.counts
      return Row(
        law: finding.law.id, statement: finding.law.statement, subject: finding.candidate.name,
        verdict: finding.verdict.rawValue, level: finding.level?.word, cases: counts?.cases ?? 0,
        held: counts?.held ?? 0,
        vacuous: counts?.vacuous ?? 0, invalid: (counts?.invalid ?? 0) + (counts?.overrun ?? 0),
        worstErrorOverBound: finding.summary?.worst?.ratio,
        seed: finding.summary?.seed ?? 0,
        failures: (finding.summary?.counterexamples ?? []).map { counterexample in
          Failure(
            key: counterexample.failure.key, level: counterexample.failure.level.word,
            identity: counterexample.failure.identity,
            fields: Dictionary(text.shown(finding, counterexample).fields.map { ($0.name, $0.value) }) { first, _ in
              first
            },
            replay: text.replayLine(finding, counterexample.tape),
            repeatability: text.reproductions[finding, counterexample.tape]?.repeatability.text,
            condition: text.conditions[finding.candidate.name]?.first {
              $0.part == AnswerPart(finding.law, counterexample.failure)
            })
        })
    }
  }
}
