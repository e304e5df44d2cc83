import BatchNormTesting
import CommandSupport
import FixtureGeneration
import Mutants
import NetworkLaws
import NormLaws
import ReferenceSubjects
import ReproducibleMath
import Testing
import TrainingEngine
import Vectors

/// The committed fixtures.
struct FixtureTests {
  @Test func `what is pinned comes out of nothing, to the byte`() throws {
    let drifts = try Fixtures.made.drift(from: Fixtures.folder)
    #expect(drifts.map(\.text) == [])
  }

  @Test func `right code passes every vector, and each mutant fails one`() throws {
    let made = try Fixtures.made
    #expect(made.faults == [])
    #expect(made.matrix.rows.count == MutantCatalogue.mutants.count)
  }

  @Test func `the flag of each mutant stands at a vector that catches it, with its note`() throws {
    let vectors = try VectorSet(folder: Fixtures.folder + "/vectors")
    let flags = Set(vectors.tests.flatMap(\.test.flags))
    let notes = Set(vectors.files.flatMap { $0.content.notes.map(\.flag) })
    let rows = try Fixtures.made.matrix.rows
    for (mutant, row) in zip(MutantCatalogue.mutants, rows) {
      #expect(flags.contains(mutant.id) == (mutant.equivalence == nil), "\(mutant.id)")
      #expect(notes.contains(mutant.id) == (mutant.equivalence == nil), "\(mutant.id)")
      let bearing = vectors.tests.filter { $0.test.flags.contains(mutant.id) }.map(\.test.id)
      #expect(Set(bearing).isSubset(of: row.failures.map(\.test)), "\(mutant.id)")
    }
    #expect(vectors.files.flatMap(\.content.notes).allSatisfy { !$0.description.hasPrefix("no note") })
  }

  @Test func `every operation and every result has a vector`() throws {
    let tests = try VectorSet(folder: Fixtures.folder + "/vectors").tests
    for operation in VectorOperation.allCases { #expect(tests.contains { $0.group.operation == operation }) }
    for result in VectorTest.Result.allCases { #expect(tests.contains { $0.test.result == result }) }
  }

  /// A bound that nothing comes near to shows nothing.
  @Test func `bounds bite: the reference comes near to those of wide sums`() throws {
    let reference = try #require(BuiltIn.subjects.first { $0.profile.name == "reference-float32" })
    var worst = 0.0
    for (group, test) in try VectorSet(folder: Fixtures.folder + "/vectors").tests {
      if case .passed(let ratio) = try test.verdict(in: group, of: reference) { worst = max(worst, ratio) }
    }
    #expect(worst > 0.25 && worst <= 1, "\(worst)")
  }

  @Test(arguments: ["portable", "avx2", "avx512", "neon"])
  func `pins are the same with every kernel variant that this processor runs`(variant: String) throws {
    guard let kernels = try? VectorKernels(named: variant, threads: 2) else { return }
    let means = PinProducer.Means(kernels: kernels)
    for producer in PinProducer.all where producer.name == "kernels.json" {
      let pinned = try FixtureFile.decode("\(Fixtures.folder)/pins/\(producer.name)", PinFile.init)
      #expect(pinned.drift(to: try producer.file(means), file: producer.name).map(\.text) == [])
    }
  }

  @Test func `the long runs end where the short ones and the README say`() throws {
    let runs = try FixtureFile.decode("\(Fixtures.folder)/pins/training-runs.json", PinFile.init)
    func digest(_ id: String) -> PinFile.Value? { runs.pins.first { $0.id == id }?.value }
    #expect(
      digest("none/batch-64/digest") == .digest("78229011791f1bb9db65cabdf15d9c03c1c23f272ae50266c7b002fb6083283a"))
    #expect(
      digest("batch-norm/batch-64/digest")
        == .digest("603bbd4f0fabfdb0e097ba4eb06474bb95ea2247092cb73a52b461fa6492dead"))
  }

  @Test func `the kill matrix knows every mutant`() throws {
    let matrix = try FixtureFile.decode("\(Fixtures.folder)/pins/kill-matrix.json", PinFile.init)
    #expect(matrix.pins.map(\.id) == MutantCatalogue.mutants.map(\.id))
  }

