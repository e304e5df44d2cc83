import Benchmarks
import ReproducibleMath

/// A figure that a benchmark is meant to reach.
public struct BenchmarkGoal: Equatable, Sendable {
  public enum Bound: Equatable, Sendable {
    /// At least so many times as fast.
    case times(Double)
    case shareAtLeast(Double)
    case shareAtMost(Double)
  }

  public let statement: String
  public let bound: Bound
  /// nil where it was not measured.
  public let figure: Spread?

  public init(_ statement: String, _ bound: Bound, _ figure: Spread?) {
    (self.statement, self.bound, self.figure) = (statement, bound, figure)
  }

  /// Whether the median reaches the bound; nil where nothing was measured.
  public var isReached: Bool? {
    figure.map { figure in
      switch bound {
      case .times(let factor): figure.median >= factor
      case .shareAtLeast(let share): figure.median >= share
      case .shareAtMost(let share): figure.median <= share
      }
    }
  }

  /// Statement, bound, figure with its spread, verdict.
  var cells: [String] {
    let verdict = isReached.map { $0 ? "reached" : "missed" } ?? "not measured"
    return switch bound {
    case .times(let factor): [statement, "≥ \(fixed(factor, 1)) ×", figure?.times ?? "–", verdict]
    case .shareAtLeast(let share): [statement, "≥ \(fixed(100 * share, 0)) %", figure?.percent ?? "–", verdict]
    case .shareAtMost(let share): [statement, "≤ \(fixed(100 * share, 0)) %", figure?.percent ?? "–", verdict]
    }
  }
}

extension BenchmarkFigures {
  /// What this package promises of its speed.
  public var goals: [BenchmarkGoal] {
    let epochs = [(64, 2.5), (32, 2.2), (128, 2.2)].flatMap { batch, factor in
      [1, 2].map { threads in
        BenchmarkGoal(
          "epoch, batch \(batch), \(threadCount(threads)) each, over PyTorch", .times(factor),
          epochSpeedup(Training(batch: batch, isNormalized: true, threads: threads)))
      }
    }
    let training = Training(batch: 64, isNormalized: true, threads: 1)
    return epochs + [
      BenchmarkGoal(
        "slowest large product, random data, of the peak in the same moments", .shareAtLeast(0.85),
        largeProductsPeakShare),
      BenchmarkGoal(
        "whole epoch, batch 64, nominal operations, of the peak sustained beside it", .shareAtLeast(0.65),
        epochPeakShare(training)),
      BenchmarkGoal(
        "batch normalization, of an epoch of batch 64", .shareAtMost(0.08),
        normalizationCost(batch: 64, threads: 1, of: own)),
      BenchmarkGoal("two workers over one", .times(1.9), workersGain),
      BenchmarkGoal(
        "standard comparison on two cores, over PyTorch", .times(3), speedup(of: own, over: .pytorch, .comparison)),
    ]
  }
}

func threadCount(_ threads: Int) -> String { counted(threads, "thread") }
