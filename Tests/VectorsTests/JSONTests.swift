import Testing
@testable import Vectors

/// Reading and writing of JSON.
struct JSONTests {
  private func parsed(_ text: String) throws -> JSON { try JSON(Array(text.utf8)) }

  @Test func `every kind of value is read`() throws {
    let json = try parsed(#" {"a": [1, -2.5e3, 0], "b": {"c": null, "d": true, "e": "x\n\u00e9\"μ"}, "f": []} "#)
    #expect(json["a"] == .array([.number(1), .number(-2500), .number(0)]))
    #expect(json["b"]?["e"] == .text("x\né\"μ"))
    #expect(json["b"]?["d"] == .bool(true))
    #expect(json["f"] == .array([]))
  }

  @Test(arguments: [
    ("", "ends where a value"), ("{", "name is expected"), ("[1, 2", "not closed by ]"), ("[1 2]", "not closed by ]"),
    (#"{"a": 1, "a": 2}"#, "stands twice"), (#"{"a" 1}"#, "colon"), ("01", "is no number"), ("1.", "is no number"),
    ("-", "is no number"), ("1e999", "is no number"), ("nan", "no JSON value"), ("\"a", "not closed"),
    ("\"\u{1}\"", "control"),
    (#""\x""#, "escape"), (#""\ud800""#, "four digits"), ("[] []", "follows the end"),
    ("{\"a\": 1,}", "name is expected"),
  ]) func `what is not JSON is refused with its reason`(text: String, reason: String) {
    let error = #expect(throws: FixtureError.self) { try parsed(text) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "no error")")
  }

  @Test func `the place of an error is its line and column`() {
    let error = #expect(throws: FixtureError.self) { try parsed("{\n  \"a\": [1,\n   x]\n}") }
    #expect(error?.description.hasPrefix("line 3, column 4:") == true)
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    #expect(throws: FixtureError.self) { try JSON([0x22, 0xff, 0x22]) }
  }

  @Test func `nesting is bounded, so that no file overflows the stack`() throws {
    let deep = String(repeating: "[", count: 100_000)
    let error = #expect(throws: FixtureError.self) { try parsed(deep) }
    #expect(error?.description.contains("deeper than 32") == true)
    _ = try parsed(String(repeating: "[", count: 32) + String(repeating: "]", count: 32))
  }

  @Test func `what is written reads back as the same value`() throws {
    let json = JSON.object([
      .init("numbers", .array([0, -0.0, 0.1, 1e-45, 0x1p-1074, 1.7976931348623157e308, 123_456_789].map(JSON.number))),
      .init("texts", .array([.text("a\"b\\c\n\u{1}μ"), .null, .bool(false)])),
      .init("empty", .object([])), .init("long", .array((0..<60).map { .number(Double($0) + 0.5) })),
      .init("objects", .array([.object([.init("a", .array([.object([.init("b", .array([.number(1)]))])]))])])),
    ])
    #expect(try parsed(json.text) == json)
    #expect(json.text.split(separator: "\n").allSatisfy { $0.unicodeScalars.count <= 120 })
  }
}

/// Exact values as text.
struct HexadecimalValueTests {
  @Test(arguments: [
    (1.0, "0x1p+0"), (3, "0x1.8p+1"), (-0.1, "-0x1.999999999999ap-4"), (0, "0x0p+0"), (-0.0, "-0x0p+0"),
    (0x1p-1074, "0x1p-1074"), (3 * 0x1p-1074, "0x1.8p-1073"), (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"),
    (.greatestFiniteMagnitude, "0x1.fffffffffffffp+1023"),
  ]) func `a value has one text, and the text its value`(value: Double, text: String) {
    #expect(HexadecimalValue.text(value) == text)
    let back = HexadecimalValue.value(text)
    #expect(back.map { $0.bitPattern == value.bitPattern || $0.isNaN && value.isNaN } == true)
  }

  @Test(arguments: ["", "1", "0x2p+0", "0x1.80p+1", "0x1p0", "0X1P+0", "infinity", "0x1p+9999", "0x1.8p+1 "])
  func `another text of a value is refused`(text: String) { #expect(HexadecimalValue.value(text) == nil) }
}
