public import Benchmarks
import ReproducibleMath

/// A benchmark as text or Markdown: a pure function of its record.
public struct BenchmarkText: Sendable {
  public let record: BenchmarkRecord
  public let figures: BenchmarkFigures
  /// The command that measured it, as a reader types it.
  public let command: String

  public init(_ record: BenchmarkRecord, command: String) {
    self.record = record
    self.command = command
    figures = BenchmarkFigures(record)
  }

  /// Titles and tables of the whole.
  var sections: [(title: String, remark: String, table: TextTable)] {
    [
      ("Goals", "", goalsTable),
      ("Epochs", "Ours over PyTorch's, with the same number of threads. \(compiled) \(sharing)", epochsTable),
      (
        "Products of a step, batch 64, one thread",
        """
        Share of the peak of fused operations, and our speed over OpenBLAS's. The peak is the fastest of short stretches of \
        fused operations in registers, each directly before one of ours, because the clock of a processor moves within \
        milliseconds. The data are random: nothing is shared, nothing is zero.
        """,
        productsTable
      ),
      ("What determinism costs", determinism, determinismTable),
      ("What batch normalization costs", normalization, normalizationTable),
      ("Instruction sets", "A step of batch 64 with batch normalization, one thread.", kernelsTable),
      ("Memory", "How far this work is from the speed of a copy that no cache holds.", memoryTable),
    ]
  }

  public var text: String {
    let parts = sections.map { section in
      ([section.title, section.remark].filter { !$0.isEmpty } + section.table.lines).joined(separator: "\n")
    }
    return ([head] + parts + remarks).joined(separator: "\n\n")
  }

  public var markdown: String {
    let parts = sections.map { section in
      ["## \(section.title)", section.remark, section.table.markdown].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
    return (["# Benchmark", "```sh\n\(command)\n```", head] + parts + remarks).joined(separator: "\n\n")
  }

  /// Where, with what and how it was measured.
  var head: String {
    let names = [
      ("processor", "Processor"), ("processors", "cores"), ("pytorch", "PyTorch"), ("blas", "OpenBLAS kernel"),
    ]
    let facts = names.compactMap { key, name in record.environment[key].map { "\(name): \($0)" } }
    return """
      \((facts + ["kernels: \(record.kernels)", "data: \(record.dataset)"]).joined(separator: ", ")).
      Every figure is the median of \(rounds) rounds with the least and the greatest behind it; figures that are divided were \
      measured directly after one another in the same round. PyTorch is eager, with all images in memory as normalized \
      floats and the fused SGD; its start and warm-up are in no figure.
      \(limits)
      \(digests)
      """
  }

  private var rounds: Int { record.series.map(\.seconds.count).max() ?? 0 }

  private var limits: String {
    let peak = figures.rate(.limit, .fused(kernels: record.kernels)).map {
      "fused operations \($0.giga)FLOP/s on one core"
    }
    let copy = figures.rate(.limit, .copy).map { "copying \($0.giga)B/s" }
    let laws = figures.rate(figures.own, .verification).map { "Laws judged on one worker: \($0.whole) cases a second." }
    return "Limits of the processor: \([peak, copy].compactMap { $0 }.joined(separator: ", ")). \(laws ?? "")"
  }

  private var digests: String {
    record.digestsAgree
      ? "All \(record.digestedRuns) runs that were timed gave the digests of their configurations, on any kernels and threads."
      : "Runs that were timed differ in their digests: these figures count for nothing."
  }

  private var compiled: String {
    let training = BenchmarkWork.Training(batch: 64, isNormalized: true, threads: 1)
    guard let figure = figures.epochSpeedup(training, over: .compiledPyTorch) else { return "" }
    return "Over torch.compile (batch 64 with batch normalization, 1 thread): \(figure.times)."
  }

  /// What the shares of the peak of an epoch mean.
  private var sharing: String {
    guard let executed = record.executedShares[64] else { return "" }
    return """
      Images begin with a constant background, over which chains with the same factors have the same values: they are \
      computed once. ReLU leaves zeros, with which a step changes nothing: they are skipped. Of the multiply-adds of an \
      epoch of batch 64, \(fixed(100 * (1 - executed), 1)) % are left out this way, without a bit of difference. The \
      nominal share of the peak counts all that the shapes have, the other those that are executed. This peak is what one \
      core sustained in fused operations directly before and after the epoch, for tens of milliseconds.
      """
  }

  private let determinism = """
    OpenBLAS may re-associate sums, our products may not. The epoch is computed: ours with the time of its products \
    exchanged, those of the table above, which leave nothing out; in an epoch ours take less. Above 1 the fixed order \
    costs nothing.
    """

  private let normalization = """
    Share of an epoch, one thread: what an epoch without it saves, and what its passes forward and back take when they run \
    alone. An epoch without it may save less, because it has work that the other has not: a pass of ReLU of its own, and \
    steps by velocities that dead units leave almost zero.
    """

  private var remarks: [String] {
    record.remarks.isEmpty ? [] : [record.remarks.map { "- \($0)" }.joined(separator: "\n")]
  }
}
