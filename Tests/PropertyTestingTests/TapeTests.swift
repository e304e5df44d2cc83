import PropertyTesting
import ReproducibleMath
import Testing

struct TapeTests {
  @Test func `a tape reads back as it was written`() throws {
    let tape = Tape([
      .integer(12), .integer(.min), .boolean(true), .float(0.5), .float(2), .float(0), .float(-0.0), .float(.nan),
      .float(-.infinity), .float(0.1), .float(.leastNonzeroMagnitude), .seed(42), .seed(.max), .boolean(false),
    ])
    #expect(try Tape("\(tape)") == tape)
    #expect(try Tape("t2") == Tape())
  }

  @Test func `the text of a tape is short and needs no quotes`() {
    let tape = Tape([.integer(-3), .boolean(true), .float(0.5), .float(2), .float(0), .seed(42)])
    #expect("\(tape)" == "t2.i-3.b1.f3fe.f4.f.s2a")
  }

  @Test(arguments: [
    ("", "A tape starts with \"t2\", this one with \"\"."),
    ("t3.i1", "A tape starts with \"t2\", this one with \"t3\"."),
    (
      "t1.i1",
      "The tape is of version t1, from before cases had a scale; run the law again for a tape of t2."
    ),
    ("t2.", "Item 1 of the tape, \"\", is not a choice."),
    ("t2.i1.x3", "Item 2 of the tape, \"x3\", is not a choice."),
    ("t2.i01", "Item 1 of the tape, \"i01\", is not a choice."),
    ("t2.i+1", "Item 1 of the tape, \"i+1\", is not a choice."),
    ("t2.i-0", "Item 1 of the tape, \"i-0\", is not a choice."),
    ("t2.i9223372036854775808", "Item 1 of the tape, \"i9223372036854775808\", is not a choice."),
    ("t2.b2", "Item 1 of the tape, \"b2\", is not a choice."),
    ("t2.b", "Item 1 of the tape, \"b\", is not a choice."),
    ("t2.f3fe0", "Item 1 of the tape, \"f3fe0\", is not a choice."),
    ("t2.f3FE", "Item 1 of the tape, \"f3FE\", is not a choice."),
    ("t2.f12345678123456781", "Item 1 of the tape, \"f12345678123456781\", is not a choice."),
    ("t2.s", "Item 1 of the tape, \"s\", is not a choice."),
    ("t2.i1 ", "Item 1 of the tape, \"i1 \", is not a choice."),
  ])
  func `a malformed tape is refused with a sentence that names the item`(text: String, sentence: String) {
    let error = #expect(throws: TapeError.self) { try Tape(text) }
    #expect(error?.description == sentence)
  }

  @Test func `replaying a tape judges exactly that case`() {
    let property = Property("sum", "sums are below 10") { source in
      let values = try source.array(length: 0...5) { try $0.integer(in: 0...9) }
      return .check(values.reduce(0, +) < 10, "sum", [("values", "\(values)")])
    }
    #expect(
      property.replay(Tape([.integer(2), .integer(4), .integer(6)])) == .failed(Failure("sum", [("values", "[4, 6]")])))
    #expect(property.replay(Tape([.integer(2), .integer(4), .integer(5)])) == .holds)
  }

  @Test func `a tape that does not fit the draws is an overrun or invalid`() {
    let property = Property("two", "two draws") { source in
      _ = try source.integer(in: 0...9)
      _ = try source.float(.uniform(0...1))
      return .holds
    }
    #expect(property.replay(Tape([.integer(1), .float(0.5)])) == .holds)
    #expect(property.replay(Tape([.integer(1)])) == .overrun("The tape ends after 1 choice, but the case draws more."))
    for choices: [Choice] in [
      [.integer(10), .float(0.5)], [.boolean(true), .float(0.5)], [.integer(1), .float(2)],
      [.integer(1), .float(.nan)],
      [.integer(1), .float(-0.0)], [.integer(1), .float(0x1p-1074)], [.integer(1), .float(0.5), .boolean(false)],
    ] {
      guard case .invalid = property.replay(Tape(choices)) else {
        Issue.record("\(Tape(choices)) is accepted")
        continue
      }
    }
  }

  @Test func `a tape that does not fit is refused with a sentence that names the place`() {
    let property = Property("one", "one draw") { source in
      _ = try source.integer(in: 0...9)
      return .holds
    }
    #expect(
      property.replay(Tape([.boolean(true)]))
        == .invalid("Item 1 of the tape is the Boolean true, but the case draws an integer in 0...9 there."))
    #expect(property.replay(Tape()) == .overrun("The tape ends after 0 choices, but the case draws more."))
    #expect(
      property.replay(Tape([.integer(1), .seed(2)]))
        == .invalid("The tape holds 2 choices, but the case draws only 1 of them."))
  }

  @Test func `no tape crashes a case`() {
    let property = Property("rich", "draws of every kind") { source in
      let count = try source.size(in: 0...40)
      _ = try source.array(length: 0...5) { try $0.integer(in: .min ... .max) }
      _ = try source.floats(count: count, .logUniform(1e-300...1e300))
      _ = try source.oneOf([
        { try $0.float(.grid(-1...1, digits: 4)) },
        {
          var stream = try $0.stream()
          return stream.unit()
        },
      ])
      _ = try source.chance(0.5)
      return .holds
    }
    var random = SplitMix64(seed: 11)
    for _ in 0..<3000 {
      let tape = Tape(
        (0..<random.integer(below: 12)).map { _ in
          let bits = random.u64()
          return switch random.integer(below: 5) {
          case 0: .integer(Int(bits % 6))
          case 1: .integer(Int(truncatingIfNeeded: bits))
          case 2: .boolean(bits & 1 == 1)
          case 3: .float(Double(bitPattern: bits))
          default: .seed(bits)
          }
        })
      let outcome = property.replay(tape)
      #expect(outcome.failures.isEmpty)
      #expect(property.replay(tape) == outcome)
    }
  }
}
