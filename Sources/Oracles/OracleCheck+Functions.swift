import ReproducibleMath

extension OracleCheck {
  /// Calls that GSL must refuse: each has to throw, and the process has to survive.
  static func checkErrors(_ record: inout Record) {
    let refused: [(String, () throws -> Void)] = [
      ("log(−1)", { _ = try ElementaryFunctions.log(-1) }),
      ("exp(1000)", { _ = try ElementaryFunctions.exp(1000) }),
      ("a quantile at 2", { _ = try Distribution.normal.quantile(2) }),
      ("moments of nothing", { _ = try Moments(of: [], by: .gsl) }),
      ("moments of NaN", { _ = try Moments(of: [.nan], by: .doubleDouble) }),
      ("0/0", { _ = try BatchNormOracle(values: [3, 3], epsilon: 0) }),
      ("the derivative of NaN", { _ = try Derivatives.derivative(at: 0) { _ in .nan } }),
    ]
    for (question, call) in refused {
      record.expect(question, (try? call()) == nil, "an answer instead of an error")
    }
  }

  /// `gsl_blas_dgemm` against double-double, every combination of transpositions.
  static func checkProducts(_ record: inout Record) throws {
    for (rows, inner, columns) in [(1, 1, 1), (3, 5, 2), (4, 257, 3)] {
      let left = record.values(rows * inner)
      let right = record.values(inner * columns)
      let initial = record.values(rows * columns)
      for first in [MatrixProduct.Operation.asStored, .transposed] {
        for second in [MatrixProduct.Operation.asStored, .transposed] {
          let product = try MatrixProduct(
            left: left, first, right: right, second, rows: rows, inner: inner, columns: columns, initial: initial)
          record.expect(
            "[\(rows), \(inner)] · [\(inner), \(columns)], \(first), \(second)", try product.gsl(),
            product.doubleDouble())
        }
      }
    }
    let known = try MatrixProduct(
      left: [1, 2, 3, 4], right: [5, 6, 7, 8], .transposed, rows: 2, inner: 2, columns: 2)
    record.expect("[1 2; 3 4] · [5 6; 7 8]ᵀ", try known.gsl(), [17, 23, 39, 53].map { Bounded($0) })
  }

  /// Derivatives known in closed form, within 4 times the estimate (see `Derivative`).
  static func checkDerivatives(_ record: inout Record) throws {
    for x in [0.5, 1, -3.25] {
      let cubic = try Derivatives.derivative(at: x) { $0 * $0 * $0 }.estimate
      record.expect("(x³)′ at \(x)", Bounded(value: cubic.value, bound: 4 * cubic.bound), Bounded(3 * x * x))
      let reciprocal = try Derivatives.derivative(at: x, scale: abs(x)) { 1 / $0 }.estimate
      record.expect(
        "(1/x)′ at \(x)", Bounded(value: reciprocal.value, bound: 4 * reciprocal.bound),
        -(.one / Bounded(x * x)))
    }
    let (point, direction) = ([1.0, 2.0, 3.0], [0.5, -1.0, 2.0])
    let along = try Derivatives.directional(at: point, along: direction) { $0[0] * $0[1] * $0[2] }.estimate
    record.expect("∇(xyz)·v", Bounded(value: along.value, bound: 4 * along.bound), Bounded(4))
  }

  /// exp and log as inverses; special values.
  static func checkElementaryFunctions(_ record: inout Record) throws {
    record.expect("exp 0", try ElementaryFunctions.exp(0), .one)
    record.expect("log 1", try ElementaryFunctions.log(1), .zero)
    let e = Bounded(0x1.5bf0a8b145769p+1) + Bounded(0x1.4d57ee2b1013ap-53)
    record.expect("exp 1", try ElementaryFunctions.exp(1), e)
    for _ in 0..<100 {
      let x = 300 * record.uniform()
      let exponential = try ElementaryFunctions.exp(x)
      // log(eˣ(1 + δ)) = x + δ to first order, |δ| ≤ bound/value; 2 covers the rest.
      let logarithm = try ElementaryFunctions.log(exponential.value)
      let bound = logarithm.bound + 2 * exponential.bound / exponential.value
      record.expect("log(exp \(x))", Bounded(value: logarithm.value, bound: bound), Bounded(x))
      record.expect("exp x · exp −x", exponential * (try ElementaryFunctions.exp(-x)), .one)
    }
  }

  /// Distribution functions with closed forms, to the 1e-12 that `Distribution` claims; quantiles as inverses.
  static func checkDistributions(_ record: inout Record) throws {
    for x in [0.25, 1, 2, 5.5] {
      let fisher = try Distribution.fisher(numerator: 2, denominator: 2).lowerTail(x)
      record.expect("F(2, 2) at \(x)", claimed(fisher), Bounded(x) / (.one + Bounded(x)))
      let student = try Distribution.studentT(degrees: 2).upperTail(x)
      let ratio = Bounded(x) / (Bounded(2) + Bounded(x) * Bounded(x)).squareRoot()
      record.expect("t(2) above \(x)", claimed(student), (.one - ratio) / Bounded(2))
      let chiSquare = try Distribution.chiSquare(degrees: 2).upperTail(x)
      record.expect("chi-square(2) above \(x)", claimed(chiSquare), try ElementaryFunctions.exp(-x / 2))
      let normal = try Distribution.normal.lowerTail(-x)
      record.expect("normal below −\(x)", claimed(try Distribution.normal.quantile(normal)), Bounded(-x))
    }
    record.expect("the two series of Kolmogorov's distribution", try kolmogorovBelowOne, try kolmogorovAtOne)
  }

  private static func claimed(_ value: Double) -> Bounded { Bounded(value: value, bound: 1e-12 * abs(value)) }

  /// At 1 and just below it, by either series; the density there is below 2, so the two differ by less than 2·2⁻⁵³.
  private static var kolmogorovAtOne: Bounded {
    get throws { try KolmogorovSmirnov.limitingUpperTail(1) }
  }

  private static var kolmogorovBelowOne: Bounded {
    get throws { try KolmogorovSmirnov.limitingUpperTail(1.0.nextDown) + Bounded(value: 0, bound: 0x1p-52) }
  }

  /// The C++ standard's 10,000th output, and the package's own generator.
  static func checkMersenneTwister(_ record: inout Record) throws {
    let outputs = try MersenneTwisterOracle.outputs(seed: 5489, count: 10_000)
    record.expect(
      "output 10,000 of seed 5489", outputs.last == 4_123_659_995, "\(outputs.last.map { "\($0)" } ?? "none")")
    var own = MersenneTwister(seed: 5489)
    record.expect("seed 5489", outputs == outputs.map { _ in own.u32() }, "GSL's outputs are not our own")
  }
}
