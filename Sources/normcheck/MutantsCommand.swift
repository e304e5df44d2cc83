import ArgumentParser
import FixtureGeneration
import Foundation
import Mutants
import Properties
import PropertyTesting
import Reports

enum MutantsFormat: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

enum MutantsJudge: String, ExpressibleByArgument, CaseIterable { case laws, vectors }

/// `normcheck mutants`: proof that the laws bite.
struct MutantsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mutants",
    abstract: "Puts wrong batch normalizations before the laws, or before the vectors alone.",
    discussion: """
      The right ones come first: unless every law or vector holds on all of them, no mutant is tried. Exit status: 0 all
      killed or equivalent, 1 one survives or the baseline is broken, 2 cannot run, 64 usage.

      Examples:
        normcheck mutants
        normcheck mutants --id M-FWD-06 --id M-RUN-01 --tier ci
        normcheck mutants --by vectors
      """)

  @Option(help: ArgumentHelp("A mutant; may be repeated. Without it all.", valueName: "ID"))
  var id: [String] = []

  @Option(help: "laws: generated cases; vectors: the files of fixtures/vectors and nothing else.")
  var by = MutantsJudge.laws

  @Option(help: ArgumentHelp("The folder of the fixtures, for --by vectors.", valueName: "FOLDER"))
  var folder: String?

  @OptionGroup var options: RunOptions

  @Option(help: "text, json or markdown.")
  var format = MutantsFormat.text

  func validate() throws {
    for name in id where MutantCatalogue.mutant(name) == nil {
      throw ValidationError("There is no mutant \(name); reports/kill-matrix.md lists them.")
    }
  }

  func run() async throws {
    let wanted = Set(id.map { $0.uppercased() })
    let mutants = MutantCatalogue.mutants.filter { wanted.isEmpty || wanted.contains($0.id.uppercased()) }
    switch by {
    case .laws: try await judgeByLaws(mutants)
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

  private func judgeByLaws(_ mutants: [Mutant]) async throws {
    try checkOracles()
    let progress = ProgressLine("trying", unit: "mutants", total: mutants.count)
    let matrix = await KillMatrix.run(
      laws: Catalogue.laws, mutants: mutants, settings: options.settings,
      workers: options.workers
    ) { progress.advance() }
    progress.clear()
    let report = KillMatrixText(matrix)
    switch format {
    case .text: print(report.text)
    case .markdown: print(report.markdown, terminator: "")
    case .json: print(try jsonText(KillMatrixRecord(matrix)))
    }
    if !matrix.brokenBaseline.isEmpty || matrix.trials.contains(where: { $0.outcome == .survived }) {
      throw ExitStatus.finding.exit
    }
  }
}
