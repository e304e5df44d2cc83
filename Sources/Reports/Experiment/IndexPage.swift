import Datasets
import Experiments
import Statistics

extension ExperimentReport {
  /// Answer and verdicts first, then what batch normalization is, then where the rest stands.
  var indexPage: String {
    ([
      "# Does batch normalization help here?", parts.map(answer).joined(separator: "\n\n"),
      "| Pages | |\n| --- | --- |\n" + pages, "## Verdicts", verdictTable.markdown,
      "How each claim is decided, with all figures: [claims.md](claims.md).", theory, made,
    ]).joined(separator: "\n\n") + "\n"
  }

  /// Does it help, how sure, at which batch size, at what cost: in sentences made of the figures.
  private func answer(_ part: Part) -> String {
    var sentences = ["**\(part.dataset.title).**"]
    if let main = part.benefits.first(where: { $0.batchSize == 64 }), let effect = main.effect {
      sentences.append(
        """
        At batch 64, after as many epochs, the network ends with \(percent(main.with)) of the validation images right with batch \
        normalization and with \(percent(main.without)) without: \(effect.text), 95 % interval over \(effect.count) pairs of runs. \
        \(effect.answer)
        """)
    }
    if let speed = part.judgements.first(where: { $0.id == "CLM-01" }), let steps = speed.effects.first {
      sentences.append(
        """
        To \(percent(part.dataset.targetAccuracy, 0)) it takes \(ratioText(steps)) steps without as with it \
        ([CLM-01](claims.md#clm-01): \(speed.verdict.rawValue)).
        """)
    }
    sentences += [batchSizes(part), cost, completeness(part)]
    return sentences.joined(separator: " ")
  }

  private func ratioText(_ effect: Effect) -> String { effect.estimate == .infinity ? "infinitely many" : effect.text }

  private func batchSizes(_ part: Part) -> String {
    let known = part.benefits.filter { $0.effect != nil }
    guard let most = known.max(by: { $0.effect!.estimate < $1.effect!.estimate }) else { return "" }
    let corrected = Holm.adjusted(known.map { $0.effect!.pValue })
    func sizes(_ condition: (Effect) -> Bool) -> [Int] {
      zip(known, corrected).filter { $0.1 < 0.05 && condition($0.0.effect!) }.map(\.0.batchSize)
    }
    let (better, worse) = (sizes { $0.estimate > 0 }, sizes { $0.estimate < 0 })
    let rest = known.map(\.batchSize).filter { !better.contains($0) && !worse.contains($0) }
    let parts = [
      better.isEmpty ? nil : "it raises the accuracy at batch \(list(better))",
      worse.isEmpty ? nil : "it lowers it at batch \(list(worse))",
      rest.isEmpty ? nil : "no effect is shown at batch \(list(rest))",
    ]
    return """
      Of the batch sizes tried, at equal epochs, \(parts.compactMap { $0 }.joined(separator: "; ")) (p < 0.05, corrected by \
      Holm); most at \(most.batchSize): \(most.effect!.text) ([batch sizes](batch-size-sweep.md)).
      """
  }

  private func list(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: ", ") }

  private var cost: String {
    let (without, with) = Claims.seedWork(64)
    let operations = Double(with.operationsPerStep) / Double(without.operationsPerStep) - 1
    let bytes = Double(with.bytes) / Double(without.bytes) - 1
    return """
      The cost, by formula: \(percent(operations)) more operations and \(percent(bytes)) more memory in a training step of 64 \
      ([CLM-08](claims.md#clm-08)), and none in inference, where it folds into the layer before ([EVA-06](verification.md#eva-06)).
      """
  }

  private func completeness(_ part: Part) -> String {
    guard part.present < part.planned else { return "" }
    return "**\(part.planned - part.present) of \(part.planned) runs are missing**, so some claims are not judged."
  }

  private var pages: String {
    let own = [
      ("claims.md", "the fifteen claims, each with its rule, verdict and figures"),
      ("batch-size-sweep.md", "accuracy, roughness and cost against the batch size"),
      (
        "convergence.md",
        "loss curves, time to the target, learning rates, initialization, depth, pre-activations, landscape"
      ),
      (
        "verification.md",
        "the laws that every right batch normalization fulfils, on the implementations of this package"
      ),
    ]
    let others = [
      ("times.md", "how long runs took, on one machine"),
      ("accuracy-profile.md", "how rounding errors grow with the condition of the data"),
      ("kill-matrix.md", "which law catches which wrong batch normalization"),
      ("benchmark.md", "speed beside the processor's limits and PyTorch"),
      ("conformance", "PyTorch, ONNX Runtime and others before the same laws"),
    ]
    return (own + others.filter { neighbours.contains($0.0) }).map { "| [\($0.0)](\($0.0)) | \($0.1) |" }
      .joined(separator: "\n")
  }

  private var made: String {
    let facts = origin.facts.map { "- \($0.name): \($0.value)" }
    let data = parts.map { part in
      let sums = DatasetFile.allCases.map { "`\(part.dataset.checksum(of: $0).prefix(12))…` \($0.rawValue)" }
      return """
        - \(part.dataset.title): \(part.present) runs with seeds 0 to \(part.seeds - 1), \(part.diverged) of them diverged; SHA-256 \
        over their digests `\(part.digest)`; data (SHA-256) \(sums.joined(separator: ", "))
        """
    }
    return """
      ## What it was made from

      \(data.joined(separator: "\n"))

      Every run is found again by the settings of its cell; its digest is SHA-256 over all state, the same on every machine.

      \(ReportCheck.unpinnedHeading)

      ```sh
      \(origin.command)
      ```

      \(facts.joined(separator: "\n"))
      """
  }
}

extension Effect {
  /// What an accuracy difference of these pairs says, in words.
  fileprivate var answer: String {
    if equivalencePValue < 0.05 { return "That is shown to be a difference too small to matter." }
    if pValue < 0.05 { return estimate > 0 ? "**It helps.**" : "**It hurts.**" }
    return "Neither a difference nor its absence is shown."
  }
}

/// A share of 1 in percent.
func percent(_ share: Double, _ decimals: Int = 2) -> String { fixed(100 * share, decimals) + " %" }
