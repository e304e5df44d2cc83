import Experiments
import ReproducibleMath

extension ExperimentReport {
  /// Everything against the batch size.
  var batchSizePage: String {
    [
      "# Batch sizes",
      """
      The network of the seed experiment, 784-256-128-10 at rate 0.01 and momentum 0.9, with batches from 2 to 1,024 images, with and
      without batch normalization. *Equal epochs*: every run sees each image equally often, so small batches take more steps.
      *Equal steps*: every run takes the same number of steps, so large batches see more images. Neither comparison is fair to both. A
      statement about batch sizes has to say which one it means.
      """,
      figure(\.batchSizes), "## What batch normalization adds at each batch size",
      "Validation accuracy at equal epochs, by running statistics; the interval is 95 % by Student's t over pairs.",
      sections { $0.benefitTable.markdown },
      "## Claims", excerpt(["CLM-09", "CLM-12", "CLM-14"]), "## Cost by formula",
      "Operations and bytes of the algorithm in `Float`. They are the same on every machine.",
      excerpt(["CLM-08", "CLM-13"]),
    ].joined(separator: "\n\n") + "\n"
  }

  /// Verdicts and tables of some claims.
  func excerpt(_ ids: [String]) -> String {
    ids.map { id in
      let claim = Claims.all.first { $0.id == id }
      let title = "**[\(id)](claims.md#\(id.lowercased()))** \(claim?.sentence ?? "")"
      let judged = parts.flatMap { part in
        part.judgements.filter { $0.id == id }.map { judgement in
          "\(part.dataset.title): **\(judgement.verdict.marked)**. \(judgement.reason)\n\n"
            + judgement.table.text.markdown
        }
      }
      return ([title] + judged).joined(separator: "\n\n")
    }.joined(separator: "\n\n")
  }
}

extension ExperimentReport.Part {
  var benefitTable: TextTable {
    TextTable(
      ["batch size", "pairs", "without (%)", "with (%)", "with − without (points)", "95 %", "p"],
      alignments: Array(repeating: .right, count: 7),
      rows: benefits.map { benefit in
        let effect = benefit.effect
        let interval = (effect?.interval ?? effect?.bootstrap).map {
          "\(fixed($0.lowerBound, 2)) to \(fixed($0.upperBound, 2))"
        }
        return [
          "\(benefit.batchSize)", effect.map { "\($0.count)" } ?? "–", fixed(100 * benefit.without, 2),
          fixed(100 * benefit.with, 2), effect.map { fixed($0.estimate, 2) } ?? "–", interval ?? "–",
          effect.map { probability($0.pValue) } ?? "–",
        ]
      })
  }
}
