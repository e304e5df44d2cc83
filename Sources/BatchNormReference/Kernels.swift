public import ReproducibleMath

/// The steps of which the network is built. Every layer computes by calling them.
///
/// The default implementations *are* the specification: plain loops in the order that fixes the bits. `PlainKernels` adds
/// nothing to them; the vector kernels must match them bit for bit; a mutant replaces one of them. Composites are
/// sequences of the other steps and have no arithmetic of their own.
///
/// Two reduction forms exist. A **chain** belongs to one output element of a product: acc ← init, then for ascending
/// index acc ← fma(a, b, acc), in `Element`. A **wide sum** forms and adds its terms in `Double`, index ascending (n
/// outermost, then the spatial index). Nothing is re-associated, so tiling, vector width and threads do not change the bits.
/// Shapes: x [batch, inputs], weight [inputs, outputs], y and gradients of y [batch, outputs].
public protocol Kernels<Element>: Sendable {
  associatedtype Element: Scalar

  /// What a report calls this set: `plain`, or the instruction set of vector kernels.
  var name: String { get }

  // Data (Kernels+Pixels.swift)
  func gather(_ pixels: [UInt8], samples: ArraySlice<Int32>, into x: inout Matrix<Element>)

  // Products (Kernels+Products.swift)
  func affine(_ x: Matrix<Element>, weight: Matrix<Element>, bias: [Element], into y: inout Matrix<Element>)
  func weightGradient(_ x: Matrix<Element>, _ gradientY: Matrix<Element>, into gradient: inout Matrix<Element>)
  func inputGradient(_ gradientY: Matrix<Element>, weight: Matrix<Element>, into gradient: inout Matrix<Element>)
  func biasGradient(_ gradientY: Matrix<Element>, into gradient: inout [Element])

  // Batch normalization, forward (Kernels+Normalization.swift)
  func mean(_ x: Matrix<Element>, _ layout: ChannelLayout, into mean: inout [Double])
  func variance(_ x: Matrix<Element>, _ layout: ChannelLayout, mean: [Double], into variance: inout [Double])
  func inverseDeviation(variance: [Double], epsilon: Double, into inverse: inout [Double])
  func normalize(
    _ x: Matrix<Element>, _ layout: ChannelLayout, _ statistics: BatchStatistics, _ affine: Affine<Element>?,
    into y: inout Matrix<Element>)
  func normalizeEvaluation(
    _ x: Matrix<Element>, _ layout: ChannelLayout, mean: [Element], inverseDeviation: [Double],
    _ affine: Affine<Element>?, into y: inout Matrix<Element>)
  func updateRunning(
    _ running: inout RunningStatistics<Element>, _ statistics: BatchStatistics, valuesPerChannel: Int,
    momentum: Double?, _ convention: Convention)

  // Batch normalization, backward (Kernels+NormalizationGradient.swift)
  func normalizationSums(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, _ layout: ChannelLayout, mean: [Double],
    inverseDeviation: [Double], into sums: inout NormalizationSums)
  func normalizationGradient(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, _ layout: ChannelLayout, _ statistics: BatchStatistics,
    _ affine: Affine<Element>?, _ sums: NormalizationSums, into gradient: inout Matrix<Element>)
  func round(_ sums: NormalizationSums, into gradient: inout Affine<Element>)
  func normalizationGradientEvaluation(
    _ gradientY: Matrix<Element>, _ layout: ChannelLayout, inverseDeviation: [Double], _ affine: Affine<Element>?,
    into gradient: inout Matrix<Element>)

  // Activation and loss (Kernels+Loss.swift)
  func relu(_ x: Matrix<Element>, into y: inout Matrix<Element>)
  func reluGradient(_ x: Matrix<Element>, _ gradientY: Matrix<Element>, into gradient: inout Matrix<Element>)
  func crossEntropy(
    _ logits: Matrix<Element>, labels: [Int], into losses: inout [Double], gradient: inout Matrix<Element>)

  // Optimizer (Kernels+SGD.swift)
  func sgdStep(
    _ parameters: inout [Element], gradient: [Element], velocity: inout [Element], _ rule: SGD<Element>,
    _ step: SGDStep)

  // Composites of the steps above (Kernels+Composites.swift)
  func forwardReLU(_ x: Matrix<Element>, _ linear: Linear<Element>, into pass: inout HiddenPass<Element>)
  func forwardNormalized(
    _ x: Matrix<Element>, _ linear: Linear<Element>, _ affine: Affine<Element>?, epsilon: Double,
    into pass: inout HiddenPass<Element>)
  func backwardReLU(
    _ gradientY: Matrix<Element>, weight: Matrix<Element>, into pass: inout HiddenPass<Element>)
  func backwardNormalized(
    _ gradientY: Matrix<Element>, weight: Matrix<Element>, _ affine: Affine<Element>?,
    into pass: inout HiddenPass<Element>)
  func sgdStep(
    _ linear: inout Linear<Element>, _ x: Matrix<Element>, gradientY: Matrix<Element>,
    velocity: inout Linear<Element>, gradient: inout Linear<Element>, _ rule: SGD<Element>, _ step: SGDStep)
}

/// The specification itself: every step as the extensions of the protocol define it.
public struct PlainKernels<Element: Scalar>: Kernels {
  public init() {}
  public var name: String { "plain" }
}
