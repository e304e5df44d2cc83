import Experiments
import ReproducibleMath
import TrainingEngine

/// How long runs took on one machine: figures that are never pinned, apart from all others.
public struct TimesPage: Sendable {
  private let parts: [ExperimentReport.Part]
  private let seconds: [String: Double]

  /// - Parameter seconds: processor seconds of a run by the key of its cell
  public init(_ parts: [ExperimentReport.Part], seconds: [String: Double]) {
    (self.parts, self.seconds) = (parts, seconds)
  }

  /// nil where no run of the sweep at equal steps has a time.
  public var markdown: String? {
    let tables = parts.compactMap { part in table(part).map { "## \(part.dataset.title)\n\n\($0.markdown)" } }
    guard !tables.isEmpty else { return nil }
    return
      ([
        """
        # Times

        Processor time of the runs at equal steps, including evaluations: one thread for each run, median over the seeds. These figures depend on
        the machine and on its other work. No verdict and no check depends on them. For careful measurements use `normcheck bench`.
        """
      ] + tables).joined(separator: "\n\n") + "\n"
  }

  private func table(_ part: ExperimentReport.Part) -> TextTable? {
    let runs = part.records.sweep("batch-size-steps")
    let sizes = runs.settings(\.batchSize).sorted()
    func median(_ size: Int, _ batchNorm: Bool) -> Double? {
      let own = runs.records.filter { $0.cell.batchSize == size && $0.cell.batchNorm == batchNorm }
      return Sample(own.compactMap { record in seconds[record.cell.key].map { $0 / Double(record.steps) } })?.median
    }
    let rows = sizes.compactMap { size -> [String]? in
      guard let without = median(size, false), let with = median(size, true) else { return nil }
      return [
        "\(size)", fixed(1e3 * without, 3), fixed(1e3 * with, 3), fixed(with / without, 2),
        fixed(1e6 * with / Double(size), 1),
      ]
    }
    guard !rows.isEmpty else { return nil }
    return TextTable(
      ["batch size", "ms a step, without", "with", "with / without", "µs an image, with"],
      alignments: Array(repeating: .right, count: 5), rows: rows)
  }
}
