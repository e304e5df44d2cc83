import Datasets
import Experiments
import ReproducibleMath

extension ExperimentReport {
  /// Every claim with hypothesis, statistic, rule, verdict and figures.
  var claimsPage: String {
    let claims = Claims.all.enumerated().map { index, claim in
      ([
        "<a id=\"\(claim.id.lowercased())\"></a>", "## \(claim.id) \(claim.sentence)",
        "- **Hypothesis:** \(claim.hypothesis)\n- **Statistic:** \(claim.statistic)\n- **Rule:** \(claim.rule)",
      ] + parts.map { judged($0, $0.judgements[index]) }).joined(separator: "\n\n")
    }
    return ([head, summary] + claims).joined(separator: "\n\n") + "\n"
  }

  private var head: String {
    """
    # Claims about batch normalization, judged

    The rules were fixed in code (`Sources/Experiments/Claims`) before results were looked at. One rule was corrected after a pilot on the
    embedded subset, and says so. No verdict is typed in. Runs with and without batch normalization are **pairs** that share the initial
    weights, the validation images and the order of the batches: one pair for each seed. An effect is a difference or a ratio within
    pairs; it is positive (or above 1) if it supports the claim. A verdict is made in this order:

    1. **inconclusive** if runs are missing or too few;
    2. **not supported** if two one-sided tests (TOST, α = 0.05) show that the effect, if any, is smaller than the margin that
       the claim names as the smallest that matters;
    3. **supported** or **refuted** if the effect has the claimed or the opposite direction with p < 0.05 after Holm's correction
       over all claims on the data set;
    4. **inconclusive** otherwise: neither an effect nor its absence is shown. *Detectable* is the smallest effect that would have
       been found with a probability of 80 %.

    A run that diverged counts as one that did not learn; it is never dropped. The time to a target that was missed is infinite.
    """
  }

  private var summary: String { "## Verdicts\n\n" + verdictTable.markdown }

  /// One row a claim, one column a data set.
  var verdictTable: TextTable {
    TextTable(
      ["", "claim"] + parts.map(\.dataset.title), alignments: [.left, .left] + parts.map { _ in .left },
      rows: Claims.all.enumerated().map { index, claim in
        ["[\(claim.id)](claims.md#\(claim.id.lowercased()))", claim.sentence]
          + parts.map { part in
            let judgement = part.judgements[index]
            let effect = judgement.effects.first.map { ": \($0.text)" } ?? ""
            return "**\(judgement.verdict.marked)**" + effect
          }
      })
  }

  private func judged(_ part: Part, _ judgement: ClaimResult) -> String {
    let title = "**\(part.dataset.title): \(judgement.verdict.marked).** \(judgement.reason)"
    let tested = judgement.pValue.map { p in
      " \(equation(p)), corrected by Holm \(equation(judgement.correctedPValue ?? 1))."
    }
    let effects = TextTable(
      Effect.header, alignments: [.left, .right, .left] + Array(repeating: .right, count: 7),
      rows: judgement.effects.map(\.cells))
    let source = judgement.cells.isEmpty ? [] : [source(part, judgement)]
    return
      ([title + (tested ?? "")] + (judgement.effects.isEmpty ? [] : [effects.markdown])
      + [judgement.table.text.markdown] + source).joined(separator: "\n\n")
  }

  private func source(_ part: Part, _ judgement: ClaimResult) -> String {
    let place = "data/claims-\(part.dataset.rawValue).json"
    return "From \(counted(judgement.cells.count, "run")), named in [\(place)](\(place))."
  }
}
