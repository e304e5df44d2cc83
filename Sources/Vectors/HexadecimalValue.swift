/// Exact values as text: C's hexadecimal form of a double, which `float.fromhex`, `strtod` and `Double.init` read.
enum HexadecimalValue {
  /// `0x1.8p+1`, `-0x1p-1074`, `0x0p+0`, `-0x0p+0`, `inf`, `-inf`, `nan`: one leading digit 1, subnormals too.
  static func text(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    let sign = value.sign == .minus ? "-" : ""
    if value.isInfinite { return sign + "inf" }
    if value == 0 { return sign + "0x0p+0" }
    let fraction = value.significand.significandBitPattern
    var digits = String(fraction, radix: 16)
    digits = String(repeating: "0", count: 13 - digits.count) + digits
    while digits.last == "0" { digits.removeLast() }
    let exponent = value.exponent
    return "\(sign)0x1\(digits.isEmpty ? "" : "." + digits)p\(exponent < 0 ? "" : "+")\(exponent)"
  }

  /// The value of a text that `text` writes; nil for any other text.
  static func value(_ text: String) -> Double? {
    guard let value = Double(text), self.text(value) == text else { return nil }
    return value
  }
}

extension JSON {
  /// A value in decimal: a number, or the words inf, -inf and nan.
  static func decimal(_ value: Double) -> JSON {
    value.isFinite ? .number(value) : .text(HexadecimalValue.text(value))
  }
}
