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
      The right ones come first: unless every law or vector holds on all of them, no mutant is tried. By the laws, the mutants,
      and pairs of them in one implementation, are then diagnosed: with the catalogue as it is, and with their own entry
      taken out, when no other may be named. Exit status: 0 all killed or equivalent, and diagnosed as they should be; 1 one
      survives, the baseline is broken, or a diagnosis is wrong; 2 cannot run; 64 usage.

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
    let review = matrix.brokenBaseline.isEmpty ? await reviewed(mutants) : nil
    let report = KillMatrixText(matrix, review)
    switch format {
    case .text: print(report.text)
    case .markdown: print(report.markdown, terminator: "")
    case .json: print(try jsonText(KillMatrixRecord(matrix, review)))
    }
    let isAgainst = !matrix.brokenBaseline.isEmpty || matrix.trials.contains { $0.outcome == .survived }
    if isAgainst || review?.holds == false { throw ExitStatus.finding.exit }
  }

  private func reviewed(_ mutants: [Mutant]) async -> DiagnosisReview {
    let progress = ProgressLine("diagnosing", unit: "slips and pairs", total: DiagnosisReview.count(of: mutants))
    defer { progress.clear() }
    return await DiagnosisReview.run(
      mutants: mutants, settings: options.settings, workers: options.workers
    ) { progress.advance() }
  }
}