  @Test func `all files keep to their schemas`() throws {
    #expect(try FixtureLint.problems(in: Fixtures.folder) == [])
  }
}

/// What check, pin and lint see.
struct AlteredFixtureTests {
  @Test func `an ulp in a kernel is named by the kernel, old and new`() throws {
    let folder = try Fixtures.copy()
    let made = try Fixtures.made
    let kernels = try #require(made.pins.first { $0.name == "kernels.json" }).content
    guard case .float32(let values) = kernels.pins.first(where: { $0.id == "normalize" })?.value else {
      Issue.record("normalize is not pinned")
      return
    }
    let moved = Double(Float(values[3]).nextUp)
    var altered = kernels
    let i = try #require(altered.pins.firstIndex { $0.id == "normalize" })
    altered.pins[i].value = .float32(values.enumerated().map { $0 == 3 ? moved : $1 })
    try FixtureFile.write(Array(altered.text.utf8), to: folder.path + "/pins/kernels.json")
    let drifts = try made.drift(from: folder.path)
    #expect(drifts.count == 1)
    #expect(drifts.first?.text.hasPrefix("pins/kernels.json: normalize[3]: ") == true)
    #expect(drifts.first?.text.hasSuffix("1 ulp of float32") == true)
  }

  @Test func `other bytes of the same values, and a file that nothing makes, are seen`() throws {
    let folder = try Fixtures.copy()
    try folder.write(try folder.bytes(of: "vectors/forward.json") + [0x0a], to: "vectors/forward.json")
    let spaced = try Fixtures.made.drift(from: folder.path)
    #expect(
      spaced.map(\.text) == ["vectors/forward.json holds the same values in other bytes: edit it by fixtures pin only"])
    try folder.write(try Fixtures.copy().bytes(of: "vectors/forward.json"), to: "vectors/forward.json")
    try folder.write(try folder.bytes(of: "vectors/training.json"), to: "vectors/more.json")
    let more = try Fixtures.made.drift(from: folder.path)
    #expect(more.map(\.text) == ["vectors/more.json is made by nothing: remove it"])
  }

  @Test func `a damaged file is an error with its place`() throws {
    let folder = try Fixtures.copy()
    let bytes = try folder.bytes(of: "vectors/running.json")
    try folder.write(Array(bytes.prefix(5000)), to: "vectors/running.json")
    let made = try Fixtures.made
    let error = #expect(throws: FixtureError.self) { try made.drift(from: folder.path) }
    #expect(error?.description.contains("vectors/running.json: line ") == true)
  }

  @Test func `retired ids are carried on, and a retired test may go`() throws {
    let folder = try Fixtures.copy()
    #expect(try folder.edit("vectors/forward.json", #""retired": []"#, #""retired": ["forward-900"]"#))
    let made = try Fixtures.made
    #expect(try made.retiring([], from: folder.path).drift(from: folder.path).map(\.text) == [])
    #expect(try made.drift(from: folder.path).count == 1)
  }

  /// The schema and the decoder are two gates; nothing passes the first that a typed reader would have to guess at.
  @Test(arguments: [
    (#""comment":"#, #""remark":"#), (#""bug_type": "input""#, #""bug_type": "inputs""#),
    (#""momentum": {"hex""#, #""momentum": {"hexa""#), (#""flags": ["#, #""flag": ["#),
    (#""result": "valid""#, #""result": true"#),
    (#""hex": ["0x1p+0", "0x1p+1", "0x1p+2"]"#, #""hex": ["0x1p+0", "0x1p+1"]"#), (#""float64""#, #""float65""#),
    (#""algorithm""#, #""algorithms""#),
  ]) func `lint names the file and the place of an altered field`(part: String, other: String) throws {
    let folder = try Fixtures.copy(of: "vectors/forward.json")
    #expect(try folder.edit("vectors/forward.json", part, other))
    let problems = try FixtureLint.problems(in: folder.path)
    #expect(problems.first?.hasPrefix("vectors/forward.json: ") == true)
    #expect(throws: FixtureError.self) { try VectorFile(try folder.bytes(of: "vectors/forward.json")) }
  }
}
