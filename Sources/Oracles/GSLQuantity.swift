/// What an oracle expects and GSL computes too.
public enum GSLQuantity: Int, Sendable, CaseIterable {
  /// μ, by `gsl_stats_mean`.
  case mean
  /// The biased variance, by `gsl_stats_variance_with_fixed_mean`.
  case variance
  /// y = γx̂ + β, by `gsl_blas_daxpy`.
  case output
  /// dx, by `gsl_blas_daxpy`.
  case inputGradient
  /// dγ, by `gsl_blas_ddot` of the cotangent and the deviations from the mean.
  case gammaGradient
  /// dβ, by `gsl_blas_ddot` of the cotangent and ones.
  case betaGradient
  /// An element of a matrix product, by `gsl_blas_dgemm`.
  case product
  /// A derivative, by `gsl_deriv_central`.
  case difference

  public var name: String {
    switch self {
    case .mean: "mean"
    case .variance: "variance"
    case .output: "y"
    case .inputGradient: "dx"
    case .gammaGradient: "dγ"
    case .betaGradient: "dβ"
    case .product: "product"
    case .difference: "difference"
    }
  }

  /// The name in a list of counts.
  public var plural: String {
    switch self {
    case .mean, .variance, .product, .difference: name + "s"
    case .output, .inputGradient, .gammaGradient, .betaGradient: name
    }
  }
}
