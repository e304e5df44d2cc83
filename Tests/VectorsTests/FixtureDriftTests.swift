import Testing
@testable import Vectors

/// What differs between old and new, and how far.
struct FixtureDriftTests {
  private let file = SampleVectors.file

  private func drift(_ change: (inout VectorFile) -> Void) -> [FixtureDrift] {
    var new = file
    change(&new)
    return file.drift(to: new, file: "f.json")
  }

  @Test func `the same file does not drift`() { #expect(drift { _ in } == []) }

  @Test func `an ulp of an expected value is named with old, new and distance`() {
    let drifts = drift { file in
      file.groups[0].tests[0] = SampleVectors.test(id: "a-1", y: [2.905350771 + 0x1p-51])
    }
    #expect(drifts.map(\.kind) == [.changed])
    #expect(drifts[0].text.hasPrefix("f.json: a-1: y[0]: 0x1.73e288b86d3bcp+1"))
    #expect(drifts[0].text.hasSuffix("1 ulp of float64"))
  }

  @Test func `bounds, flags and comments drift too`() {
    let bound = drift { $0.groups[0].tests[0] = SampleVectors.test(id: "a-1", y: [2.905350771], bound: 2e-6) }
    #expect(bound.map(\.text) == ["f.json: a-1: y[0]: bound of float32 1e-06 pinned, 2e-06 now"])
    #expect(drift { $0.groups[0].tests[0].flags = [] }.map(\.text) == ["f.json: a-1: flags: −Decoder"])
    #expect(drift { $0.groups[0].tests[0].comment = "c" }.count == 1)
    #expect(drift { $0.notes[0].seen = "elsewhere" }.count == 1)
  }

  @Test func `an id that asks another question, goes or comes back is renumbering`() {
    let other = drift { $0.groups[0].tests[0] = SampleVectors.test(id: "a-1", y: [2.905350771], x: [5]) }
    #expect(other.map(\.kind) == [.renumbered])
    #expect(drift { $0.groups[0].tests = [] }.map(\.kind) == [.renumbered])
    #expect(drift { $0.groups[0].tests.append(SampleVectors.test(id: "old-1", y: [1])) }.map(\.kind) == [.renumbered])
    #expect(drift { $0.groups[0].shared[0].value = .number(0.25) }.map(\.kind) == [.renumbered])
  }

  @Test func `a new id is new, and a retired one may go`() {
    #expect(drift { $0.groups[0].tests.append(SampleVectors.test(id: "a-2", y: [1])) }.map(\.kind) == [.added])
    let retired = drift {
      $0.groups[0].tests = []
      $0.retired.append("a-1")
    }
    #expect(retired.map(\.kind) == [.changed])
  }

  @Test func `figures drift by the ulp of their type`() {
    let old = PinFile(
      title: "t", pins: [.init("f", .float32([1, 2])), .init("d", .digest("a")), .init("n", .float64([.nan]))])
    let new = PinFile(
      title: "t",
      pins: [
        .init("f", .float32([1, Double(Float(2).nextUp)])), .init("d", .digest("b")), .init("n", .float64([.nan])),
      ])
    #expect(
      old.drift(to: new, file: "p.json").map(\.text) == [
        "p.json: f[1]: 0x1p+1 (2.0) pinned, 0x1.000002p+1 (2.0000002) now, 1 ulp of float32",
        "p.json: d: a pinned, b now",
      ])
    #expect(old.drift(to: old, file: "p.json") == [])
    let less = PinFile(title: "t", pins: [.init("f", .float64([1, 2])), .init("x", .integers([1]))])
    #expect(old.drift(to: less, file: "p.json").map(\.kind) == [.changed, .changed, .changed, .added])
  }
}
