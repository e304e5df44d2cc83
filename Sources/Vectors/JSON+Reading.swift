extension JSON {
  /// The depth to which arrays and objects may be nested: fixtures need 10.
  static let depthLimit = 32

  /// The one value that `bytes` hold, by RFC 8259.
  ///
  /// Throws with line and column for what is not JSON, a name that stands twice in an object, nesting deeper than 32 and
  /// numbers beyond the range of `Double`. Memory is proportional to the bytes.
  public init(_ bytes: [UInt8]) throws(FixtureError) {
    var reader = JSONReader(bytes)
    self = try reader.document()
  }
}

private struct JSONReader {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(FixtureError) -> JSON {
    let value = try value(depth: 0)
    skipSpace()
    guard place == bytes.count else { throw error("something follows the end of the value") }
    return value
  }

  private func error(_ reason: String) -> FixtureError {
    let before = bytes[..<min(place, bytes.count)]
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let column = before.count - (before.lastIndex(of: UInt8(ascii: "\n")) ?? -1)
    return FixtureError("line \(line), column \(column): \(reason)")
  }

  private mutating func skipSpace() {
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x0a, 0x0d, 0x09: place += 1
      default: return
      }
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func value(depth: Int) throws(FixtureError) -> JSON {
    skipSpace()
    guard place < bytes.count else { throw error("the text ends where a value is expected") }
    guard depth < JSON.depthLimit else { throw error("nested deeper than \(JSON.depthLimit) levels") }
    switch bytes[place] {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try array(depth)
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default:
      for (word, value) in [("null", JSON.null), ("true", .bool(true)), ("false", .bool(false))]
      where bytes[place...].starts(with: word.utf8) {
        place += word.utf8.count
        return value
      }
      throw error("no JSON value begins like this")
    }
  }

  private mutating func array(_ depth: Int) throws(FixtureError) -> JSON {
    place += 1
    var values: [JSON] = []
    if take("]") { return .array(values) }
    repeat { values.append(try value(depth: depth + 1)) } while take(",")
    guard take("]") else { throw error("an array is not closed by ]") }
    return .array(values)
  }

  private mutating func object(_ depth: Int) throws(FixtureError) -> JSON {
    place += 1
    var members: [JSON.Member] = []
    var names: Set<String> = []
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { throw error("a member's name is expected") }
      let name = try text()
      guard names.insert(name).inserted else { throw error("\(name) stands twice in one object") }
      guard take(":") else { throw error("a colon is expected behind \(name)") }
      members.append(JSON.Member(name, try value(depth: depth + 1)))
    } while take(",")
    guard take("}") else { throw error("an object is not closed by }") }
    return .object(members)
  }

  private mutating func number() throws(FixtureError) -> Double {
    let start = place
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    func skip(_ characters: String) {
      if place < bytes.count, characters.utf8.contains(bytes[place]) { place += 1 }
    }
    func digits() -> Int {
      let first = place
      while place < bytes.count, isDigit(bytes[place]) { place += 1 }
      return place - first
    }
    skip("-")
    let first = place
    let whole = digits()
    var isWellFormed = whole > 0 && (whole == 1 || bytes[first] != UInt8(ascii: "0"))
    if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
      place += 1
      isWellFormed = digits() > 0 && isWellFormed
    }
    if place < bytes.count, "eE".utf8.contains(bytes[place]) {
      place += 1
      skip("+-")
      isWellFormed = digits() > 0 && isWellFormed
    }
    let token = String(decoding: bytes[start..<place], as: UTF8.self)
    guard isWellFormed, let value = Double(token), value.isFinite else { throw error("\(token) is no number") }
    return value
  }

  private mutating func text() throws(FixtureError) -> String {
    place += 1
    var units: [UInt8] = []
    while true {
      guard place < bytes.count else { throw error("a string is not closed") }
      let byte = bytes[place]
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: units, as: UTF8.self) else { throw error("a string is not UTF-8") }
        return text
      case UInt8(ascii: "\\"): units.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20: throw error("a string holds a control character")
      default: units.append(byte)
      }
    }
  }

  private mutating func escape() throws(FixtureError) -> Character {
    guard place < bytes.count else { throw error("a string is not closed") }
    let byte = bytes[place]
    place += 1
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Character(Unicode.Scalar(byte))
    case UInt8(ascii: "u"):
      let digits = bytes[place..<min(place + 4, bytes.count)]
      // Fixtures are UTF-8: characters beyond the basic plane stand there as themselves.
      guard digits.count == 4, let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(code)
      else { throw error("\\u is to be followed by four digits of a character") }
      place += 4
      return Character(scalar)
    default: throw error("no escape begins like this")
    }
  }
}
