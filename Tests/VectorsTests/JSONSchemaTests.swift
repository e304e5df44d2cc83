import Testing
@testable import Vectors

/// The keywords of JSON Schema that are checked.
struct JSONSchemaTests {
  private func problems(_ schema: String, _ json: String) throws -> [String] {
    try JSONSchema(JSON(Array(schema.utf8))).problems(in: JSON(Array(json.utf8)))
  }

  @Test(arguments: [
    (#"{"type": "integer"}"#, "3", "3.5"), (#"{"type": "object"}"#, "{}", "[]"), (#"{"const": "a"}"#, #""a""#, #""b""#),
    (#"{"enum": [1, "b"]}"#, #""b""#, "2"), (#"{"minLength": 2}"#, #""ab""#, #""a""#), (#"{"minimum": 0}"#, "0", "-1"),
    (#"{"maximum": 5}"#, "5", "6"), (#"{"minItems": 1}"#, "[0]", "[]"), (#"{"maxItems": 1}"#, "[0]", "[0, 0]"),
    (#"{"items": {"type": "string"}}"#, #"["a"]"#, #"["a", 1]"#), (#"{"required": ["a"]}"#, #"{"a": 1}"#, "{}"),
    (#"{"properties": {"a": {"type": "null"}}}"#, #"{"a": null}"#, #"{"a": 1}"#),
    (#"{"properties": {"a": {}}, "additionalProperties": false}"#, #"{"a": 1}"#, #"{"a": 1, "b": 1}"#),
    (#"{"additionalProperties": {"type": "number"}}"#, #"{"a": 1}"#, #"{"a": "1"}"#),
    (#"{"allOf": [{"minimum": 1}, {"maximum": 2}]}"#, "2", "3"),
    (#"{"anyOf": [{"type": "null"}, {"type": "number"}]}"#, "null", "[]"),
    (#"{"if": {"type": "number"}, "then": {"minimum": 1}}"#, "1", "0"),
    (##"{"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}"##, #""x""#, "1"),
  ]) func `a keyword lets the right pass and the wrong not`(schema: String, right: String, wrong: String) throws {
    #expect(try problems(schema, right) == [])
    #expect(try problems(schema, wrong).count == 1)
  }

  @Test func `a condition that does not hold asks nothing`() throws {
    #expect(try problems(#"{"if": {"type": "number"}, "then": {"minimum": 1}}"#, #""a""#) == [])
  }

  @Test func `the place of a problem is named`() throws {
    let schema = #"{"properties": {"a": {"items": {"properties": {"b": {"type": "string"}}}}}}"#
    #expect(try problems(schema, #"{"a": [{}, {"b": 1}]}"#) == ["$.a[1].b: string expected, there is a number"])
  }

  @Test func `a keyword that is not checked is refused, wherever it stands`() {
    for schema in [#"{"pattern": "x"}"#, #"{"properties": {"a": {"not": {}}}}"#, #"{"allOf": [{"oneOf": []}]}"#] {
      #expect(throws: FixtureError.self) { try JSONSchema(JSON(Array(schema.utf8))) }
    }
  }
}
