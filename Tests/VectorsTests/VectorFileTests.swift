import CommandSupport
import Testing
@testable import Vectors

/// Files of vectors and pins as text.
struct VectorFileTests {
  private let text = SampleVectors.file.text

  @Test func `a file reads back as it was written`() throws {
    let back = try VectorFile(Array(text.utf8))
    #expect(back == SampleVectors.file)
    #expect(back.text == text)
  }

  @Test(arguments: [
    (#""retired""#, #""retried""#, "retired is missing"),
    (#""count": 2"#, #""count": 3"#, "there are 2 tests"),
    (#""count": 2"#, #""count": 2, "speed": 9"#, "speed is a field that is not known"),
    (#""comment": "the decoder","#, #""comment": "the decoder", "notes": [],"#, "tests[0].notes is a field"),
    (#""b-1""#, #""a-1""#, "stands twice"), (#""b-1""#, #""old-1""#, "was retired"),
    (#"["Decoder"]"#, #"["Decode"]"#, "has no note"),
    (#""decimal": [4]"#, #""decimal": [4.5]"#, "another one in decimal"),
    (#""hex": ["0x1p+2"]"#, #""hex": ["0x1p2"]"#, "is no value in the form"),
    (#""shape": [1, 1], "hex": ["0x1p+2"]"#, #""shape": [2, 1], "hex": ["0x1p+2"]"#, "does not fit 1 values"),
    (
      #""shape": [1, 1], "hex": ["0x1p+2"]"#, #""shape": [4294967296, 4294967296, 4294967296], "hex": ["0x1p+2"]"#,
      "does not fit"
    ),
    (#""float32": [1e-06]"#, #""float32": [-1e-06]"#, "one bound of 0 or more"),
    (#""float32": [1e-06]"#, #""float16": [1e-06]"#, "float16 is a field that is not known"),
    (#""result": "valid""#, #""result": "right""#, "there is no right here"),
    (#""operation": "forward_evaluation""#, #""operation": "forward""#, "there is no forward here"),
    (#""epsilon": {"hex": "0x1p-1", "decimal": 0.5}}"#, #""eps": {"hex": "0x1p-1", "decimal": 0.5}}"#, "eps, epsilon"),
    (#""epsilon": {"hex": "0x1p-1", "decimal": 0.5}}"#, #""epsilon": 0.5}"#, "given as hex and decimal"),
    (#""vectors.schema.json""#, #""vectors-2.schema.json""#, "is not vectors.schema.json"),
  ]) func `an altered file is refused with the place`(part: String, other: String, reason: String) throws {
    #expect(text.contains(part), "\(part)")
    let altered = text.replacing(part, with: other, maxReplacements: 1)
    let error = #expect(throws: FixtureError.self) { try VectorFile(Array(altered.utf8)) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "no error")")
  }

  @Test func `a file cut anywhere is refused`() {
    let bytes = Array(text.utf8)
    for end in stride(from: 0, to: bytes.count - 2, by: 7) {
      #expect(throws: FixtureError.self) { try VectorFile(Array(bytes[..<end])) }
    }
  }

  @Test func `pins read back as they were written, with their distances of type`() throws {
    let file = PinFile(
      title: "figures",
      pins: [
        .init("d", .digest(String(repeating: "0", count: 64))), .init("f", .float32([1, .nan, -0.0])),
        .init("g", .float64([0.1, .infinity])), .init("i", .integers([3, -1])), .init("t", .text("killed FWD-01:1")),
      ])
    #expect(try PinFile(Array(file.text.utf8)) == file)
    let twice = file.text.replacing(#""id": "g""#, with: #""id": "f""#)
    #expect(throws: FixtureError.self) { try PinFile(Array(twice.utf8)) }
  }
}

/// Files on the way in.
struct FixtureFileTests {
  @Test func `a huge, an empty and an absent file are refused without being decoded`() throws {
    let folder = try TemporaryFolder()
    let huge = try folder.write([UInt8](repeating: 0x20, count: FixtureFile.sizeLimit + 1), to: "huge.json")
    let empty = try folder.write([], to: "empty.json")
    for (path, reason) in [(huge, "larger than"), (empty, "is empty"), (folder.path + "/no.json", "cannot be read")] {
      let error = #expect(throws: FixtureError.self) { try FixtureFile.decode(path, VectorFile.init) }
      #expect(error?.description.contains(reason) == true, "\(error?.description ?? "no error")")
    }
  }

  @Test func `a file that cannot be written leaves the old one`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1], to: "a")
    #expect(throws: FixtureError.self) { try FixtureFile.write([2], to: path + "/b") }
    #expect(try folder.bytes(of: "a") == [1])
    try FixtureFile.write([2], to: path)
    #expect(try folder.bytes(of: "a") == [2])
    #expect(folder.content == ["a"])
  }
}
