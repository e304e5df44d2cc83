import BatchNormReference
import BatchNormTesting
import ReproducibleMath

/// The plain kernels with the formula of dx replaced.
struct WrongInputGradient: Kernels {
  typealias Element = Float

  /// What the formula may use, all in `Double`.
  struct Terms {
    var g, mean, normalized, projection, gamma, inverse, count: Double
  }

  let name: String
  let formula: @Sendable (Terms) -> Double

  func normalizationGradient(
    _ x: Matrix<Float>, _ gradientY: Matrix<Float>, _ layout: ChannelLayout, _ statistics: BatchStatistics,
    _ affine: Affine<Float>?, _ sums: NormalizationSums, into gradient: inout Matrix<Float>
  ) {
    let m = Double(layout.valuesPerChannel)
    for c in 0..<layout.channels {
      for n in 0..<layout.batch {
        for s in 0..<layout.spatial {
          let i = layout.index(n, c, s)
          let r = statistics.inverseDeviation[c]
          gradient.elements[i] = Float(
            formula(
              Terms(
                g: Double(gradientY.elements[i]), mean: sums.beta[c] / m,
                normalized: (Double(x.elements[i]) - statistics.mean[c]) * r, projection: sums.gamma[c] / m,
                gamma: Double(affine?.gamma[c] ?? 1), inverse: r, count: m)))
        }
      }
    }
  }

  /// One slip each, and right regroupings for which nothing may be flagged.
  static let wrong: [WrongInputGradient] = [
    .init(name: "statistics as constants") { $0.gamma * $0.inverse * $0.g },
    .init(name: "mean term missing") { $0.gamma * $0.inverse * ($0.g - $0.normalized * $0.projection) },
    .init(name: "variance term missing") { $0.gamma * $0.inverse * ($0.g - $0.mean) },
    .init(name: "γ left out") { $0.inverse * ($0.g - $0.mean - $0.normalized * $0.projection) },
    .init(name: "γ squared") {
      $0.gamma * $0.gamma * $0.inverse * ($0.g - $0.mean - $0.normalized * $0.projection)
    },
    .init(name: "sums not divided") {
      $0.gamma * $0.inverse * ($0.g - ($0.mean + $0.normalized * $0.projection) * $0.count)
    },
    .init(name: "m − 1 in the variance term") {
      $0.gamma * $0.inverse * ($0.g - $0.mean - $0.normalized * $0.projection * $0.count / max($0.count - 1, 1))
    },
    .init(name: "1/s² for 1/s") {
      $0.gamma * $0.inverse * $0.inverse * ($0.g - $0.mean - $0.normalized * $0.projection)
    },
    .init(name: "x̂ not scaled") {
      $0.gamma * $0.inverse * ($0.g - $0.mean - $0.normalized / $0.inverse * $0.projection)
    },
    .init(name: "sign of the variance term") {
      $0.gamma * $0.inverse * ($0.g - $0.mean + $0.normalized * $0.projection)
    },
  ]

  static let right: [WrongInputGradient] = [
    .init(name: "(γ/(m·s))(m·g − Σg − x̂·Σg·x̂)") {
      $0.gamma / $0.count * $0.inverse
        * ($0.count * $0.g - $0.mean * $0.count - $0.normalized * ($0.projection * $0.count))
    },
    .init(name: "parts apart") {
      $0.gamma * $0.inverse * $0.g - $0.gamma * $0.inverse * $0.mean
        - $0.gamma * $0.inverse * $0.projection * $0.normalized
    },
  ]
}

/// The plain kernels with wrong sums: dγ or dβ.
struct WrongSums: Kernels {
  typealias Element = Float
  let name: String
  /// The wrong pair, given Σg, Σg·x̂ and m.
  let change: @Sendable (_ beta: Double, _ gamma: Double, _ count: Double) -> (beta: Double, gamma: Double)

  func normalizationSums(
    _ x: Matrix<Float>, _ gradientY: Matrix<Float>, _ layout: ChannelLayout, mean: [Double],
    inverseDeviation: [Double], into sums: inout NormalizationSums
  ) {
    PlainKernels<Float>().normalizationSums(
      x, gradientY, layout, mean: mean, inverseDeviation: inverseDeviation, into: &sums)
    for c in sums.beta.indices {
      (sums.beta[c], sums.gamma[c]) = change(sums.beta[c], sums.gamma[c], Double(layout.valuesPerChannel))
    }
  }

  static let all: [WrongSums] = [
    .init(name: "dγ as a mean") { ($0, $1 / $2) }, .init(name: "dβ as a mean") { ($0 / $2, $1) },
    .init(name: "dγ one ulp and a bit too large") { beta, gamma, _ in (beta, gamma * (1 + 0x1.8p-22)) },
  ]
}

/// The plain kernels with another batch variance, or another Bessel factor.
struct WrongVariance: Kernels {
  typealias Element = Float
  enum Slip: String, CaseIterable, Sendable {
    case unbiasedNormalization = "normalization by the unbiased variance"
    case besselByBatch = "Bessel's factor from the batch axis alone"
    case noBessel = "no Bessel factor"
    case besselTwice = "Bessel's factor twice"
    case reversedMomentum = "momentum reversed"
    case updatedTwice = "updated twice"
    case onePass = "E[x²] − E[x]²"
  }

  let slip: Slip
  var name: String { slip.rawValue }

  func variance(_ x: Matrix<Float>, _ layout: ChannelLayout, mean: [Double], into variance: inout [Double]) {
    PlainKernels<Float>().variance(x, layout, mean: mean, into: &variance)
    let m = Double(layout.valuesPerChannel)
    switch slip {
    case .unbiasedNormalization: variance = variance.map { $0 * m / max(m - 1, 1) }
    case .onePass:
      for c in variance.indices {
        let values = layout.gather(channel: c, of: x.elements)
        let squares = values.reduce(Float(0)) { $0 + $1 * $1 } / Float(m)
        let mean = values.reduce(Float(0)) { $0 + $1 } / Float(m)
        variance[c] = Double(max(squares - mean * mean, 0))
      }
    default: break
    }
  }

  func updateRunning(
    _ running: inout RunningStatistics<Float>, _ statistics: BatchStatistics, valuesPerChannel m: Int,
    momentum: Double?, _ convention: Convention
  ) {
    let plain = PlainKernels<Float>()
    var (changed, momentum, statistics) = (convention, momentum, statistics)
    switch slip {
    case .noBessel: changed.runningVariance = .biased
    case .besselTwice: statistics.variance = statistics.variance.map { $0 * Double(m) / Double(max(m - 1, 1)) }
    case .reversedMomentum: momentum = momentum.map { 1 - $0 }
    case .updatedTwice:
      plain.updateRunning(&running, statistics, valuesPerChannel: m, momentum: momentum, convention)
    case .besselByBatch:
      statistics.variance = statistics.variance.map { $0 * (1 + 1 / Double(m)) }
    default: break
    }
    plain.updateRunning(&running, statistics, valuesPerChannel: m, momentum: momentum, changed)
  }
}
