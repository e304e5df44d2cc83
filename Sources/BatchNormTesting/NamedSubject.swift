/// Whatever laws are stated about, as a row of a report names it.
public protocol NamedSubject: Sendable {
  /// The name that the command knows it by.
  var name: String { get }
  /// Whether laws are measured by it: its errors must come near to their bounds.
  var isYardstick: Bool { get }
}

extension NamedSubject {
  public var isYardstick: Bool { false }
}
