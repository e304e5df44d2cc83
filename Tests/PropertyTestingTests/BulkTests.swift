import PropertyTesting
import PropertyTestingSupport
import Testing

/// Matrix-like data: cheap on the tape, and still shrunk to the minimal shape with simple values.
struct BulkTests {
  struct Matrix: CustomStringConvertible, Sendable {
    let batch: Int
    let columns: [[Double]]
    var description: String { "\(batch) rows \(columns)" }
  }

  private static func matrix(_ source: inout Source) throws -> Matrix {
    let batch = try source.size(in: 1...4096)
    let columns = try source.array(length: 1...8) { try $0.floats(count: batch, .uniform(-8...8)) }
    return Matrix(batch: batch, columns: columns)
  }

  private func minimal(_ holds: @escaping @Sendable (Matrix) -> Bool) -> String? {
    let property = Property("bulk", "wrong on purpose") { source in
      let matrix = try Self.matrix(&source)
      return .check(holds(matrix), "wrong", [("input", "\(matrix)")])
    }
    return property.expectBroken(RunSettings(cases: 100, sweep: 0))?.failure.fields.first?.value
  }

  @Test func `a matrix of 4096 rows takes two choices a column`() throws {
    let property = Property("bulk", "wrong on purpose") { source in
      let values = try source.floats(count: 4096 * 8, .uniform(-1...1))
      return .check(values.count != 4096 * 8, "always")
    }
    #expect(property.expectBroken(RunSettings(cases: 1, sweep: 0))?.original.choices.count == 2)
  }

  @Test func `a failure by shape shrinks to that shape with zeros`() {
    #expect(minimal { $0.batch < 5 } == "5 rows [[0.0, 0.0, 0.0, 0.0, 0.0]]")
    #expect(minimal { $0.batch < 3 || $0.columns.count < 2 } == "3 rows [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]")
  }

  @Test func `a failure by one value shrinks to one row with that value`() {
    #expect(minimal { $0.columns.allSatisfy { $0.allSatisfy { $0 < 6.3 } } } == "1 rows [[7.0]]")
  }

  @Test func `a failure by order shrinks to two rows`() {
    #expect(minimal { $0.columns.allSatisfy { $0 == $0.sorted() } } == "2 rows [[0.0, -1.0]]")
  }

  @Test func `a failure by a sum shrinks to few rows`() {
    #expect(minimal { $0.columns[0].reduce(0) { $0 + abs($1) } <= 20 } == "3 rows [[5.0, 8.0, 8.0]]")
  }

  @Test func `a failure that needs many rows stays bulk with a small seed`() {
    let property = Property("many", "wrong on purpose") { source in
      let values = try source.floats(count: try source.size(in: 1...4096), .uniform(-1...1))
      return .check(values.count < 1000, "long")
    }
    #expect(property.expectBroken()?.tape == Tape([.integer(1000), .boolean(true), .seed(0)]))
  }

  @Test func `listing a seed's values does not change the case`() {
    let property = Property("list", "wrong on purpose") { source in
      let values = try source.floats(count: 3, .uniform(0...1))
      // Holds but for values that a stream gave: nothing simpler fails.
      return .check(!values.allSatisfy { $0 != 0 && $0.significandWidth > 30 }, "long", [("values", "\(values)")])
    }
    let found = property.expectBroken(RunSettings(cases: 100, sweep: 0))
    #expect(found?.tape.choices.count == 4)
    #expect(found?.tape.choices.first == .boolean(false))
  }

  @Test func `values that do not matter are simplified many at a time`() throws {
    let property = Property("attempts", "wrong on purpose") { source in
      let values = try source.floats(count: try source.size(in: 1...256), .uniform(-1...1))
      return .check(values.count < 200 || values[199] <= 0, "long", [("values", "\(values)")])
    }
    let found = try #require(property.expectBroken(RunSettings(cases: 200, sweep: 0)))
    #expect(found.tape.choices.count == 202)
    #expect(found.tape.choices.last == .float(1))
    // Finding that no element can go takes about 200 attempts; simplifying one by one would take 200 more.
    #expect(found.attempts < 400)
  }
}
