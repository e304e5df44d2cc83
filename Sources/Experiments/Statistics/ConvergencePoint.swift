/// MLPerf's reference convergence point: how fast reference runs reach the target, and the limit below which a submission is too fast.
///
/// The rule that gives the figures of MLPerf's policy (mlcommons/training_policies, `training_rules.adoc`, appendix "RCP examples";
/// computed by `rcp_checker` of mlcommons/logging): of the reference runs the fastest and the slowest are dropped (*olympic*
/// scoring); mean and *population* deviation s are those of the remaining n. A submission of M runs, scored the same way, keeps m = M − 2.
/// Its mean, supposed to scatter with the same s, is too low where a pooled one-sided t-test rejects at level α:
///
///     minimum = mean − t(1 − α; n + m − 2)·s·√(1/n + 1/m),   α = 0.05
///
/// so [16,14,16,17,16,16,15,16,15,16] against submissions of 5 runs has mean 15.75, s 0.43, minimum 15.21.
public struct ConvergencePoint: Equatable, Sendable {
  public let mean: Double
  public let deviation: Double
  /// A submission whose olympic mean lies below converges faster than the reference does.
  public let minimum: Double

  /// - Parameters:
  ///   - epochs: of the reference runs; at least four
  ///   - submissionRuns: runs of a submission, its fastest and slowest included; at least three
  /// - Returns: nil for fewer runs, or where more than one run missed the target (dropping the slowest leaves an infinity).
  public init?(epochs: Sample, submissionRuns: Int = 5, level: Double = 0.05) {
    guard epochs.count >= 4, submissionRuns >= 3,
      let kept = Sample(Array(epochs.values.sorted().dropFirst().dropLast())), kept.isFinite
    else { return nil }
    let (n, m) = (Double(kept.count), Double(submissionRuns - 2))
    mean = kept.mean
    deviation = kept.populationDeviation
    let t = StudentT.quantile(1 - level, degrees: n + m - 2)
    minimum = mean - t * deviation * (1 / n + 1 / m).squareRoot()
  }
}
