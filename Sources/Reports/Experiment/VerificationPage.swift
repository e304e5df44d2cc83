import NormLaws

extension VerificationText {
  /// The page that is published: every law with its statement, its formula and what came of it on each subject.
  var page: String {
    let families = findings.map(\.law.family).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return
      ([
        "# Verification", "**\(verdict)**",
        """
        Laws that every correct batch normalization fulfils, judged on the implementations of this package. Each law is judged on generated
        cases, with an independent oracle and a derived bound. *Error/bound* is the worst of all cases: 1 is the bound itself. A law whose bound
        is never approached would be called loose; *exact* laws have no bound. *Vacuous* is the share of cases in which right and wrong code
        agree; they prove nothing.
        """,
      ] + noted.map { "```\n\(failure($0))\n```" } + families.map(section)).joined(
        separator: "\n\n")
      + "\n"
  }

  private func section(_ family: String) -> String {
    let own = findings.filter { $0.law.family == family }
    let laws = own.map(\.law).reduce(into: [Law]()) { laws, law in
      if !laws.contains(where: { $0.id == law.id }) { laws.append(law) }
    }
    let parts = laws.map { law in
      let judged = VerificationText(own.filter { $0.law.id == law.id }, replay: replay)
      return """
        <a id="\(law.id.lowercased())"></a>

        **\(law.id)** \(law.statement) `\(law.formula)`

        \(judged.rows.markdown)
        """
    }
    return (["## \(Self.titles[family] ?? family)"] + parts).joined(separator: "\n\n")
  }

  /// The table without the column of the law.
  private var rows: TextTable {
    let table = table
    return TextTable(
      Array(table.header.dropFirst()), alignments: Array(table.alignments.dropFirst()),
      rows: table.rows.map { Array($0.dropFirst()) })
  }

  private static let titles = [
    "FWD": "Training forward", "RUN": "Running statistics", "EVA": "Evaluation", "GRD": "Gradients",
    "BAT": "Batch-size invariants", "NET": "The network", "LIN": "Linear layers", "RNG": "Random streams",
    "DET": "Determinism", "EXP": "Elementary functions",
  ]
}
