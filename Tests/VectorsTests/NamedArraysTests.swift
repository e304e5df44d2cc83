import CZlib
import Testing
@testable import Vectors

/// Vectors as arrays for other tools.
struct NamedArraysTests {
  private let arrays = NamedArrays(SampleVectors.file)

  @Test func `inputs, outputs and bounds have their names`() {
    #expect(
      arrays.arrays.map(\.name) == [
        "a-1/in/epsilon", "a-1/in/x", "a-1/in/gamma", "a-1/in/beta", "a-1/in/running_mean", "a-1/in/running_var",
        "a-1/out/y", "a-1/bound/float32/y", "a-1/bound/float32_wide/y", "b-1/in/epsilon", "b-1/in/x",
        "b-1/in/batches_tracked",
      ])
  }

  @Test func `the archive is a stored zip of NumPy arrays with their checksums`() throws {
    let bytes = arrays.npz
    func integer(_ offset: Int, _ count: Int) -> Int {
      (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    var (offset, names) = (0, [String]())
    while integer(offset, 4) == 0x0403_4b50 {
      let (size, length) = (integer(offset + 18, 4), integer(offset + 26, 2))
      names.append(String(decoding: bytes[(offset + 30)..<(offset + 30 + length)], as: UTF8.self))
      let content = Array(bytes[(offset + 30 + length)..<(offset + 30 + length + size)])
      #expect(integer(offset + 8, 2) == 0, "stored")
      #expect(UInt(integer(offset + 14, 4)) == crc32(0, content, UInt32(size)))
      #expect(Array(content[0..<6]) == [0x93] + Array("NUMPY".utf8))
      let header = Int(content[8]) | Int(content[9]) << 8
      #expect((10 + header) % 64 == 0)
      offset += 30 + length + size
    }
    #expect(names == arrays.arrays.map { $0.name + ".npy" })
    #expect(integer(bytes.count - 10, 4) == bytes.count - 22 - offset && integer(bytes.count - 6, 4) == offset)
    #expect(integer(bytes.count - 12, 2) == names.count)
  }

  @Test func `safetensors' header gives the place of every array`() throws {
    let bytes = arrays.safetensors
    let size = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    #expect(size % 8 == 0)
    let header = try JSON(Array(bytes[8..<(8 + size)]))
    #expect(header["a-1/in/x"]?["dtype"] == .text("F64"))
    #expect(header["b-1/in/batches_tracked"]?["dtype"] == .text("I64"))
    let offsets = try #require(header["a-1/out/y"]?["data_offsets"]?.integers)
    let value = bytes[(8 + size + offsets[0])..<(8 + size + offsets[1])].enumerated().reduce(UInt64(0)) {
      $0 | UInt64($1.element) << (8 * UInt64($1.offset))
    }
    #expect(Double(bitPattern: value) == 2.905350771)
    let ends = try #require(header["b-1/in/batches_tracked"]?["data_offsets"]?.integers)
    #expect(8 + size + ends[1] == bytes.count)
  }
}
