/// The members of a JSON object, taken out one by one; what is left over at the end is a field that nobody knows.
struct JSONFields {
  /// Where the object stands, as `groups[0].tests[3]`.
  let path: String
  private var members: [JSON.Member]

  init(_ json: JSON, _ path: String) throws(FixtureError) {
    guard case .object(let members) = json else {
      throw FixtureError("\(path): an object is expected, there is a \(json.kind)")
    }
    self.path = path
    self.members = members
  }

  /// The path of a member.
  func path(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  mutating func optional(_ name: String) -> JSON? {
    guard let i = members.firstIndex(where: { $0.name == name }) else { return nil }
    return members.remove(at: i).value
  }

  mutating func value(_ name: String) throws(FixtureError) -> JSON {
    guard let value = optional(name) else { throw FixtureError("\(path(name)) is missing") }
    return value
  }

  mutating func text(_ name: String) throws(FixtureError) -> String {
    let value = try value(name)
    guard case .text(let text) = value else { throw expected("a string", value, name) }
    return text
  }

  mutating func integer(_ name: String) throws(FixtureError) -> Int {
    let value = try value(name)
    guard let integer = value.integer else { throw expected("an integer", value, name) }
    return integer
  }

  mutating func array(_ name: String) throws(FixtureError) -> [JSON] {
    let value = try value(name)
    guard case .array(let values) = value else { throw expected("an array", value, name) }
    return values
  }

  mutating func texts(_ name: String) throws(FixtureError) -> [String] {
    var texts: [String] = []
    for value in try array(name) {
      guard case .text(let text) = value else { throw expected("an array of strings", value, name) }
      texts.append(text)
    }
    return texts
  }

  mutating func choice<Choice: RawRepresentable<String>>(
    _ name: String, of type: Choice.Type = Choice.self
  ) throws(FixtureError) -> Choice {
    let text = try text(name)
    guard let choice = Choice(rawValue: text) else { throw FixtureError("\(path(name)): there is no \(text) here") }
    return choice
  }

  mutating func optionalChoice<Choice: RawRepresentable<String>>(_ name: String) throws(FixtureError) -> Choice? {
    members.contains { $0.name == name } ? try choice(name) : nil
  }

  /// Throws if a member was not taken.
  func finish() throws(FixtureError) {
    if let left = members.first { throw FixtureError("\(path(left.name)) is a field that is not known here") }
  }

  /// Takes all members that are left.
  mutating func rest() -> [JSON.Member] {
    defer { members = [] }
    return members
  }

  private func expected(_ kind: String, _ value: JSON, _ name: String) -> FixtureError {
    FixtureError("\(path(name)): \(kind) is expected, there is a \(value.kind)")
  }
}

extension JSON {
  /// A number without fraction that `Int` holds.
  var integer: Int? {
    guard case .number(let value) = self else { return nil }
    return Int(exactly: value)
  }

  /// An array of integers.
  var integers: [Int]? {
    guard case .array(let values) = self else { return nil }
    let integers = values.compactMap(\.integer)
    return integers.count == values.count ? integers : nil
  }
}

extension VectorTensor {
  /// Takes shape, hex and decimal; they must say the same.
  init(_ fields: inout JSONFields) throws(FixtureError) {
    let place = fields.path
    guard let shape = try fields.value("shape").integers, shape.allSatisfy({ $0 >= 0 }) else {
      throw FixtureError("\(place).shape is no list of extents")
    }
    let values = try exactValues(fields.texts("hex"), fields.array("decimal"), place)
    let product = shape.reduce((partialValue: 1, overflow: false)) { product, extent in
      let next = product.partialValue.multipliedReportingOverflow(by: extent)
      return (next.partialValue, product.overflow || next.overflow)
    }
    guard !product.overflow, product.partialValue == values.count else {
      throw FixtureError("\(place): a shape of \(shape) does not fit \(values.count) values")
    }
    self.init(shape: shape, values)
  }
}

/// The values of hexadecimal texts, each beside its decimal.
func exactValues(_ hexadecimal: [String], _ decimal: [JSON], _ place: String) throws(FixtureError) -> [Double] {
  guard hexadecimal.count == decimal.count else {
    throw FixtureError("\(place): \(hexadecimal.count) values in hex, \(decimal.count) in decimal")
  }
  var values: [Double] = []
  for (i, text) in hexadecimal.enumerated() {
    guard let value = HexadecimalValue.value(text) else {
      throw FixtureError("\(place).hex[\(i)]: \(text) is no value in the form 0x1.8p+1, inf, -inf or nan")
    }
    guard decimal[i] == JSON.decimal(value) else {
      throw FixtureError("\(place): value \(i) is \(text) in hex and another one in decimal")
    }
    values.append(value)
  }
  return values
}
