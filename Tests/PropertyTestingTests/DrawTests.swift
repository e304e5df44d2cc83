import PropertyTesting
import PropertyTestingSupport
import Testing

/// What random draws may give.
struct DrawTests {
  private static let ranges: [FloatRange] = [
    .uniform(-1...1), .uniform(2...2), .uniform(-1e308...1e308), .uniform(3.1...3.2), .uniform(0...1e-300),
    .logUniform(1e-12...1), .logUniform(1...1), .logUniform(1e-300...1e300), .logUniform(1.9...2.1),
    .grid(-1...1, digits: 3), .grid(0.3...0.9, digits: 1), .grid(-1e6...1e6, digits: 0),
  ]

  @Test(arguments: ranges)
  func `floats lie in their range, drawn one by one or in bulk`(range: FloatRange) {
    Property("range", "floats lie in their range") { source in
      let values = [try source.float(range)] + (try source.floats(count: 20, range))
      return .check(values.allSatisfy(range.contains), "outside", [("values", "\(values)")])
    }.expectHolds(RunSettings(cases: 300))
  }

  @Test func `no range has a negative zero, subnormal, infinity or NaN`() {
    let range = FloatRange.uniform(-1...1)
    #expect(range.contains(0) && range.contains(-1) && range.contains(.leastNormalMagnitude))
    for special in [-0.0, .leastNonzeroMagnitude, .infinity, -.infinity, .nan, -.nan, .signalingNaN] {
      #expect(!range.contains(special))
    }
  }

  @Test func `a log-uniform range reaches every decade`() {
    Property("decades", "magnitudes from tiny to huge occur alike") { source in
      let values = try source.floats(count: 1000, .logUniform(1e-6...1e6))
      // 40 binades of 0.3 decades: 83 of 1000 values a decade are expected, with a standard deviation of 9.
      let decades = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4, 1e5]
      return .check(decades.allSatisfy { low in values.contains { low <= $0 && $0 < low * 10 } }, "empty decade")
    }.expectHolds(RunSettings(cases: 20, sweep: 0))
  }

  @Test func `sizes stay within their bounds and reach both ends`() {
    for bounds in [1...4096, 0...0, 0...1, 5...9, 17...33] {
      let summary = Property("size", "sizes lie in their bounds") { source in
        let size = try source.size(in: bounds)
        if !bounds.contains(size) { return .failed(Failure("outside")) }
        if size == bounds.upperBound { return .failed(Failure("upper")) }
        return .check(size > bounds.lowerBound, "lower")
      }.run(RunSettings(cases: 1000, sweep: 0, afterFailure: .collect))
      let found = Set(summary.counterexamples.map(\.failure.identity))
      #expect(found == (bounds.count == 1 ? ["upper"] : ["upper", "lower"]))
    }
  }

  @Test func `integers of the whole range come with both signs and all magnitudes`() {
    let summary = Property("integers", "notes what comes") { source in
      let value = try source.integer(in: .min ... .max)
      if value == .min || value == .max || value == 0 { return .failed(Failure("edge \(value)")) }
      return value.magnitude < 1 << 62 ? .holds : .failed(Failure(value < 0 ? "large negative" : "large positive"))
    }.run(RunSettings(cases: 1000, sweep: 0, shrinkAttempts: 0, afterFailure: .collect))
    let found = Set(summary.counterexamples.map(\.failure.identity))
    #expect(found == ["edge \(Int.min)", "edge \(Int.max)", "edge 0", "large negative", "large positive"])
    #expect(summary.counts.held > 100)
  }

  @Test func `a chance of zero is never true, of one always, in random cases`() {
    Property("chance", "certain chances") { source in
      let (never, always) = (try source.chance(0), try source.chance(1))
      return .check(!never && always, "chance")
    }.expectHolds(RunSettings(cases: 200, sweep: 0))
  }
}
