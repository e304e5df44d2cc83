import CKernels
import Testing

/// Batch normalization of [rows, columns] by every variant, over shapes around the strips: vectors of 2, 4 and 8 doubles,
/// four of them.
struct ColumnTests {
  /// Powers of two and other numbers of rows: the first are divided by multiplication.
  static let shapes: [ColumnSpecification] = {
    let columns = [1, 2, 3, 5, 7, 8, 9, 10, 16, 17, 31, 32, 33, 47]
    return columns.enumerated().flatMap { i, columns in
      [2, 3, 4, 7, 16].dropFirst(i % 3).map { ColumnSpecification(batch: $0, channels: columns, spatial: 1) }
    }
  }()

  /// One case: inputs of a shape, the batch's own statistics, and parts to split the columns into.
  private struct Case {
    let shape: ColumnSpecification
    let x, dy, gamma, beta: [Float]
    let mean, r: [Double]
    let parts: Int
    var rows: Int { shape.batch }
    var columns: Int { shape.channels }

    init(_ shape: ColumnSpecification, _ samples: inout Samples) {
      self.shape = shape
      (x, dy) = (samples.array(shape.count), samples.array(shape.count))
      (gamma, beta) = (samples.array(shape.channels), samples.array(shape.channels))
      mean = shape.means(x)
      r = shape.variances(x, mean).map { 1 / ($0 + 1e-5).squareRoot() }
      parts = 1 + (shape.batch + shape.channels) % 3
    }
  }

  private func forEachCase(_ values: Values, _ body: (Case, inout Samples, nc_variant) -> Void) {
    var samples = Samples(values)
    for shape in Self.shapes {
      let one = Case(shape, &samples)
      for variant in variants {
        var own = samples
        body(one, &own, variant)
      }
    }
  }

  @Test(arguments: Values.allCases)
  func `bias gradients, means and variances are wide sums`(values: Values) {
    forEachCase(values) { one, _, variant in
      var db = [Float](repeating: 0, count: one.columns)
      var (mean, variance) = ([Double](repeating: 0, count: one.columns), [Double](repeating: 0, count: one.columns))
      forEachPart(of: one.columns, parts: one.parts) { begin, end in
        nc_bias_gradient(variant, one.x, &db, one.rows, one.columns, begin, end)
        nc_column_means(variant, one.x, &mean, one.rows, one.columns, begin, end)
        nc_column_variances(variant, one.x, one.mean, &variance, one.rows, one.columns, begin, end)
      }
      #expect(bits(db) == bits(one.shape.sums(one.x).map { Float($0) }), "\(variant), \(one.shape)")
      #expect(bits(mean) == bits(one.mean), "\(variant), \(one.shape)")
      #expect(bits(variance) == bits(one.shape.variances(one.x, one.mean)), "\(variant), \(one.shape)")
    }
  }

  @Test(arguments: Values.allCases, [nc_activation.identity, .relu])
  func `normalization is rounded once, then activated`(values: Values, activation: nc_activation) {
    forEachCase(values) { one, _, variant in
      let before = one.shape.normalized(one.x, one.mean, one.r, one.gamma, one.beta)
      let after = activation == .relu ? ColumnSpecification.rectified(before) : before
      var (kept, y) = (one.x, one.x)
      forEachPart(of: one.columns, parts: one.parts) { begin, end in
        nc_normalize(
          variant, one.x, one.mean, one.r, one.gamma, one.beta, activation, &kept, &y, one.rows, one.columns, begin, end
        )
      }
      #expect(bits(kept) == bits(before), "\(variant), \(one.shape)")
      #expect(bits(y) == bits(after), "\(variant), \(one.shape)")
      y = one.x
      y.withUnsafeMutableBufferPointer { y in
        nc_normalize(
          variant, y.baseAddress!, one.mean, one.r, one.gamma, one.beta, activation, nil, y.baseAddress!, one.rows,
          one.columns, 0, one.columns)
      }
      #expect(bits(y) == bits(after), "in place, \(variant), \(one.shape)")
    }
  }

  @Test(arguments: Values.allCases, [nc_activation.identity, .relu])
  func `normalization by running statistics goes from left to right`(values: Values, activation: nc_activation) {
    forEachCase(values) { one, samples, variant in
      let mean = samples.array(one.columns)
      let before = one.shape.evaluated(one.x, mean, one.r, one.gamma, one.beta)
      let after = activation == .relu ? ColumnSpecification.rectified(before) : before
      var (kept, y) = (one.x, one.x)
      forEachPart(of: one.columns, parts: one.parts) { begin, end in
        nc_normalize_running(
          variant, one.x, mean, one.r, one.gamma, one.beta, activation, &kept, &y, one.rows, one.columns, begin, end)
      }
      #expect(bits(kept) == bits(before), "\(variant), \(one.shape)")
      #expect(bits(y) == bits(after), "\(variant), \(one.shape)")
    }
  }

  @Test(arguments: Values.allCases, [nc_activation.identity, .relu])
  func `the backward pass couples the rows through two wide sums`(values: Values, activation: nc_activation) {
    forEachCase(values) { one, samples, variant in
      let activated: [Float]? = activation == .relu ? samples.array(one.shape.count) : nil
      let dy = activated.map { ColumnSpecification.passed(one.dy, $0) } ?? one.dy
      let expected = one.shape.gradientSums(one.x, dy, one.mean, one.r)
      var sums = (beta: [Double](repeating: 0, count: one.columns), gamma: [Double](repeating: 0, count: one.columns))
      var (training, running) = (one.x, one.x)
      forEachPart(of: one.columns, parts: one.parts) { begin, end in
        nc_normalize_backward_sums(
          variant, one.x, one.dy, activated, one.mean, one.r, &sums.beta, &sums.gamma, one.rows, one.columns, begin, end
        )
        nc_normalize_backward(
          variant, one.x, one.dy, activated, one.mean, one.r, one.gamma, expected.beta, expected.gamma, &training,
          one.rows, one.columns, begin, end)
        nc_normalize_running_backward(
          variant, one.dy, activated, one.r, one.gamma, &running, one.rows, one.columns, begin, end)
      }
      #expect(bits(sums.beta) == bits(expected.beta), "\(variant), \(one.shape)")
      #expect(bits(sums.gamma) == bits(expected.gamma), "\(variant), \(one.shape)")
      let gradient = one.shape.gradient(one.x, dy, one.mean, one.r, one.gamma, expected)
      #expect(bits(training) == bits(gradient), "\(variant), \(one.shape)")
      #expect(bits(running) == bits(one.shape.evaluationGradient(dy, one.r, one.gamma)), "\(variant), \(one.shape)")
    }
  }
}
