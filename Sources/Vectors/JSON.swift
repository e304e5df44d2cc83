/// A JSON value with its members in the order of the text.
///
/// Foundation's decoder would let pass what a fixture must not hold: a name that stands twice, a field that nobody reads. It
/// tells no line either, and its dictionaries have no order to write back. So fixtures are read and written here.
public indirect enum JSON: Equatable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case array([JSON])
  case object([Member])

  /// A name and its value.
  public struct Member: Equatable, Sendable {
    public var name: String
    public var value: JSON

    public init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  /// The value of the member of that name; nil where there is none or this is no object.
  public subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// What the value is, in one word.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .number: "number"
    case .text: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

/// Why a fixture cannot be used; `description` is the sentence for a person.
public struct FixtureError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
