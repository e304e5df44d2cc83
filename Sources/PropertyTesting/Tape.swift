/// The choices of one case, in the order in which they were drawn.
public struct Tape: Hashable, Sendable {
  public var choices: [Choice]

  public init(_ choices: [Choice] = []) { self.choices = choices }
}

/// The text form: `t2`, then one item a choice, separated by dots; letters, digits, dots and minus signs only, so a
/// shell needs no quotes.
///
/// `i-12` integer, `b0` `b1` Boolean, `f3fe` float, `s2a` seed. A float is its IEEE 754 encoding in 16 lowercase
/// hexadecimal digits without the trailing zeros (`f3fe` is 0.5, `f4` is 2, `f` is 0); a seed is hexadecimal. `t2` is
/// the version of this form *and* of what the choices mean; a tape has exactly one text.
extension Tape: CustomStringConvertible {
  public static let version = "t2"

  public var description: String {
    choices.reduce(into: Self.version) { text, choice in
      text += "." + choice.text
    }
  }

  /// The tape with that text.
  ///
  /// - Throws: `TapeError` with one sentence that names the offending item.
  public init(_ text: String) throws {
    let items = text.split(separator: ".", omittingEmptySubsequences: false)
    guard let version = items.first, version == Self.version else {
      if items.first == "t1" {
        throw TapeError(
          "The tape is of version t1, from before cases had a scale; run the law again for a tape of \(Self.version).")
      }
      throw TapeError("A tape starts with \"\(Self.version)\", this one with \"\(items.first ?? "")\".")
    }
    choices = try items.dropFirst().enumerated().map { position, item in
      guard let choice = Choice(text: item) else {
        throw TapeError("Item \(position + 1) of the tape, \"\(item)\", is not a choice.")
      }
      return choice
    }
  }
}

/// A text that is not a tape.
public struct TapeError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

extension Choice {
  fileprivate var text: String {
    switch self {
    case .integer(let value): return "i\(value)"
    case .boolean(let value): return value ? "b1" : "b0"
    case .seed(let value): return "s" + String(value, radix: 16)
    case .float(let value):
      let digits = String(value.bitPattern, radix: 16)
      var padded = Substring(String(repeating: "0", count: 16 - digits.count) + digits)
      while padded.last == "0" { padded.removeLast() }
      return "f" + padded
    }
  }

  fileprivate init?(text: Substring) {
    let digits = text.dropFirst()
    switch text.first {
    case "i":
      guard let value = Int(digits) else { return nil }
      self = .integer(value)
    case "b":
      self = .boolean(digits == "1")
    case "f":
      guard digits.count <= 16 else { return nil }
      let padded = digits + String(repeating: "0", count: 16 - digits.count)
      guard let bits = UInt64(padded, radix: 16) else { return nil }
      self = .float(Double(bitPattern: bits))
    case "s":
      guard let value = UInt64(digits, radix: 16) else { return nil }
      self = .seed(value)
    default: return nil
    }
    // Capitals, plus signs and leading or trailing zeros would be second texts of the same tape.
    guard self.text == text else { return nil }
  }
}
