import NormLaws
import PropertyTesting

extension VerificationText {
  /// When a part is wrong that the failure is about, and whether the case fails again.
  func conditionLines(_ finding: Finding, _ counterexample: Counterexample) -> [String] {
    let part = AnswerPart(finding.law, counterexample.failure)
    let known = (conditions[finding.candidate.name] ?? []).filter { $0.part == part }
    let reproduction = reproductions[finding, counterexample.tape]
    return known.map { "condition: \($0.text)" }
      + (reproduction.map { ["repeatability: \($0.repeatability.text)"] } ?? [])
  }
}

/// The first line of a text, as a table shows it.
func firstLine(_ text: String) -> String {
  text.split(whereSeparator: \.isNewline).first.map(String.init) ?? text
}
