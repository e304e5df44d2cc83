extension JSON {
  /// The value as text, the same bytes for the same value: two spaces a level, and on one line what fits into 120 columns
  /// and is nested no deeper than a tensor.
  public var text: String {
    var text = ""
    write(to: &text, indentation: 0, column: 0)
    return text + "\n"
  }

  private static let width = 120

  /// - Parameter column: how far the line is filled already
  private func write(to text: inout String, indentation: Int, column: Int) {
    if nesting < 3 {
      let line = line
      if column + line.unicodeScalars.count < Self.width {
        text += line
        return
      }
    }
    let inner = String(repeating: " ", count: indentation + 2)
    let end = "\n" + String(repeating: " ", count: indentation)
    switch self {
    case .array(let values) where !values.isEmpty && values.allSatisfy { $0.nesting == 0 }:
      text += "["
      // Scalars fill their lines.
      var used = Self.width
      for (i, value) in values.enumerated() {
        let piece = value.line + (i + 1 < values.count ? "," : "")
        if used + piece.unicodeScalars.count + 1 > Self.width {
          text += "\n" + inner
          used = inner.count
        } else {
          text += " "
          used += 1
        }
        text += piece
        used += piece.unicodeScalars.count
      }
      text += end + "]"
    case .array(let values) where !values.isEmpty:
      text += "["
      for (i, value) in values.enumerated() {
        text += (i == 0 ? "\n" : ",\n") + inner
        value.write(to: &text, indentation: indentation + 2, column: indentation + 2)
      }
      text += end + "]"
    case .object(let members) where !members.isEmpty:
      text += "{"
      for (i, member) in members.enumerated() {
        let name = "\(Self.quoted(member.name)): "
        text += (i == 0 ? "\n" : ",\n") + inner + name
        member.value.write(to: &text, indentation: indentation + 2, column: indentation + 2 + name.unicodeScalars.count)
      }
      text += end + "}"
    default: text += line
    }
  }

  /// How many levels of arrays and objects are in the value: 0 for a scalar.
  private var nesting: Int {
    switch self {
    case .array(let values): 1 + (values.map(\.nesting).max() ?? 0)
    case .object(let members): 1 + (members.map(\.value.nesting).max() ?? 0)
    default: 0
    }
  }

  /// On one line.
  private var line: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let value): Self.decimal(value)
    case .text(let text): Self.quoted(text)
    case .array(let values): "[" + values.map(\.line).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { "\(Self.quoted($0.name)): \($0.value.line)" }.joined(separator: ", ") + "}"
    }
  }

  /// The shortest decimal that reads back as the same `Double`.
  private static func decimal(_ value: Double) -> String {
    if let integer = Int(exactly: value), abs(integer) < 1 << 53, !(integer == 0 && value.sign == .minus) {
      return "\(integer)"
    }
    return "\(value)"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
