public import Datasets
public import Experiments
import ReproducibleMath
import TrainingEngine

/// The report on the experiments: what it is made of, and the files that come of it. A pure function: the same values give
/// the same bytes.
public struct ExperimentReport: Sendable {
  /// One data set, judged.
  public struct Part: Sendable {
    public let dataset: DatasetName
    let records: SweepRecords
    public let judgements: [ClaimResult]
    let benefits: [BatchBenefit]
    /// How many different runs the plan has on this data set, how many of them are there, and how many diverged.
    let planned, present, diverged: Int
    let seeds: Int
    /// SHA-256 over the digests of all runs that are there, in the order of the plan.
    let digest: String

    /// - Parameter records: by cell; those of other data sets and plans are left aside
    public init(
      _ dataset: DatasetName, plan: SweepPlan, records: [Cell: CellRecord], settings: ClaimSettings = ClaimSettings()
    ) {
      self.dataset = dataset
      let cells = plan.cells.filter { $0.dataset == dataset }
      let own = cells.compactMap { records[$0] }
      self.records = SweepRecords(dataset, plan: plan, records: own)
      judgements = Claims.judge(self.records, settings: settings)
      benefits = BatchBenefit.all(self.records, settings)
      (planned, present, diverged) = (cells.count, own.count, own.count { $0.divergedAt != nil })
      seeds = Set(cells.map(\.seed)).count
      var digest = StateDigest()
      for record in own { digest.update(text: record.digest) }
      self.digest = digest.finalize()
    }
  }

  /// With what the report was made; nothing of it is pinned.
  public struct Origin: Sendable {
    /// The line that makes the report again.
    public var command: String
    /// Names and versions, in the order in which they are shown.
    public var facts: [(name: String, value: String)]

    public init(command: String, facts: [(name: String, value: String)]) {
      (self.command, self.facts) = (command, facts)
    }
  }

  /// Whether figures stand in the pages, or a note in their place.
  public enum Drawing: Sendable { case drawn, noGnuplot }

  let parts: [Part]
  let verification: VerificationText
  let origin: Origin
  let drawing: Drawing
  /// Other pages in the folder, by file name, which the index names.
  let neighbours: [String]

  public init(
    parts: [Part], verification: VerificationText, origin: Origin, drawing: Drawing, neighbours: [String] = []
  ) {
    (self.parts, self.verification, self.origin) = (parts, verification, origin)
    (self.drawing, self.neighbours) = (drawing, neighbours)
  }

  /// All figures, data set by data set.
  public var figures: [PanelFigure] { parts.flatMap { SweepFigures(records: $0.records).all } }

  /// Where the drawing of a figure belongs, from the report's folder.
  public static func place(of figure: PanelFigure) -> String { "figures/\(figure.name).svg" }

  /// The pages by their path from the report's folder, and the data of the figures.
  public var files: [(path: String, content: String)] {
    [
      ("README.md", indexPage), ("claims.md", claimsPage), ("batch-size-sweep.md", batchSizePage),
      ("convergence.md", convergencePage), ("verification.md", verification.page),
    ] + figures.map { ("data/\($0.name).tsv", $0.data) }
  }

  /// A figure of every data set, or the note in its place.
  func figure(_ choose: (SweepFigures) -> PanelFigure) -> String {
    parts.map { part in
      let figure = choose(SweepFigures(records: part.records))
      let head = parts.count > 1 ? "**\(part.dataset.title)**\n\n" : ""
      let data = "Data: [data/\(figure.name).tsv](data/\(figure.name).tsv)."
      switch drawing {
      case .drawn: return head + "![\(figure.caption)](\(Self.place(of: figure)))\n\n*\(figure.caption).* \(data)"
      case .noGnuplot: return head + "No figure: gnuplot was not there to draw it. \(figure.caption). \(data)"
      }
    }.joined(separator: "\n\n")
  }

  /// A section of every data set under its name, where there are several.
  func sections(_ content: (Part) -> String) -> String {
    parts.map { part in
      parts.count > 1 ? "### \(part.dataset.title)\n\n\(content(part))" : content(part)
    }.joined(separator: "\n\n")
  }
}

extension DatasetName {
  /// As it is written in prose.
  var title: String {
    switch self {
    case .mnistMini: "MNIST (subset of 5,000)"
    case .mnist: "MNIST"
    case .fashionMNIST: "Fashion-MNIST"
    }
  }
}
