import Foundation
import ReproducibleMath
import TrainingEngine

/// A record with its checksum, on one line of JSON: `{"sha256":"…","record":{…}}`.
///
/// The checksum covers the bytes of the record as written. Keys are sorted, numbers are the shortest decimals that read back
/// as the same value, NaN and infinities are words as in Python: one record has one text.
enum ResultFile {
  private static let opening = Array(#"{"sha256":""#.utf8)
  private static let middle = Array(#"","record":"#.utf8)

  static func bytes(of record: CellRecord) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .words
    let content = Array(try encoder.encode(record))
    return opening + Array(checksum(content[...]).utf8) + middle + content + Array("}\n".utf8)
  }

  /// - Throws: `Damage`, with the reason.
  static func record(of line: ArraySlice<UInt8>) throws -> CellRecord {
    let start = line.startIndex + opening.count + 64 + middle.count
    guard line.starts(with: opening), line.count > opening.count + 64 + middle.count,
      Array(line[(line.startIndex + opening.count + 64)..<start]) == middle,
      line.last == UInt8(ascii: "}") || line.suffix(2) == Array("}\n".utf8)[...]
    else { throw Damage(description: "it is not a line written by a sweep") }
    let content = line[start..<(line.endIndex - (line.last == UInt8(ascii: "\n") ? 2 : 1))]
    guard Array(line[(line.startIndex + opening.count)...].prefix(64)) == Array(checksum(content).utf8) else {
      throw Damage(description: "its checksum does not match")
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .words
    do { return try decoder.decode(CellRecord.self, from: Data(content)) } catch {
      throw Damage(description: "its record has another version")
    }
  }

  /// Why a file is not used.
  struct Damage: Error, CustomStringConvertible {
    let description: String
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> String {
    var digest = StateDigest()
    bytes.withUnsafeBytes { digest.update(bytes: $0) }
    return digest.finalize()
  }
}
