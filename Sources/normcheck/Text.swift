import Foundation
import TrainingEngine

/// `value` as JSON with sorted keys; NaN and infinities as words.
func jsonText(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  encoder.nonConformingFloatEncodingStrategy = .words
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// Why a file could not be read or decoded, and where, in plain words.
func explanation(of error: any Error) -> String {
  func text(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
    let place = (context.codingPath + [last].compactMap { $0 }).map { key in
      key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)"
    }.joined()
    return place.isEmpty ? context.debugDescription : "\(place.trimmingPrefix(".")): \(context.debugDescription)"
  }
  switch error as? DecodingError {
  case .keyNotFound(let key, let context): return text(context, key)
  case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): return text(context)
  default: return error.localizedDescription
  }
}
