import Foundation
import TrainingEngine

/// `value` as JSON with sorted keys; NaN and infinities as words.
func jsonText(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  encoder.nonConformingFloatEncodingStrategy = .words
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
