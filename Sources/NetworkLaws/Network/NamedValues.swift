import ReferenceSubjects

/// An array that an answer must have and does not.
struct MissingArray: Error, CustomStringConvertible {
  let name: String
  var description: String { "there is no array named \(name)" }
}

extension [NetworkState.Array] {
  /// The values of the array of that name.
  func named(_ name: String) throws -> [Double] {
    guard let array = first(where: { $0.name == name }) else { throw MissingArray(name: name) }
    return array.values
  }
}

extension Dictionary where Key == String {
  /// The value under that name.
  func named(_ name: String) throws -> Value {
    guard let value = self[name] else { throw MissingArray(name: name) }
    return value
  }
}
