import CLibcrypto

/// SHA-256 over values in canonical little-endian order, by OpenSSL.
///
/// A run digest covers *all* state: parameters, running statistics, batch counters, optimizer buffers and per-step losses.
/// A digest over parameters alone would not notice that running statistics are never stored.
public struct StateDigest: ~Copyable {
  private let context: OpaquePointer

  /// Nothing hashed yet.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto offers no SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// The bytes as they are.
  public mutating func update(bytes: UnsafeRawBufferPointer) {
    let status = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(status == 1, "SHA-256 failed")
  }

  /// The IEEE 754 encodings of `values`, each at the width of its type, without their count: two arrays one after the other
  /// hash like one. If earlier input does not determine the counts, hash them too.
  public mutating func update<S: Scalar>(_ values: [S]) {
    if S.self == Float.self {
      update(integers: values.map { UInt32(truncatingIfNeeded: $0.encoding) })
    } else {
      update(integers: values.map(\.encoding))
    }
  }

  /// The two's complement of `integers` at the width of their type, little-endian, without their count.
  public mutating func update<I: FixedWidthInteger>(integers: [I]) {
    integers.map(\.littleEndian).withUnsafeBytes { update(bytes: $0) }
  }

  /// The count of the UTF-8 bytes of `text`, then the bytes, so that texts one after the other stay apart.
  public mutating func update(text: String) {
    let utf8 = Array(text.utf8)
    update(integers: [UInt64(utf8.count)])
    utf8.withUnsafeBytes { update(bytes: $0) }
  }

  /// The digest as 64 lower-case hexadecimal digits. The value cannot be used afterwards.
  public consuming func finalize() -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    let status = EVP_DigestFinal_ex(context, &digest, &length)
    precondition(status == 1, "SHA-256 failed")
    let digits = Array("0123456789abcdef".utf8)
    let hexadecimal = digest[..<Int(length)].flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: hexadecimal, as: UTF8.self)
  }
}
