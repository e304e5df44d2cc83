import BatchNormTesting
import Foundation
import ReproducibleMath

/// A tensor on the wire: base64 of the little-endian bytes, row-major, so that NaN, infinities and signed zeros travel
/// exactly.
struct WireTensor: Codable {
  var dtype: String
  var shape: [Int]
  var data: String

  /// - Parameter values: exact in `type`
  init(_ values: [Double], shape: [Int], _ type: ElementType) {
    dtype = type.rawValue
    self.shape = shape
    switch type {
    case .float32: data = Self.base64(values.map { Float($0).bitPattern.littleEndian })
    case .float64: data = Self.base64(values.map { $0.bitPattern.littleEndian })
    }
  }

  /// Why a tensor is not the one that was asked for.
  struct Mismatch: Error {
    let kind: SubjectFault.Kind
    let detail: String
  }

  /// The values, where dtype, shape and count of bytes are those asked for.
  func values(_ name: String, shape expected: [Int], _ type: ElementType) throws(Mismatch) -> [Double] {
    guard dtype == type.rawValue else {
      throw Mismatch(kind: .wrongType, detail: "\(name) is \(dtype), not \(type.rawValue)")
    }
    guard shape == expected else {
      throw Mismatch(kind: .wrongShape, detail: "\(name) has shape \(shape), not \(expected)")
    }
    let count = expected.reduce(1, *)
    let width = type == .float32 ? 4 : 8
    guard let bytes = Data(base64Encoded: data), bytes.count == count * width else {
      let found = Data(base64Encoded: data).map { "\($0.count) bytes" } ?? "something else than base64"
      throw Mismatch(kind: .wrongByteCount, detail: "\(name) holds \(found), not \(count * width) bytes")
    }
    return bytes.withUnsafeBytes { raw in
      switch type {
      case .float32:
        (0..<count).map { i in
          Double(Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self))))
        }
      case .float64:
        (0..<count).map { i in
          Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self)))
        }
      }
    }
  }

  private static func base64(_ words: [some FixedWidthInteger]) -> String {
    words.withUnsafeBytes { Data($0).base64EncodedString() }
  }
}
