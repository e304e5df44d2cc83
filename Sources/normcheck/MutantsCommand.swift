import ArgumentParser
import FixtureGeneration
import Foundation
import Mutants
import NetworkLaws
import NormLaws
import Oracles
import PropertyTesting
import Reports

enum MutantsFormat: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

enum MutantsJudge: String, ExpressibleByArgument, CaseIterable { case laws, vectors }

/// `normcheck mutants`: shows that the laws find bugs.
struct MutantsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mutants",
    abstract: "Tests the laws, or the vectors alone, with wrong batch normalizations.",
    discussion: """
      Right batch normalizations come first: no mutant is tried unless every law or vector holds on all of them. With the laws,
      the mutants, and pairs of them in one implementation, are then diagnosed twice: with the whole catalogue, and without
      their own entry, when no other may be named. Conditional mutants, such as C-GRD-90.c-mod-4, are wrong only where a
      condition on the call holds; they are tried until the first law kills them. Exit status: 0 all are killed or equivalent,
      and diagnosed correctly; 1 one survives, the baseline is broken, or a diagnosis is wrong; 2 cannot run; 64 usage.

      Examples:
        normcheck mutants
        normcheck mutants --conditional --name-conditions
        normcheck mutants --id C-GRD-90.c-mod-4
        normcheck mutants --id M-FWD-06 --id M-RUN-01 --tier ci
        normcheck mutants --by vectors
      """)

  @Option(help: ArgumentHelp("The mutant to try; may be repeated. Default: all.", valueName: "ID"))
  var id: [String] = []

  @Flag(
    inversion: .prefixedNo, help: "Only conditional mutants, or only the others. Default: both.")
  var conditional: Bool?

  @Flag(help: "Also check the condition that the finding on each conditional mutant states.")
  var nameConditions = false

  @Option(help: "laws (generated cases) or vectors (only the files of fixtures/vectors).")
  var by = MutantsJudge.laws

  @Option(help: ArgumentHelp("The folder of the fixtures, for --by vectors.", valueName: "FOLDER"))
  var folder: String?

  @OptionGroup var options: RunOptions

  @Option(help: "text, json or markdown.")
  var format = MutantsFormat.text

  func validate() throws {
    for name in id where MutantCatalogue.mutant(name) == nil && ConditionalCatalogue.mutant(name) == nil {
      throw ValidationError("There is no mutant \(name); reports/kill-matrix.md lists them.")
    }
    if by == .vectors, conditional == true {
      throw ValidationError(
        "The shapes of the vectors are too small for conditional mutants. Leave out --conditional or --by vectors.")
    }
  }

  func run() throws {
    let wanted = Set(id.map { $0.uppercased() })
    func isWanted(_ id: String) -> Bool { wanted.isEmpty || wanted.contains(id.uppercased()) }
    let mutants = conditional == true ? [] : MutantCatalogue.mutants.filter { isWanted($0.id) }
    switch by {
    case .laws:
      try judgeByLaws(
        mutants, conditional == false ? [] : ConditionalCatalogue.mutants.filter { isWanted($0.id) })
    case .vectors: try judgeByVectors(mutants)
    }
  }

  private func judgeByVectors(_ mutants: [Mutant]) throws {
    let vectors = try VectorSet(folder: try fixtureFolder(folder) + "/vectors")
    let progress = ProgressLine("trying", unit: "mutants", total: mutants.count)
    let matrix = try VectorMatrix(vectors, mutants: mutants) { progress.advance() }
    progress.clear()
    let report = VectorMatrixText(matrix)
    switch format {
    case .text: print(report.text)
    case .markdown: print(report.markdown, terminator: "")
    case .json: print(try jsonText(report.record))
    }
    if !report.holds { throw ExitStatus.finding.exit }
  }

  private func judgeByLaws(_ mutants: [Mutant], _ conditional: [ConditionalMutant]) throws {
    try checkOracles()
    let progress = ProgressLine("trying", unit: "mutants", total: mutants.count)
    let matrix = KillMatrix.run(
      laws: Catalogue.laws, mutants: mutants, settings: options.settings,
      workers: options.workers
    ) { progress.advance() }
    progress.clear()
    let isSound = matrix.brokenBaseline.isEmpty
    let review = isSound && !mutants.isEmpty ? reviewed(mutants) : nil
    let trials = isSound ? tried(conditional) : []
    try GSLLedger.current.figures.requireAgreement()
    let report = KillMatrixText(matrix, review, conditional: trials)
    switch format {
    case .text: print(report.text)
    case .markdown: print(report.markdown, terminator: "")
    case .json: print(try jsonText(KillMatrixRecord(matrix, review, conditional: trials)))
    }
    let isAgainst =
      !isSound || matrix.trials.contains { $0.outcome == .survived } || trials.contains { $0.kill == nil }
    let isMisnamed = trials.contains { $0.naming?.verdict == .wrong }
    if isAgainst || isMisnamed || review?.holds == false { throw ExitStatus.finding.exit }
  }

  private func tried(_ mutants: [ConditionalMutant]) -> [ConditionalTrial] {
    let progress = ProgressLine("trying", unit: "conditional mutants", total: mutants.count)
    let trials = ConditionalTrial.run(
      mutants, laws: Catalogue.laws, settings: options.settings, workers: options.workers
    ) { progress.advance() }
    progress.clear()
    guard nameConditions else { return trials }
    let naming = ProgressLine("looking for", unit: "conditions", total: trials.count)
    defer { naming.clear() }
    return ConditionNaming.added(
      to: trials, laws: Catalogue.laws, settings: options.settings, workers: options.workers
    ) { naming.advance() }
  }

  private func reviewed(_ mutants: [Mutant]) -> DiagnosisReview {
    let progress = ProgressLine("diagnosing", unit: "mutants and pairs", total: DiagnosisReview.count(of: mutants))
    defer { progress.clear() }
    return DiagnosisReview.run(
      mutants: mutants, settings: options.settings, workers: options.workers
    ) { progress.advance() }
  }
}
