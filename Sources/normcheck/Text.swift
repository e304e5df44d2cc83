import Foundation
import TrainingEngine

enum Alignment { case left, right }

/// `text` filled with spaces to `width` characters.
func pad(_ text: String, _ width: Int, _ alignment: Alignment = .right) -> String {
  let spaces = String(repeating: " ", count: max(0, width - text.count))
  return alignment == .left ? text + spaces : spaces + text
}

/// A number with a fixed count of decimals; NaN and infinities by name.
func decimal(_ value: Double, _ decimals: Int) -> String {
  value.isFinite ? String(format: "%.\(decimals)f", value) : "\(value)"
}

/// `correct` of `count` as a percentage.
func percent(_ correct: Int, of count: Int) -> String { decimal(100 * Double(correct) / Double(count), 2) + " %" }

/// `value` as JSON with sorted keys; NaN and infinities as words.
func jsonText(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  encoder.nonConformingFloatEncodingStrategy = .words
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
