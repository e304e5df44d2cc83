import ArgumentParser
import BatchNormTesting
import Foundation
import Mutants
import NormLaws
import Reports

enum ProfileFormat: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

/// `normcheck profile`: how errors grow with the condition of the data and with its size.
struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Measures how errors grow with κ = |μ|/σ and with the number of values.",
    discussion: """
      Errors are in units of u × scale; --format markdown explains them. With --output the page, its data and its
      figure are written to DIR/accuracy-profile.md, DIR/data/accuracy-profile.json and DIR/figures/accuracy-profile.svg.

      Examples:
        normcheck profile
        normcheck profile --subject engine --subject welford --format json
        normcheck profile --output reports
      """)

  @Option(
    help: ArgumentHelp(
      "A subject; may be repeated (default: the five of the published page).", valueName: "NAME"))
  var subject: [String] = []

  @Option(help: "text, json or markdown.")
  var format = ProfileFormat.text

  @Option(help: ArgumentHelp("Write page, data and figure here.", valueName: "DIR"))
  var output: String?

  @Option(help: "Seed of the data.")
  var seed: UInt64 = 0

  @Option(help: "Values of a channel in the measurement over κ.")
  var values = 64

  @Option(help: "Channels in the measurement over κ.")
  var channels = 64

  @Option(help: "κ in the measurement over the number of values.")
  var condition = 10.0

  @Option(help: "The maximum number of values of a channel.")
  var largest = 1_000_000

  func validate() throws {
    guard (2...1_000_000).contains(values) else { throw ValidationError("--values must be 2 to 1000000.") }
    guard (1...4096).contains(channels) else { throw ValidationError("--channels must be 1 to 4096.") }
    guard condition >= 1, condition <= 1e7 else { throw ValidationError("--condition must be 1 to 1e7.") }
    guard (10...10_000_000).contains(largest) else { throw ValidationError("--largest must be 10 to 10000000.") }
    _ = try subjects()
  }

  func run() throws {
    if let output { try requireWritable(folder: output) }
    let settings = AccuracyProfile.Settings(
      seed: seed, valuesPerChannel: values, channels: channels, condition: condition, largestCount: largest)
    let progress = ProgressLine(
      "measuring", unit: "points", total: settings.conditions.count + settings.counts.count)
    let profiles = try AccuracyProfile.profiles(of: try subjects(), settings) { progress.advance() }
    progress.clear()
    let text = ProfileText(profiles, settings)
    if let output { return try write(text, to: output) }
    switch format {
    case .text: print(text.text)
    case .json: print(try jsonText(profiles))
    case .markdown: print(text.page(command: line, figure: nil), terminator: "")
    }
  }

  private func subjects() throws -> [any Subject] {
    let known = ProfileSubjects.all
    return try subject.isEmpty
      ? ProfileSubjects.shown
      : subject.map { name in
        guard let found = known.first(where: { $0.profile.name == name }) else {
          let names = known.map(\.profile.name).joined(separator: ", ")
          throw ValidationError("Unknown subject \(name). Choose one of \(names).")
        }
        return found
      }
  }

  /// The command that repeats the measurement: all options without their default value.
  private var line: String {
    var words = ["normcheck profile"] + subject.map { "--subject \($0)" }
    if seed != 0 { words.append("--seed \(seed)") }
    if values != 64 { words.append("--values \(values)") }
    if channels != 64 { words.append("--channels \(channels)") }
    if condition != 10 { words.append("--condition \(condition)") }
    if largest != 1_000_000 { words.append("--largest \(largest)") }
    return (words + (output.map { ["--output \($0)"] } ?? ["--format markdown"])).joined(separator: " ")
  }

  private func write(_ text: ProfileText, to folder: String) throws {
    let figure = try Gnuplot.svg(ProfileFigure(text).script)
    if figure == nil {
      printDiagnostic(
        "normcheck: gnuplot is not on the PATH, so there is no figure: install it (apt install gnuplot-nox).")
    }
    let place = "figures/accuracy-profile.svg"
    if let figure { try writeReport(figure, to: "\(folder)/\(place)") }
    try writeReport(Data((try jsonText(text.profiles) + "\n").utf8), to: "\(folder)/data/accuracy-profile.json")
    let page = text.page(command: line, figure: figure == nil ? nil : place)
    try writeReport(Data(page.utf8), to: "\(folder)/accuracy-profile.md")
  }
}
