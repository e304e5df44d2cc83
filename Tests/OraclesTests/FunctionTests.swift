import Oracles
import Testing

@Suite struct ElementaryFunctionsTests {
  @Test func `GSL's error estimates of exp and log hold at the table's points and are not vacuous`() throws {
    for truth in FunctionTruth.named("exp") + FunctionTruth.named("log") {
      let result =
        try truth.name == "exp" ? ElementaryFunctions.exp(truth.argument) : ElementaryFunctions.log(truth.argument)
      let error = abs((result.value - truth.value) - truth.rest)
      #expect(error <= result.bound, "\(truth.name)(\(truth.argument))")
      #expect(result.bound <= 0x1p-40 * abs(truth.value), "\(truth.name)(\(truth.argument))")
    }
  }

  @Test func `a refusal of GSL is thrown by name and reason, not aborted`() {
    #expect(throws: OracleError.gsl(function: "gsl_sf_log_e", reason: "input domain error")) {
      try ElementaryFunctions.log(-1)
    }
    #expect(throws: OracleError.gsl(function: "gsl_sf_exp_e", reason: "overflow")) { try ElementaryFunctions.exp(710) }
    #expect(throws: OracleError.gsl(function: "gsl_sf_exp_e", reason: "underflow")) {
      try ElementaryFunctions.exp(-800)
    }
    #expect(throws: OracleError.self) { try ElementaryFunctions.exp(.nan) }
    let message = "\(OracleError.gsl(function: "gsl_sf_log_e", reason: "input domain error"))"
    #expect(message == "GSL's gsl_sf_log_e failed: input domain error.")
  }
}

@Suite struct DistributionTests {
  @Test func `both tails and the quantile are right to twelve digits`() throws {
    for truth in DistributionTruth.all {
      let distribution = truth.distribution
      #expect(abs(try distribution.lowerTail(truth.x) - truth.lower) <= 1e-12 * truth.lower, "\(truth)")
      #expect(abs(try distribution.upperTail(truth.x) - truth.upper) <= 1e-12 * truth.upper, "\(truth)")
    }
    for truth in DistributionTruth.all where truth.lower < 0.9 {
      #expect(abs(try truth.distribution.quantile(truth.lower) - truth.x) <= 1e-12 * abs(truth.x), "\(truth)")
    }
  }

  @Test func `impossible questions are errors`() {
    #expect(throws: OracleError.self) { try Distribution.normal.quantile(0) }
    #expect(throws: OracleError.self) { try Distribution.normal.lowerTail(.nan) }
    #expect(throws: OracleError.self) { try Distribution.chiSquare(degrees: 0).lowerTail(1) }
    #expect(throws: OracleError.self) { try Distribution.fisher(numerator: 1, denominator: -2).upperTail(1) }
  }
}

@Suite struct KolmogorovSmirnovTests {
  @Test func `the limiting tail is enclosed on both sides of 1, tightly`() throws {
    for truth in FunctionTruth.named("kolmogorov") {
      let tail = try KolmogorovSmirnov.limitingUpperTail(truth.argument)
      #expect(abs((tail.value - truth.value) - truth.rest) <= tail.bound, "\(truth.argument)")
      #expect(tail.bound <= 1e-12 * truth.value, "\(truth.argument)")
    }
    #expect(try KolmogorovSmirnov.limitingUpperTail(0.01).value == 1)
    #expect(try KolmogorovSmirnov.limitingUpperTail(40).value == 0)
  }

  @Test func `the statistic is the largest gap on either side of a step`() throws {
    #expect(try KolmogorovSmirnov.statistic(probabilities: [0.5]) == 0.5)
    #expect(try KolmogorovSmirnov.statistic(probabilities: [0.75, 0.25]) == 0.25)
    #expect(try KolmogorovSmirnov.statistic(probabilities: [0.875, 1]) == 0.875)
    #expect(throws: OracleError.self) { try KolmogorovSmirnov.statistic(probabilities: []) }
    #expect(throws: OracleError.self) { try KolmogorovSmirnov.statistic(probabilities: [.nan]) }
  }

  @Test func `the bound for finite samples lies above the limit`() throws {
    for d in [0.01, 0.05, 0.1] {
      let bound = try KolmogorovSmirnov.upperTailBound(statistic: d, count: 400)
      let limit = try KolmogorovSmirnov.limitingUpperTail(20 * d)
      #expect(bound >= limit.value && bound <= 1)
    }
  }
}
