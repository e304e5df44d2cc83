/// One decision of a case.
public enum Choice: Sendable {
  case integer(Int)
  case boolean(Bool)
  case float(Double)
  /// Seed of a stream that bulk data are drawn from.
  case seed(UInt64)

  /// With an article, for sentences.
  var phrase: String {
    switch self {
    case .integer(let value): "the integer \(value)"
    case .boolean(let value): "the Boolean \(value)"
    case .float(let value): "the float \(value)"
    case .seed: "a seed"
    }
  }

  var isSeed: Bool {
    if case .seed = self { true } else { false }
  }
}

/// Equality is of bits: −0 differs from +0, and a NaN equals itself.
extension Choice: Hashable {
  private var code: (kind: UInt8, bits: UInt64) {
    switch self {
    case .integer(let value): (0, UInt64(bitPattern: Int64(value)))
    case .boolean(let value): (1, value ? 1 : 0)
    case .float(let value): (2, value.bitPattern)
    case .seed(let value): (3, value)
    }
  }

  public static func == (left: Choice, right: Choice) -> Bool { left.code == right.code }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(code.kind)
    hasher.combine(code.bits)
  }
}
