import ArgumentParser
import Benchmarks
import Datasets
import Foundation
import Reports

enum BenchFormat: String, ExpressibleByArgument, CaseIterable { case text, markdown, json }

enum BenchPeer: String, ExpressibleByArgument, CaseIterable { case pytorch }

/// `normcheck bench`: speed compared with the machine's limits and other implementations.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures speed against the processor's limits, PyTorch and OpenBLAS.",
    discussion: """
      Our runs and the peer's alternate; figures are ratios with their spread. The digest of every timed run is checked.
      Takes some minutes; the machine should be idle. NORMCHECK_KERNELS selects kernels other than the fastest.
      Exit status: 0 measured, 1 digests differ, 2 cannot run.

      Examples:
        swift run -c release normcheck bench --quick
        swift run -c release normcheck bench --peer pytorch --python venv/bin/python --output reports
        NORMCHECK_KERNELS=avx2 swift run -c release normcheck bench
      """)

  @Option(help: "pytorch: measure PyTorch, and OpenBLAS through numpy, in the same rounds.")
  var peer: BenchPeer?

  @Option(help: ArgumentHelp("A Python with torch and numpy.", valueName: "PATH"))
  var python = "python3"

  @Option(help: "Rounds; each measures everything once.")
  var runs = 5

  @Option(help: "mnist, fashion-mnist or mnist-mini.")
  var dataset: DatasetName = .mnist

  @OptionGroup var data: DataOptions

  @Flag(help: "One round of a few steps on the embedded images: a test that it works, not of speed.")
  var quick = false

  @Option(help: "text, markdown or json.")
  var format = BenchFormat.text

  @Option(help: ArgumentHelp("Write benchmark.md and data/benchmark.json into this folder.", valueName: "DIR"))
  var output: String?

  func validate() throws {
    guard (1...100).contains(runs) else { throw ValidationError("--runs must be from 1 to 100.") }
  }

  func run() throws {
    if let output { try requireWritable(folder: output) }
    let name = quick ? .mnistMini : dataset
    let images = try Dataset(name, in: data.folders).training
    let started = try peer.map { _ in try startedPeer(name) }
    let benchmark = try Benchmark(
      quick ? .quick : .full(rounds: runs), kernels: kernelsInEnvironment, images: images, dataset: name.rawValue,
      peer: started)
    let progress = ProgressLine("measuring", unit: "figures", total: benchmark.figureCount)
    let record = try benchmark.run { progress.advance() }
    progress.clear()
    let report = BenchmarkText(record, command: command)
    if let output { try write(report, to: output) }
    switch format {
    case .text: print(report.text)
    case .markdown: print(report.markdown)
    case .json: print(try jsonText(record))
    }
    guard record.digestsAgree else { throw ExitStatus.finding.exit }
  }

  private func startedPeer(_ name: DatasetName) throws -> Peer {
    let script = "ci/bench/pytorch_peer.py"
    guard FileManager.default.fileExists(atPath: script) else {
      throw CannotRun(description: "\(script) was not found: run bench --peer in the folder of the package.")
    }
    guard let images = data.folders.path(of: .trainingImages, in: name) else {
      throw data.folders.missing([.trainingImages], of: name)
    }
    return try Peer(
      python: python, script: script, folder: URL(fileURLWithPath: images).deletingLastPathComponent().path)
  }

  /// The command that repeats the measurement; machine-dependent paths are placeholders.
  private var command: String {
    let kernels = kernelsInEnvironment.map { "NORMCHECK_KERNELS=\($0) " } ?? ""
    var words = ["ci/setup && \(kernels)swift run -c release normcheck bench"]
    if let peer { words += ["--peer \(peer.rawValue)", "--python PYTHON"] }
    words += quick ? ["--quick"] : ["--runs \(runs)", "--dataset \(dataset.rawValue)"]
    if data.folder != nil { words.append("--data DIR") }
    if output != nil { words.append("--output reports") }
    return words.joined(separator: " ")
  }

  /// Does not print the paths: standard output holds the report itself.
  private func write(_ report: BenchmarkText, to folder: String) throws {
    try AtomicFile.write(Data((report.markdown + "\n").utf8), to: "\(folder)/benchmark.md", makingFolders: true)
    let record = Data((try jsonText(report.record) + "\n").utf8)
    try AtomicFile.write(record, to: "\(folder)/data/benchmark.json", makingFolders: true)
  }
}
