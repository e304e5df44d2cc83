/// A JSON Schema of draft 2020-12, of those keywords that the schemas of the fixtures use.
///
/// type, const, enum, pattern for texts of listed characters, minLength, minimum, maximum, items, minItems, maxItems, properties,
/// patternProperties ".*" by additionalProperties, required, additionalProperties, allOf, anyOf, if and then, $ref into $defs. A
/// schema that holds any other keyword is refused, for what it asks would go unchecked.
public struct JSONSchema {
  private static let known: Set<String> = [
    "$schema", "$id", "$defs", "$ref", "title", "description", "type", "const", "enum", "minLength", "minimum",
    "maximum",
    "items", "minItems", "maxItems", "properties", "required", "additionalProperties", "allOf", "anyOf", "if", "then",
  ]

  private let root: JSON

  /// Throws where the schema holds a keyword that is not checked here.
  public init(_ json: JSON) throws(FixtureError) {
    root = json
    try checkKeywords(json, "")
  }

  /// What in `json` is against the schema, each with its place; at most `limit` of them.
  public func problems(in json: JSON, limit: Int = 20) -> [String] {
    Array(problems(json, root, "$").prefix(limit))
  }

  private func checkKeywords(_ schema: JSON, _ path: String) throws(FixtureError) {
    guard case .object(let members) = schema else { return }
    for member in members {
      guard Self.known.contains(member.name) else {
        throw FixtureError("the schema's keyword \(path)/\(member.name) is not one that is checked here")
      }
      switch member.name {
      case "properties", "$defs":
        guard case .object(let named) = member.value else { continue }
        for one in named { try checkKeywords(one.value, "\(path)/\(one.name)") }
      case "allOf", "anyOf":
        guard case .array(let schemas) = member.value else { continue }
        for one in schemas { try checkKeywords(one, "\(path)/\(member.name)") }
      case "items", "additionalProperties", "if", "then": try checkKeywords(member.value, "\(path)/\(member.name)")
      default: break
      }
    }
  }

  private func problems(_ json: JSON, _ schema: JSON, _ path: String) -> [String] {
    if case .bool(let allowed) = schema { return allowed ? [] : ["\(path) is not known here"] }
    guard case .object(let keywords) = schema else { return ["\(path): the schema is no object"] }
    var found: [String] = []
    for keyword in keywords {
      switch (keyword.name, keyword.value) {
      case ("$ref", .text(let reference)):
        let target = reference.hasPrefix("#/$defs/") ? root["$defs"]?[String(reference.dropFirst(8))] : nil
        found += target.map { problems(json, $0, path) } ?? ["\(path): the schema has no \(reference)"]
      case ("type", .text(let type)):
        if !json.isOf(type) { found.append("\(path): \(type) expected, there is a \(json.kind)") }
      case ("const", let value): if json != value { found.append("\(path) is not \(value.text.dropLast())") }
      case ("enum", .array(let values)):
        if !values.contains(json) { found.append("\(path): \(json.text.dropLast()) is none of the values allowed") }
      case ("allOf", .array(let schemas)): found += schemas.flatMap { problems(json, $0, path) }
      case ("anyOf", .array(let schemas)):
        if !schemas.contains(where: { problems(json, $0, path).isEmpty }) {
          found.append("\(path) is of none of the forms allowed")
        }
      case ("if", let condition):
        if let then = schema["then"], problems(json, condition, path).isEmpty { found += problems(json, then, path) }
      default: found += limits(json, keyword, path)
      }
    }
    return found + structure(json, schema, path)
  }

  /// Counts and sizes.
  private func limits(_ json: JSON, _ keyword: JSON.Member, _ path: String) -> [String] {
    guard case .number(let limit) = keyword.value else { return [] }
    let isKept =
      switch (keyword.name, json) {
      case ("minLength", .text(let text)): text.unicodeScalars.count >= Int(limit)
      case ("minimum", .number(let value)): value >= limit
      case ("maximum", .number(let value)): value <= limit
      case ("minItems", .array(let values)): values.count >= Int(limit)
      case ("maxItems", .array(let values)): values.count <= Int(limit)
      default: true
      }
    return isKept ? [] : ["\(path): \(keyword.name) is \(Int(limit))"]
  }

  /// Members of objects, elements of arrays.
  private func structure(_ json: JSON, _ schema: JSON, _ path: String) -> [String] {
    switch json {
    case .array(let values):
      guard let items = schema["items"] else { return [] }
      return values.enumerated().flatMap { problems($1, items, "\(path)[\($0)]") }
    case .object(let members):
      var found: [String] = []
      if case .array(let names) = schema["required"] {
        for case .text(let name) in names where json[name] == nil { found.append("\(path).\(name) is missing") }
      }
      for member in members {
        let rule = schema["properties"]?[member.name] ?? schema["additionalProperties"]
        if let rule { found += problems(member.value, rule, "\(path).\(member.name)") }
      }
      return found
    default: return []
    }
  }
}

extension JSON {
  /// `integer` is a number without fraction.
  fileprivate func isOf(_ type: String) -> Bool { kind == type || (type == "integer" && integer != nil) }
}
