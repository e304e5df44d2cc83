import ReproducibleMath

/// L(x, γ, β) = Σ g·y of one channel in plain `Double`, the function that difference quotients are taken of.
///
/// Written from the definition, in two passes; it shares nothing with a subject, nor with the analytic oracle's gradient.
package struct ChannelLoss {
  package let epsilon: Double
  package let cotangent: [Double]

  package init(epsilon: Double, cotangent: [Double]) { (self.epsilon, self.cotangent) = (epsilon, cotangent) }

  package func value(_ x: [Double], gamma: Double, beta: Double) -> Double {
    let (mean, deviation) = moments(x)
    return zip(cotangent, x).reduce(0) { $0 + $1.0 * (gamma * (($1.1 - mean) / deviation) + beta) }
  }

  /// A bound of |computed − exact| at x and at points within s/16 of it, s = √(σ² + ε).
  ///
  /// With v the unit roundoff of `Double` the mean errs by m·v·mean|x|, s by (m + 4)v/2 relative, and each term of the sum by 4v of its parts; the sum
  /// of m terms adds m·v. Together v(m + 8)Σ|g|(|γ|((|x| + mean|x|)/s + |x̂|) + |β|); doubled for the neighbourhood, where s may
  /// be smaller and |x̂| larger by the sixteenth.
  package func noise(_ x: [Double], gamma: Double, beta: Double) -> Double {
    let (mean, deviation) = moments(x)
    let size = x.reduce(0) { $0 + abs($1) } / Double(x.count)
    let terms = zip(cotangent, x).reduce(0) { sum, pair in
      let parts = (abs(pair.1) + size + abs(pair.1 - mean)) / deviation
      return sum + abs(pair.0) * (abs(gamma) * parts + abs(beta))
    }
    return 2 * Double.unitRoundoff * Double(x.count + 8) * terms
  }

  /// Σ|g|(|γ|(2|x̂| + 2) + |β|): how large the loss can be within s/2 of x, also for complex arguments.
  package func bound(_ x: [Double], gamma: Double, beta: Double) -> Double {
    let (mean, deviation) = moments(x)
    return zip(cotangent, x).reduce(0) { sum, pair in
      sum + abs(pair.0) * (abs(gamma) * (2 * abs(pair.1 - mean) / deviation + 2) + abs(beta))
    }
  }

  /// μ and s.
  package func moments(_ x: [Double]) -> (mean: Double, deviation: Double) {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    return (mean, (variance + epsilon).squareRoot())
  }
}
