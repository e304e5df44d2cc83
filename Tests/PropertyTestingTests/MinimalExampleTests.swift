import PropertyTesting
import PropertyTestingSupport
import Testing

/// Wrong properties and the one simplest counterexample that each must shrink to, from several seeds.
struct MinimalExampleTests {
  /// Shrinks a wrong property from eight seeds; every time the input must read `minimal`.
  private func expectMinimal<Value>(
    _ minimal: String, cases: Int = 3000, _ draw: @escaping @Sendable (inout Source) throws -> Value,
    holds: @escaping @Sendable (Value) -> Bool, fileID: String = #fileID, filePath: String = #filePath,
    line: Int = #line, column: Int = #column
  ) {
    let property = Property("wrong", "wrong on purpose") { source in
      let value = try draw(&source)
      return .check(holds(value), "wrong", [("input", "\(value)")])
    }
    for seed in 0..<8 {
      let settings = RunSettings(cases: cases, sweep: 0, seed: UInt64(seed))
      let found = property.expectBroken(settings, fileID: fileID, filePath: filePath, line: line, column: column)
      let location = SourceLocation(fileID: fileID, filePath: filePath, line: line, column: column)
      #expect(found?.failure.fields.first?.value == minimal, sourceLocation: location)
      if let found { #expect(property.replay(found.tape) == .failed(found.failure), sourceLocation: location) }
    }
  }

  @Test func `integers below 1000 fail at 1000`() {
    expectMinimal("1000") {
      try $0.integer(in: 0...1_000_000)
    } holds: {
      $0 < 1000
    }
  }

  @Test func `integers fail towards the simplest value`() {
    expectMinimal("55") {
      try $0.integer(in: 0...1000, towards: 50)
    } holds: {
      abs($0 - 50) < 5
    }
    expectMinimal("-7") {
      try $0.integer(in: Int.min...Int.max)
    } holds: {
      $0 > -7
    }
  }

  @Test func `a float above one and a half fails at 2`() {
    expectMinimal("2.0") {
      try $0.float(.uniform(-1000...1000))
    } holds: {
      $0 <= 1.5
    }
  }

  @Test func `a float in an open unit interval fails at a half`() {
    expectMinimal("0.5") {
      try $0.float(.uniform(0...1))
    } holds: {
      $0 <= 0 || $0 >= 1
    }
  }

  @Test func `a negative float fails at −1, one within a narrow band at its shortest fraction`() {
    expectMinimal("-1.0") {
      try $0.float(.uniform(-1e6...1e6))
    } holds: {
      $0 >= 0
    }
    expectMinimal("3.25") {
      try $0.float(.uniform(0...10))
    } holds: {
      !(3.2 < $0 && $0 < 3.45)
    }
  }

  @Test func `a huge float fails at a power of two, a tiny one too`() {
    expectMinimal("1.8014398509481984e+16") {
      try $0.float(.logUniform(1...1e300))
    } holds: {
      $0 <= 1e16
    }
    expectMinimal("0.0009765625") {
      try $0.float(.logUniform(1e-30...1))
    } holds: {
      $0 >= 1e-3
    }
  }

  @Test func `grid values fail on the grid`() {
    expectMinimal("0.25") {
      try $0.float(.grid(0.1...0.9, digits: 3))
    } holds: {
      $0 >= 0.5
    }
  }

  @Test func `a list whose sum must stay below 100 fails with one element`() {
    expectMinimal("[100]") {
      try $0.array(length: 0...20) { try $0.integer(in: 0...1000) }
    } holds: {
      $0.reduce(0, +) < 100
    }
  }

  @Test func `a list whose bounded elements must sum below 100 fails with few large ones`() {
    expectMinimal("[20, 40, 40]") {
      try $0.array(length: 0...20) { try $0.integer(in: 0...40) }
    } holds: {
      $0.reduce(0, +) < 100
    }
  }

  @Test func `lists are not always sorted`() {
    expectMinimal("[1, 0]") {
      try $0.array(length: 0...20) { try $0.integer(in: 0...100) }
    } holds: {
      $0 == $0.sorted()
    }
  }

  @Test func `lists hold equal elements`() {
    expectMinimal("[0, 0]") {
      try $0.array(length: 0...20) { try $0.integer(in: 0...10) }
    } holds: {
      Set($0).count == $0.count
    }
  }

  @Test func `elements that need no order are sorted by simplicity`() {
    expectMinimal("[1, 2, 3]") {
      try $0.array(length: 0...8) { try $0.integer(in: 0...9) }
    } holds: {
      !Set($0).isSuperset(of: [1, 2, 3])
    }
  }

  @Test func `a pair with a sum fails with all of it in the second`() {
    expectMinimal("[0, 100]") {
      [try $0.integer(in: 0...500), try $0.integer(in: 0...500)]
    } holds: {
      $0[0] + $0[1] < 100
    }
    expectMinimal("[0.0, 101.0]") {
      [try $0.float(.uniform(0...500)), try $0.float(.uniform(0...500))]
    } holds: {
      $0[0] + $0[1] <= 100
    }
  }

  @Test func `a pair that must differ is lowered together`() {
    expectMinimal("[11, 11]") {
      [try $0.integer(in: 0...99), try $0.integer(in: 0...99)]
    } holds: {
      $0[0] != $0[1] || $0[0] <= 10
    }
  }

  @Test func `nested lists lose whole lists and elements`() {
    expectMinimal("[[0, 0, 0]]") {
      try $0.array(length: 0...6) { try $0.array(length: 0...6) { try $0.integer(in: 0...9) } }
    } holds: {
      $0.allSatisfy { $0.count < 3 }
    }
    expectMinimal("[[], [], []]") {
      try $0.array(length: 0...6) { try $0.array(length: 0...6) { try $0.integer(in: 0...9) } }
    } holds: {
      $0.count < 3
    }
  }

  @Test func `of alternatives the first that fails is kept`() {
    expectMinimal("b0") {
      try $0.oneOf([
        { "a\(try $0.integer(in: 0...9))" }, { "b\(try $0.integer(in: 0...9))" },
        { "c\(try $0.array(length: 0...3) { try $0.chance(0.5) })" },
      ])
    } holds: {
      $0.hasPrefix("a")
    }
  }

  @Test func `a shorter alternative leaves what follows in place`() {
    expectMinimal("[] 7") { source in
      let long: (inout Source) throws -> [Int] = { source in
        [try source.integer(in: 0...9), try source.integer(in: 0...9), try source.integer(in: 0...9)]
      }
      let digits = try source.oneOf([{ _ in [] }, long, long, long])
      return "\(digits) \(try source.integer(in: 0...9))"
    } holds: {
      !$0.hasSuffix(" 7")
    }
  }

  @Test func `a Boolean that does not matter is false`() {
    expectMinimal("false 5") {
      "\(try $0.chance(0.9)) \(try $0.integer(in: 0...9))"
    } holds: {
      !$0.hasSuffix("5")
    }
  }

  @Test func `elements of several choices are swapped whole`() {
    expectMinimal("[[0, 2], [1, 0]]") {
      try $0.array(length: 0...6) { [try $0.integer(in: 0...3), try $0.integer(in: 0...3)] }
    } holds: {
      !($0.contains([1, 0]) && $0.contains([0, 2]))
    }
  }

  @Test func `a dependent size is cut before what depends on it`() {
    expectMinimal("(3, [0.0, 0.0, 0.0], [false, false, false])") { source in
      let count = try source.size(in: 1...300)
      let values = try source.array(count: count) { try $0.float(.uniform(-1...1)) }
      return (count, values, try source.array(count: count) { try $0.chance(0.5) })
    } holds: {
      $0.0 < 3
    }
  }

  @Test func `arrays of one drawn length lose the same elements`() {
    expectMinimal("[6.0] [true]") { source in
      let count = try source.size(in: 0...100)
      let values = try source.array(count: count) { try $0.float(.uniform(0...10)) }
      return Columns(values: values, flags: try source.array(count: count) { try $0.chance(0.1) })
    } holds: { columns in
      zip(columns.values, columns.flags).allSatisfy { !($0 > 5 && $1) }
    }
  }

  private struct Columns: CustomStringConvertible {
    let values: [Double]
    let flags: [Bool]
    var description: String { "\(values) \(flags)" }
  }
}
