import Datasets
import Experiments

extension ExperimentReport {
  /// Answers and verdicts first, then the list of pages, then what batch normalization is.
  var indexPage: String {
    ([
      "# Does batch normalization help here?",
      """
      An image classifier with two hidden layers (784-256-128-10) is trained many times, with batch normalization and without, from the same
      weights and with the same batches. The *seed experiment* has the settings of many tutorials: batches of 64, learning rate 0.01,
      momentum 0.9, five epochs.
      """,
      parts.map(answer).joined(separator: "\n\n"), "## Verdicts",
      """
      After each verdict is its first effect with a 95 % interval. An effect above 0, or a ratio above × 1, supports the claim (CLM-10: any
      difference does; CLM-11: no difference does). All figures, and how each claim is decided, are in [claims.md](claims.md).
      """,
      verdictTable.markdown, "## Pages", "| page | what it shows |\n| --- | --- |\n" + pages, theory, made,
    ]).joined(separator: "\n\n") + "\n"
  }

  /// Does it help, how sure, at which batch size, at what cost: in sentences made of the figures.
  private func answer(_ part: Part) -> String {
    let answers = [
      ("Does it help?", benefit(part)), ("How sure?", certainty(part)), ("At which batch size?", batchSizes(part)),
      ("At what cost?", cost), ("What is missing?", missing(part)),
    ]
    let lines = answers.compactMap { question, answer in answer.map { "- **\(question)** \($0)" } }
    return "### \(part.dataset.title)\n\n" + lines.joined(separator: "\n")
  }

  private func benefit(_ part: Part) -> String? {
    guard let main = part.benefits.first(where: { $0.batchSize == 64 }), let effect = main.effect else { return nil }
    let steps = part.judgements.first { $0.id == "CLM-01" }?.effects.first
    let speed = steps.map { steps in
      let target = percent(part.dataset.targetAccuracy, 0)
      return steps.estimate == .infinity
        ? " Without it, a run never reaches \(target) (median)."
        : " Without it, a run takes \(steps.times) times as many steps to \(target) (median)."
    }
    return """
      \(effect.answer) In the seed experiment (batch 64), \(percent(main.with)) of the validation images are classified correctly \
      at the end with it, and \(percent(main.without)) without it: \(effect.text).
      """ + (speed ?? "")
  }

  private func certainty(_ part: Part) -> String? {
    guard let effect = part.benefits.first(where: { $0.batchSize == 64 })?.effect else { return nil }
    let verdicts = ClaimVerdict.allCases.map { verdict in
      "\(part.judgements.count { $0.verdict == verdict }) \(verdict.rawValue)"
    }
    return """
      The figures are from \(effect.count) pairs of runs that share weights and batches (\(equation(effect.pValue)); the range in \
      brackets is a 95 % interval). A true effect of \(effect.smallestDetectable.map(significant) ?? "any") \(effect.unit) would be \
      found four times out of five. Of the fifteen claims below: \(verdicts.joined(separator: ", ")).
      """
  }

  private func batchSizes(_ part: Part) -> String? {
    let known = part.benefits.filter { $0.effect != nil }
    guard let most = known.max(by: { $0.effect!.estimate < $1.effect!.estimate }) else { return nil }
    let corrected = Holm.adjusted(known.map { $0.effect!.pValue })
    func sizes(_ condition: (Effect) -> Bool) -> [Int] {
      zip(known, corrected).filter { $0.1 < 0.05 && condition($0.0.effect!) }.map(\.0.batchSize)
    }
    let (better, worse) = (sizes { $0.estimate > 0 }, sizes { $0.estimate < 0 })
    let rest = known.map(\.batchSize).filter { !better.contains($0) && !worse.contains($0) }
    let phrases = [
      better.isEmpty ? nil : "Higher accuracy at batch \(list(better))",
      worse.isEmpty ? nil : "lower at batch \(list(worse))",
      rest.isEmpty ? nil : "no effect shown at batch \(list(rest))",
    ].compactMap { $0 }.joined(separator: "; ")
    return """
      \(phrases) (at equal epochs; p < 0.05 after Holm's correction). The maximum is at batch \(most.batchSize): \(most.effect!.text). \
      [All batch sizes](batch-size-sweep.md).
      """
  }

  private func list(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: ", ") }

  private var cost: String? {
    let (without, with) = Claims.seedWork(64)
    let operations = Double(with.operationsPerStep) / Double(without.operationsPerStep) - 1
    let bytes = Double(with.bytes) / Double(without.bytes) - 1
    return """
      By formula, \(percent(operations)) more operations and \(percent(bytes)) more memory in a training step of 64 \
      ([CLM-08](claims.md#clm-08)), and none in inference, where it folds into the layer before ([EVA-06](verification.md#eva-06)).
      """
  }

  private func missing(_ part: Part) -> String? {
    guard part.present < part.planned else { return nil }
    return "\(part.planned - part.present) of \(part.planned) runs, so some claims are not judged."
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
        "the laws that every correct batch normalization fulfils, judged on the implementations of this package"
      ),
    ]
    let others = [
      ("times.md", "how long runs took, on one machine"),
      ("accuracy-profile.md", "how rounding errors grow with the condition of the data"),
      ("kill-matrix.md", "which law catches which wrong batch normalization"),
      ("benchmark.md", "speed compared with the processor's limits and PyTorch"),
      ("conformance", "PyTorch, ONNX Runtime and others, judged by the same laws"),
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

      The settings of its cell identify a run. Its digest is SHA-256 over all state, and is the same on every machine.

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
    if equivalencePValue < 0.05 { return "**No:** the difference is shown to be too small to matter." }
    if pValue < 0.05 { return estimate > 0 ? "**Yes.**" : "**No, it hurts.**" }
    return "**Unknown:** neither a difference nor its absence is shown."
  }
}
