import Benchmarks
import Foundation
import Reports
import Testing

/// Figures and text of records that are written here; nothing is measured.
struct BenchmarkTextTests {
  private typealias Training = BenchmarkWork.Training
  private static let own = BenchmarkSubject.normcheck(kernels: "avx512")
  private static let epoch = BenchmarkWork.epoch(.init(batch: 64, isNormalized: true, threads: 1))

  private func record(
    _ series: [BenchmarkRecord.Series], digestsAgree: Bool = true, executedShares: [Int: Double] = [:]
  ) -> BenchmarkRecord {
    BenchmarkRecord(
      environment: ["processor": "Test|1"], kernels: "avx512", dataset: "mnist", stepsPerEpoch: [64: 10],
      executedShares: executedShares, series: series,
      digestsAgree: digestsAgree, digestedRuns: 7, remarks: ["Something was skipped."])
  }

  private func figures(_ series: [BenchmarkRecord.Series]) -> BenchmarkFigures { BenchmarkFigures(record(series)) }

  @Test func `a spread has the middle value, or the mean of the middle two`() {
    #expect(Spread([3, 1, 2])?.median == 2)
    #expect(Spread([4, 1, 3, 2])?.median == 2.5)
    #expect(Spread([4, 1, 3, 2])?.times == "2.50 × (1.00–4.00)")
    #expect(Spread([0.5])?.percent == "50.0 % (50.0–50.0)")
    #expect(Spread([]) == nil)
    #expect(Spread([1, .nan]) == nil)
  }

  @Test func `ratios are formed within a round`() {
    let figures = figures([
      .init(Self.own, Self.epoch, amount: 10, seconds: [1, 10, 2]),
      .init(.pytorch, Self.epoch, amount: 10, seconds: [2, 30, 8]),
    ])
    #expect(figures.epochSpeedup(.init(batch: 64, isNormalized: true, threads: 1)) == Spread([2, 3, 4]))
  }

  @Test func `a peer that was asked in fewer rounds has no ratio`() {
    let figures = figures([
      .init(Self.own, Self.epoch, amount: 10, seconds: [1, 1]), .init(.pytorch, Self.epoch, amount: 10, seconds: [2]),
    ])
    #expect(figures.epochSpeedup(.init(batch: 64, isNormalized: true, threads: 1)) == nil)
  }

  @Test func `a share of the peak compares operations a second`() {
    let product = BenchmarkWork.Product(.forward, batch: 64, inputs: 784, outputs: 256)
    let figures = figures([
      .init(.limit, .product(product), amount: 1e9, seconds: [1]),
      .init(Self.own, .product(product), amount: product.operations, seconds: [product.operations / 0.9e9]),
    ])
    #expect(figures.peakShare(product, of: Self.own)?.percent == "90.0 % (90.0–90.0)")
    #expect(figures.largeProductsPeakShare?.percent == "90.0 % (90.0–90.0)")
  }

  @Test func `the cost of batch normalization is what an epoch without it saves`() {
    let without = BenchmarkWork.epoch(.init(batch: 64, isNormalized: false, threads: 1))
    let figures = figures([
      .init(Self.own, Self.epoch, amount: 10, seconds: [2]), .init(Self.own, without, amount: 10, seconds: [1.9]),
    ])
    #expect(figures.normalizationCost(batch: 64, threads: 1, of: Self.own)?.percent == "5.0 % (5.0–5.0)")
  }

  @Test func `the passes of batch normalization alone are a share of the epoch with it`() {
    let figures = figures([
      .init(Self.own, Self.epoch, amount: 8, seconds: [2, 4]),
      .init(Self.own, .normalization(batch: 64), amount: 128, seconds: [1, 1]),
    ])
    #expect(figures.normalizationShare(batch: 64) == Spread([0.03125, 0.015625]))
    #expect(figures.normalizationShare(batch: 32) == nil)
  }

  @Test func `an epoch with the products of OpenBLAS exchanges their time alone`() {
    let products = BenchmarkWork.products(batch: 64)
    let series = products.flatMap { product -> [BenchmarkRecord.Series] in
      [
        .init(Self.own, .product(product), amount: product.operations, seconds: [0.0625]),
        .init(.openBLAS, .product(product), amount: product.operations, seconds: [0.125]),
      ]
    }
    let figures = figures(series + [.init(Self.own, Self.epoch, amount: 10, seconds: [10])])
    #expect(products.count == 8)
    #expect(figures.productsSpeedup == Spread([2]))
    #expect(figures.epochWithOpenBLAS == Spread([1.5]))
  }

  @Test func `work that is shared counts as nominal and not as executed`() {
    let step = BenchmarkWork.products(batch: 64).map(\.operations).reduce(0, +)
    let series: [BenchmarkRecord.Series] = [
      .init(.limit, Self.epoch, amount: step, seconds: [1]),
      .init(Self.own, Self.epoch, amount: 10, seconds: [12.5]),
    ]
    let training = Training(batch: 64, isNormalized: true, threads: 1)
    #expect(figures(series).epochExecutedShare(training) == nil)
    let shared = BenchmarkText(record(series, executedShares: [64: 0.75]), command: "")
    #expect(shared.figures.epochPeakShare(training)?.percent == "80.0 % (80.0–80.0)")
    #expect(shared.figures.epochExecutedShare(training)?.percent == "60.0 % (60.0–60.0)")
    #expect(shared.text.contains("Of the multiply-adds of an epoch of batch 64, 25.0 % are left out"))
  }

  @Test func `a goal is reached by the median alone, and not by what was not measured`() {
    #expect(BenchmarkGoal("", .times(2), Spread([1, 2, 3])).isReached == true)
    #expect(BenchmarkGoal("", .times(2), Spread([1, 1.9, 3])).isReached == false)
    #expect(BenchmarkGoal("", .shareAtMost(0.08), Spread([0.08])).isReached == true)
    #expect(BenchmarkGoal("", .shareAtLeast(0.85), Spread([0.84])).isReached == false)
    #expect(BenchmarkGoal("", .times(2), nil).isReached == nil)
  }

  @Test func `Markdown begins with the command and lists what was skipped`() {
    let text = BenchmarkText(
      record([
        .init(Self.own, Self.epoch, amount: 10, seconds: [1]), .init(.pytorch, Self.epoch, amount: 10, seconds: [3]),
      ]), command: "normcheck bench")
    #expect(text.markdown.hasPrefix("# Benchmark\n\n```sh\nnormcheck bench\n```\n\nProcessor: Test|1"))
    let row = "| epoch, batch 64, 1 thread each, over PyTorch | ≥ 2.5 × | 3.00 × (3.00–3.00) | reached |"
    #expect(text.markdown.contains(row))
    #expect(text.markdown.contains("| two workers over one | ≥ 1.9 × | – | not measured |"))
    #expect(text.markdown.hasSuffix("- Something was skipped."))
    #expect(text.text.contains("All 7 runs that were timed gave the digests of their configurations"))
  }

  @Test func `differing digests are said before any figure`() {
    let text = BenchmarkText(record([], digestsAgree: false), command: "normcheck bench").text
    let warning = text.range(of: "these figures count for nothing")
    let goals = text.range(of: "Goals")
    #expect(warning != nil && goals != nil && warning!.lowerBound < goals!.lowerBound)
  }
}
