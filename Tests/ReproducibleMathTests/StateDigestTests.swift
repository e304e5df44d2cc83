import ReproducibleMath
import Testing

struct StateDigestTests {
  @Test func `the digest of nothing is SHA-256 of the empty string`() {
    let digest = StateDigest().finalize()
    #expect(digest == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func `floats are hashed as their little-endian encodings`() {
    var floats = StateDigest()
    floats.update([1.0 as Float, -0.0])
    var bytes = StateDigest()
    bytes.update(integers: [0, 0, 0x80, 0x3f, 0, 0, 0, 0x80] as [UInt8])
    let (first, second) = (floats.finalize(), bytes.finalize())
    #expect(first == second)
  }
}
