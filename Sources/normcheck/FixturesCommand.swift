public import ArgumentParser
import Datasets
public import FixtureGeneration
import Foundation
import Mutants
import ReproducibleMath
import TrainingEngine
import Vectors

/// `normcheck fixtures`.
struct FixturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fixtures",
    abstract: "Checks, pins, lints and exports test vectors and pinned figures.",
    discussion: """
      fixtures/README.md explains the files. Exit status: 0 all as pinned, 1 something drifted or is malformed, 2 cannot run.

      Example: normcheck fixtures check
      """,
    subcommands: [FixturesCheck.self, FixturesPin.self, FixturesLint.self, FixturesExport.self])
}

extension FixtureTier: ExpressibleByArgument {}

/// Where fixtures are, and how much of them is made.
struct FixtureOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of the fixtures; without it the nearest one.", valueName: "FOLDER"))
  var folder: String?

  @Option(help: "smoke: vectors, kernels, first steps; full: whole runs and the kill matrix as well.")
  var tier = FixtureTier.smoke

  @Option(help: "How many mutants are judged at once.")
  var workers = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    guard workers >= 1 else { throw ValidationError("--workers must be at least 1.") }
  }

  var path: String { get throws { try fixtureFolder(folder) } }

  /// All fixtures of the tier, made from nothing; damaged files of `folder` stop it before the work begins.
  func made(beside folder: String) throws -> FixtureSet {
    try FixtureSet.checkReadable(folder)
    let progress = ProgressLine("making", unit: "files", total: PinProducer.producers(tier).count + 1)
    defer { progress.clear() }
    return try FixtureSet(
      tier, PinProducer.Means(kernels: engineKernels(threads: 1), workers: workers)
    ) { _ in progress.advance() }
  }
}

/// The folder that the user named, else the nearest `fixtures`, found like the embedded data.
func fixtureFolder(_ option: String?) throws -> String {
  if let option { return option }
  guard let folder = DataFolders().fixture("schemas") else {
    throw CannotRun(description: "no folder fixtures was found at or above this one: name it with --folder")
  }
  return URL(filePath: folder).deletingLastPathComponent().path
}

/// `normcheck fixtures check`: read-only.
struct FixturesCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Makes all fixtures from nothing and says what differs from the files.",
    discussion: """
      Writes nothing. Exit status: 0 nothing differs, 1 something does, 2 a file cannot be used.

      Example: normcheck fixtures check --tier full
      """)

  @OptionGroup var options: FixtureOptions

  func run() throws {
    let folder = try options.path
    let set = try options.made(beside: folder).retiring([], from: folder)
    let drifts = try set.drift(from: folder)
    for drift in drifts { print(drift.text) }
    for fault in set.faults { print(fault) }
    guard set.faults.isEmpty, drifts.isEmpty else {
      print("\(counted(drifts.count, "difference")), \(counted(set.faults.count, "fault")).")
      throw ExitStatus.finding.exit
    }
    let caught = set.matrix.mutants.count { $0.equivalence == nil }
    print(
      "\(set.vectors.tests.count) vectors and \(set.pins.reduce(0) { $0 + $1.content.pins.count }) pins are as pinned; "
        + "the vectors catch \(caught) of \(caught) mutants.")
  }
}

/// `normcheck fixtures pin`: shows what changes, then writes.
struct FixturesPin: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin",
    abstract: "Writes the fixtures anew, after showing what changes.",
    discussion: """
      Refuses while right code fails a vector or a mutant is caught by none, and where a test would lose its id or its \
      id would ask another question. Files are replaced whole. The smoke tier leaves the files of the full one alone.

      Examples:
        normcheck fixtures pin --dry-run
        normcheck fixtures pin --tier full --retire forward-007
      """)

  @OptionGroup var options: FixtureOptions

  @Flag(help: "Show what would change, and write nothing.")
  var dryRun = false

  @Option(help: ArgumentHelp("An id to retire; may be repeated.", valueName: "ID"))
  var retire: [String] = []

  func run() throws {
    let folder = try options.path
    let set = try options.made(beside: folder).retiring(retire, from: folder)
    let drifts = try set.drift(from: folder)
    for drift in drifts { print(drift.text) }
    for fault in set.faults { print(fault) }
    guard set.faults.isEmpty else {
      print("Nothing was pinned: mend these faults first.")
      throw ExitStatus.finding.exit
    }
    guard !drifts.contains(where: { $0.kind == .renumbered }) else {
      print("Nothing was pinned: give changed questions new ids, and retire by --retire what goes.")
      throw ExitStatus.finding.exit
    }
    guard !drifts.isEmpty else { return print("Nothing changes.") }
    guard !dryRun else { return print("\(counted(drifts.count, "difference")); nothing was written.") }
    for (path, text) in set.texts { try FixtureFile.write(Array(text.utf8), to: "\(folder)/\(path)") }
    print("\(counted(drifts.count, "difference")) pinned in \(counted(set.texts.count, "file")).")
  }
}

/// `normcheck fixtures lint`: schemas, and what no schema says.
struct FixturesLint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Checks the files of fixtures against their schemas.",
    discussion: """
      Unknown fields, hex and decimal that differ, ids that stand twice, flags without a note, files beyond 4 MiB: all are \
      named with their place. Exit status: 0 none, 1 some, 2 there are no schemas.

      Example: normcheck fixtures lint --folder fixtures
      """)

  @Option(help: ArgumentHelp("The folder of the fixtures; without it the nearest one.", valueName: "FOLDER"))
  var folder: String?

  func run() throws {
    let folder = try fixtureFolder(folder)
    let problems = try FixtureLint.problems(in: folder)
    problems.forEach { print($0) }
    guard problems.isEmpty else { throw ExitStatus.finding.exit }
    print("All files are well-formed.")
  }
}

enum ExportFormat: String, ExpressibleByArgument, CaseIterable { case npz, safetensors }

/// `normcheck fixtures export`: vectors for users of arrays.
struct FixturesExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes the vectors as .npz for NumPy or as .safetensors.",
    discussion: """
      One file a file of vectors. Arrays are named ID/in/NAME, ID/out/NAME and ID/bound/PROFILE/NAME; texts and nulls stand in \
      the JSON alone.

      Example: normcheck fixtures export --format npz --output vectors-npz
      """)

  @Option(help: ArgumentHelp("The folder of the fixtures; without it the nearest one.", valueName: "FOLDER"))
  var folder: String?

  @Option(help: "npz or safetensors.")
  var format = ExportFormat.npz

  @Option(help: ArgumentHelp("The folder to write to.", valueName: "FOLDER"))
  var output: String

  func run() throws {
    for file in try VectorSet(folder: try fixtureFolder(folder) + "/vectors").files {
      let arrays = NamedArrays(file.content)
      let path = "\(output)/\(file.name.replacing(".json", with: "")).\(format.rawValue)"
      try FixtureFile.write(format == .npz ? arrays.npz : arrays.safetensors, to: path)
      print("\(path): \(arrays.arrays.count) arrays")
    }
  }
}
