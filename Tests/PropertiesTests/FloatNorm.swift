import BatchNormReference
import BatchNormTesting
import ReproducibleMath

/// A right batch normalization that works in `Float` throughout, in one of the ways in which the formulas can be arranged.
struct FloatNorm: Subject {
  enum Arrangement: String, CaseIterable, Sendable {
    /// x̂ = (x − μ)·r, dx = γ·r·(g − ḡ − x̂·q).
    case centred
    /// x̂ = x·r − μ·r; dγ = (Σg·x − μΣg)·r.
    case folded
    /// dx by ∂L/∂σ² and ∂L/∂μ, with the term Σ(x − μ) that is 0.
    case steps
    /// (γ·r/m)(m·g − Σg − x̂·Σg·x̂), sums from last to first.
    case reversed
    /// Mean and variance by Welford's recurrence.
    case welford
  }

  let arrangement: Arrangement
  var profile: SubjectProfile {
    SubjectProfile(
      name: "float \(arrangement.rawValue)", elementType: .float32,
      methods: [.forwardTraining, .backwardTraining, .backwardEvaluation], accuracy: .working)
  }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    try refuse(call.x)
    let layout = call.x.channelLayout
    var (channels, running) = ([[Double]](), call.running)
    let p = Float(call.momentum ?? 1)
    for c in 0..<layout.channels {
      let channel = Channel(call.x.channel(c), call.epsilon, arrangement)
      let (gamma, beta) = (Float(call.affine?.gamma[c] ?? 1), Float(call.affine?.beta[c] ?? 0))
      channels.append(channel.normalized.map { Double(gamma * $0 + beta) })
      guard running != nil else { continue }
      let m = Float(layout.valuesPerChannel)
      let unbiased = channel.variance * (m / (m - 1))
      running!.mean[c] = Double((1 - p) * Float(running!.mean[c]) + p * channel.mean)
      running!.variance[c] = Double((1 - p) * Float(running!.variance[c]) + p * unbiased)
    }
    return TrainingAnswer(y: layout.scatter(channels), running: running)
  }

  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    try refuse(call.x)
    return assemble(call) { c, g in
      let gamma = Float(call.affine?.gamma[c] ?? 1)
      return Channel(call.x.channel(c), call.epsilon, arrangement).gradient(g, gamma)
    }
  }

  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer {
    assemble(call) { c, g in
      let gamma = Float(call.affine?.gamma[c] ?? 1)
      let (mean, variance) = (Float(call.running!.mean[c]), Float(call.running!.variance[c]))
      let r = 1 / (variance + Float(call.epsilon)).squareRoot()
      let products = zip(g, call.x.channel(c)).map { $0 * ((Float($1) - mean) * r) }
      return (g.map { gamma * r * $0 }, products.reduce(0, +), g.reduce(0, +))
    }
  }

  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    throw SubjectError.refused(.unsupported, "not offered")
  }

  private func refuse(_ x: Tensor) throws {
    if x.channelLayout.valuesPerChannel < 2 { throw SubjectError.refused(.invalidArgument, "m < 2") }
  }

  private func assemble(
    _ call: GradientCall, _ channel: (Int, [Float]) -> (x: [Float], gamma: Float, beta: Float)
  ) -> GradientAnswer {
    let layout = call.x.channelLayout
    let parts = (0..<layout.channels).map { c in
      channel(c, layout.gather(channel: c, of: call.gradientY).map { Float($0) })
    }
    return GradientAnswer(
      gradientX: layout.scatter(parts.map { $0.x.map { Double($0) } }),
      gradientAffine: call.affine.map { _ in
        Affine<Double>(gamma: parts.map { Double($0.gamma) }, beta: parts.map { Double($0.beta) })
      })
  }

  /// One channel.
  private struct Channel {
    let arrangement: Arrangement
    let x: [Float]
    var mean: Float = 0
    var variance: Float = 0
    let inverse: Float
    let normalized: [Float]
    var count: Float { Float(x.count) }

    init(_ values: [Double], _ epsilon: Double, _ arrangement: Arrangement) {
      self.arrangement = arrangement
      let x = values.map { Float($0) }
      self.x = x
      let m = Float(x.count)
      if arrangement == .welford {
        var squares: Float = 0
        for (i, value) in x.enumerated() {
          let delta = value - mean
          mean += delta / Float(i + 1)
          squares += delta * (value - mean)
        }
        variance = squares / m
      } else {
        let ordered = arrangement == .reversed ? x.reversed() : x
        let mean = ordered.reduce(Float(0), +) / m
        self.mean = mean
        variance = ordered.reduce(Float(0)) { $0 + ($1 - mean) * ($1 - mean) } / m
      }
      let r = 1 / (variance + Float(epsilon)).squareRoot()
      let mean = mean
      inverse = r
      normalized = x.map { arrangement == .folded ? $0 * r - mean * r : ($0 - mean) * r }
    }

    func gradient(_ g: [Float], _ gamma: Float) -> (x: [Float], gamma: Float, beta: Float) {
      let pairs = Array(zip(g, normalized))
      let beta = arrangement == .reversed ? g.reversed().reduce(0, +) : g.reduce(0, +)
      var projection = pairs.reduce(Float(0)) { $0 + $1.0 * $1.1 }
      if arrangement == .reversed { projection = pairs.reversed().reduce(Float(0)) { $0 + $1.0 * $1.1 } }
      if arrangement == .folded {
        projection = (zip(g, x).reduce(Float(0)) { $0 + $1.0 * $1.1 } - mean * beta) * inverse
      }
      switch arrangement {
      case .steps: return (steps(g, gamma), projection, beta)
      case .reversed:
        return (
          pairs.map { gamma * inverse / count * (count * $0 - beta - $1 * projection) }, projection, beta
        )
      default:
        let dx = pairs.map { gamma * inverse * ($0 - beta / count - $1 * (projection / count)) }
        return (dx, projection, beta)
      }
    }

    private func steps(_ g: [Float], _ gamma: Float) -> [Float] {
      let d = x.map { $0 - mean }
      let cube = inverse * inverse * inverse
      let byVariance = zip(g, d).reduce(Float(0)) { $0 + $1.0 * gamma * $1.1 } * (-0.5 * cube)
      let byMean = -inverse * g.reduce(Float(0)) { $0 + $1 * gamma } + byVariance * (-2 / count) * d.reduce(0, +)
      return zip(g, d).map { $0 * gamma * inverse + byVariance * 2 / count * $1 + byMean / count }
    }
  }
}
