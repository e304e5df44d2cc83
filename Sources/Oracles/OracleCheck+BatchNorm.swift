extension OracleCheck {
  /// GSL against double-double; means and variances known in closed form.
  static func checkMoments(_ record: inout Record) throws {
    for channel in channels(&record) {
      let first = try Moments(of: channel.values, by: .gsl)
      let second = try Moments(of: channel.values, by: .doubleDouble)
      record.expect("mean, \(channel.name)", first.mean, second.mean)
      record.expect("variance, \(channel.name)", first.biasedVariance, second.biasedVariance)
    }
    // 1…m: mean (m + 1)/2, variance (m² − 1)/12.
    for count in [1, 2, 5, 4096] {
      let values = (1...count).map { Double($0) }
      let m = Double(count)
      for opinion in Moments.Opinion.allCases {
        let moments = try Moments(of: values, by: opinion)
        record.expect("mean of 1…\(count), \(opinion.rawValue)", moments.mean, Bounded((m + 1) / 2))
        record.expect(
          "variance of 1…\(count), \(opinion.rawValue)", moments.biasedVariance,
          Bounded(m * m - 1) / Bounded(12))
      }
    }
  }

  /// Forward: GSL's statistics against double-double, Σx̂ = 0, Σx̂² = mσ²/(σ² + ε).
  static func checkBatchNorm(_ record: inout Record) throws {
    for channel in channels(&record) {
      let epsilon = 0x1p-10
      let first = try BatchNormOracle(values: channel.values, epsilon: epsilon, opinion: .gsl)
      let second = try BatchNormOracle(values: channel.values, epsilon: epsilon)
      record.expect(
        "y, \(channel.name)", first.forward(gamma: -1.5, beta: 0.75), second.forward(gamma: -1.5, beta: 0.75))
      record.expect("Σx̂, \(channel.name)", second.normalized.sum(), .zero)
      let variance = second.biasedVariance
      let share = Bounded(Double(channel.values.count)) * variance / (variance + Bounded(epsilon))
      record.expect("Σx̂², \(channel.name)", second.normalized.map { $0 * $0 }.sum(), share)
    }
    // m = 2 in closed form: x̂ = ±(d/2)/√((d/2)² + ε).
    let half = Bounded(1.5)
    let expected = half / (half * half + Bounded(0.5)).squareRoot()
    record.expect(
      "x̂ of two values", try BatchNormOracle(values: [7, 10], epsilon: 0.5).normalized, [-expected, expected])
    let evaluation = try EvaluationOracle(runningMean: 1, runningVariance: 3.5, epsilon: 0.5)
    record.expect("evaluation at x = 4", evaluation.forward([4], gamma: 1.5, beta: 0.5), [Bounded(2.75)])
  }

  /// Backward: Σdx = 0; ⟨x̂, dx⟩ = (γ/s)⟨x̂, g⟩·ε/s²; the explicit Jacobian; central differences of the forward oracle.
  static func checkGradients(_ record: inout Record) throws {
    for channel in channels(&record) {
      let (gamma, epsilon) = (-1.5, 0x1p-10)
      let cotangent = record.values(channel.values.count, center: 0.5)
      let oracle = try BatchNormOracle(values: channel.values, epsilon: epsilon)
      let gradients = try oracle.backward(cotangent: cotangent, gamma: gamma)
      let g = cotangent.map { Bounded($0) }
      let x = oracle.normalized
      let count = Bounded(Double(g.count))
      let factor = Bounded(gamma) / oracle.standardDeviation
      let rest = Bounded(epsilon) / (oracle.biasedVariance + Bounded(epsilon))
      record.expect("Σdx, \(channel.name)", gradients.input.sum(), .zero)
      record.expect("dβ, \(channel.name)", gradients.beta, g.sum())
      record.expect("dγ, \(channel.name)", gradients.gamma, zip(g, x).map { $0 * $1 }.sum())
      record.expect(
        "⟨x̂, dx⟩, \(channel.name)", zip(x, gradients.input).map { $0 * $1 }.sum(),
        factor * zip(x, g).map { $0 * $1 }.sum() * rest)
      // Row 0 of the Jacobian: (γ/s)([0 = j] − 1/m − x̂₀x̂ⱼ/m).
      let row = zip(x, g).enumerated().map { j, pair in
        ((j == 0 ? Bounded.one : .zero) - (.one + x[0] * pair.0) / count) * pair.1
      }
      record.expect("dx from the Jacobian, \(channel.name)", factor * row.sum(), gradients.input[0])
    }
    try checkGradientsByDifferences(&record)
  }

  /// The five-point rule's error estimate times 4: its truncation part is an estimate, see `Derivative`.
  private static func checkGradientsByDifferences(_ record: inout Record) throws {
    let (x, g) = (record.values(5), record.values(5))
    let (gamma, epsilon) = (0.75, 0.5)
    let analytic = try BatchNormOracle(values: x, epsilon: epsilon).backward(cotangent: g, gamma: gamma)
    let numeric = try Derivatives.gradient(at: x, noise: 0x1p-50) { x in
      let y = try BatchNormOracle(values: x, epsilon: epsilon).forward(gamma: gamma, beta: 0)
      return zip(g, y).map { Bounded($0) * $1 }.sum().value
    }
    record.expect(
      "dx by central differences", numeric.map { Bounded(value: $0.estimate.value, bound: 4 * $0.estimate.bound) },
      analytic.input)
  }

  /// Iterated updates against the closed form; merged parts against the whole.
  static func checkRunningStatistics(_ record: inout Record) throws {
    let batches = record.values(20).map { Bounded($0) }
    for weight in [RunningStatisticsOracle.Weight.ofNew(0.1), .ofOld(0.99), .cumulative] {
      var running = Bounded.one
      for (t, batch) in batches.enumerated() {
        running = RunningStatisticsOracle.update(running, by: batch, weight: weight, batchesSeen: t + 1)
      }
      record.expect(
        "20 updates, \(weight)", running,
        RunningStatisticsOracle.afterUpdates(of: .one, by: batches, weight: weight))
    }
    for channel in channels(&record) {
      let split = channel.values.count / 2
      let parts = [channel.values[..<split], channel.values[split...]]
      let whole = try PartialMoments(of: channel.values)
      let pooled = PartialMoments.pooled(try parts.map { try PartialMoments(of: Array($0)) })
      record.expect("merged mean, \(channel.name)", pooled?.mean ?? .unknown, whole.mean)
      record.expect("merged variance, \(channel.name)", pooled?.biasedVariance ?? .unknown, whole.biasedVariance)
    }
  }
}
