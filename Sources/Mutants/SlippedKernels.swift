public import BatchNormReference
public import ReproducibleMath

/// Plain kernels with one step replaced.
public struct SlippedKernels: Kernels {
  public enum Slip: String, Sendable {
    case reluPassesAtZero, reluPassesBelow, sumForMean, noMaximum, edgeOfTile, wideChain, meansConstant
    case varianceTermMissing, uncentered, bessel, velocityAverages, labelForgotten, meanOverClasses, nextLabel
    case biasForgotten, lastColumnStale, chainDescends, lastRowLeftOut, reluLeaks, widerLoss
  }

  public typealias Element = Float
  let slip: Slip
  private let plain = PlainKernels<Float>()
  public init(_ slip: Slip) { self.slip = slip }
  public var name: String { slip.rawValue }

  public func reluGradient(_ x: Matrix<Float>, _ gradientY: Matrix<Float>, into gradient: inout Matrix<Float>) {
    for i in x.elements.indices {
      let passes = slip == .reluPassesAtZero ? x.elements[i] >= 0 : slip == .reluPassesBelow || x.elements[i] > 0
      gradient.elements[i] = passes ? gradientY.elements[i] : 0
    }
  }

  public func crossEntropy(
    _ logits: Matrix<Float>, labels: [Int], into losses: inout [Double], gradient: inout Matrix<Float>
  ) {
    plain.crossEntropy(logits, labels: labels, into: &losses, gradient: &gradient)
    if slip == .sumForMean { gradient.elements = gradient.elements.map { $0 * Float(labels.count) } }
    for n in labels.indices {
      switch slip {
      case .labelForgotten: gradient[n, labels[n]] += 1 / Float(labels.count)
      case .meanOverClasses:
        for j in 0..<logits.columns { gradient[n, j] *= Float(labels.count) / Float(logits.columns) }
      case .nextLabel: losses[n] += Double(logits[n, labels[n]]) - Double(logits[n, (labels[n] + 1) % logits.columns])
      case .widerLoss: losses[n] = Double(Float(losses[n]))
      default: break
      }
    }
    guard slip == .noMaximum else { return }
    for n in labels.indices {
      let sum = (0..<logits.columns).reduce(0) { $0 + Elementary.exp(Double(logits[n, $1])) }
      losses[n] = Elementary.log(sum) - Double(logits[n, labels[n]])
    }
  }

  public func affine(_ x: Matrix<Float>, weight: Matrix<Float>, bias: [Float], into y: inout Matrix<Float>) {
    plain.affine(x, weight: weight, bias: bias, into: &y)
    for n in 0..<y.rows {
      for j in 0..<y.columns {
        switch slip {
        case .wideChain:
          let sum = (0..<x.columns).reduce(Double(bias[j])) { $0 + Double(x[n, $1]) * Double(weight[$1, j]) }
          y[n, j] = Float(sum)
        case .biasForgotten: y[n, j] -= bias[j]
        case .lastColumnStale where j == y.columns - 1 && j > 0: y[n, j] = y[n, j - 1]
        case .chainDescends:
          y[n, j] = (0..<x.columns).reversed().reduce(bias[j]) { $0.addingProduct(x[n, $1], weight[$1, j]) }
        case .edgeOfTile where x.columns % 8 == 7: y[n, j] -= x[n, x.columns - 1] * weight[x.columns - 1, j]
        default: break
        }
      }
    }
  }

  public func normalizationGradient(
    _ x: Matrix<Float>, _ gradientY: Matrix<Float>, _ layout: ChannelLayout, _ statistics: BatchStatistics,
    _ affine: Affine<Float>?, _ sums: NormalizationSums, into gradient: inout Matrix<Float>
  ) {
    var sums = sums
    if slip == .meansConstant { sums = NormalizationSums(channels: layout.channels) }
    if slip == .varianceTermMissing { sums.gamma = sums.gamma.map { _ in 0 } }
    plain.normalizationGradient(x, gradientY, layout, statistics, affine, sums, into: &gradient)
  }

  public func mean(_ x: Matrix<Float>, _ layout: ChannelLayout, into mean: inout [Double]) {
    plain.mean(x, layout, into: &mean)
    if slip == .uncentered { mean = mean.map { _ in 0 } }
  }

  public func variance(_ x: Matrix<Float>, _ layout: ChannelLayout, mean: [Double], into variance: inout [Double]) {
    plain.variance(x, layout, mean: mean, into: &variance)
    let m = Double(layout.valuesPerChannel)
    if slip == .bessel { variance = variance.map { $0 * m / (m - 1) } }
  }

  public func sgdStep(
    _ parameters: inout [Float], gradient: [Float], velocity: inout [Float], _ rule: SGD<Float>,
    _ step: SGDStep
  ) {
    let factor: Float = slip == .velocityAverages ? 1 - rule.momentum : 1
    plain.sgdStep(&parameters, gradient: gradient.map { factor * $0 }, velocity: &velocity, rule, step)
  }

  public func weightGradient(_ x: Matrix<Float>, _ gradientY: Matrix<Float>, into gradient: inout Matrix<Float>) {
    plain.weightGradient(x, gradientY, into: &gradient)
    guard slip == .lastRowLeftOut else { return }
    let n = x.rows - 1
    for k in 0..<x.columns {
      for j in 0..<gradientY.columns { gradient[k, j] -= x[n, k] * gradientY[n, j] }
    }
  }

  public func relu(_ x: Matrix<Float>, into y: inout Matrix<Float>) {
    plain.relu(x, into: &y)
    guard slip == .reluLeaks else { return }
    for i in x.elements.indices where x.elements[i] < 0 { y.elements[i] = 0.01 * x.elements[i] }
  }
}
