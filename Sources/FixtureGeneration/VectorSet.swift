import BatchNormTesting
import Mutants
import NormLaws
import ReproducibleMath
public import Vectors

/// All vectors of this package, made from nothing, with the flags of the mutants that each catches.
public struct VectorSet: Sendable {
  /// A file under its name.
  public struct File: Sendable {
    public let name: String
    public var content: VectorFile

    public init(name: String, content: VectorFile) {
      self.name = name
      self.content = content
    }
  }

  public private(set) var files: [File]

  /// Files as they are, such as the committed ones.
  public init(files: [File]) { self.files = files }

  /// By the oracles, without flags of mutants.
  public init() throws {
    files = [
      File(name: "forward.json", content: try forwardVectors()),
      File(name: "gradient.json", content: try gradientVectors()),
      File(name: "evaluation.json", content: try evaluationVectors()),
      File(name: "running.json", content: try runningVectors()),
      File(name: "layers.json", content: try layerVectors()),
      File(name: "network.json", content: try networkVectors()),
      File(name: "training.json", content: try trainingVectors()),
    ]
  }

  /// The files of a folder, all of which must be vectors of this set's names.
  public init(folder: String) throws {
    files = try FixtureFile.names(in: folder).map { name in
      File(name: name, content: try FixtureFile.decode("\(folder)/\(name)", VectorFile.init))
    }
  }

  /// Every test with its group, file after file.
  public var tests: [(group: VectorGroup, test: VectorTest)] { files.flatMap(\.content.tests) }

  /// Sets the retired ids of each file.
  mutating func retire(_ ids: (_ file: String) throws -> [String]) rethrows {
    for f in files.indices { files[f].content.retired = try ids(files[f].name) }
  }

  /// Gives each mutant's flag to the first tests that catch it, three at most, and each flag its note.
  public mutating func flag(by matrix: VectorMatrix) {
    let catches = matrix.flags(limit: 3)
    for f in files.indices {
      var used: [String] = []
      for g in files[f].content.groups.indices {
        for t in files[f].content.groups[g].tests.indices {
          let test = files[f].content.groups[g].tests[t]
          files[f].content.groups[g].tests[t].flags += catches[test.id] ?? []
          for flag in files[f].content.groups[g].tests[t].flags where !used.contains(flag) { used.append(flag) }
        }
      }
      files[f].content.notes = used.map(note)
    }
  }
}

extension VectorFile {
  /// The same tests with the flags and notes of another file.
  func bearingFlags(of other: VectorFile) -> VectorFile {
    let flags = Dictionary(other.tests.map { ($0.test.id, $0.test.flags) }) { first, _ in first }
    var copy = self
    copy.notes = other.notes
    for g in copy.groups.indices {
      for t in copy.groups[g].tests.indices {
        copy.groups[g].tests[t].flags = flags[copy.groups[g].tests[t].id] ?? copy.groups[g].tests[t].flags
      }
    }
    return copy
  }
}

/// What a flag says.
private func note(_ flag: String) -> VectorNote {
  if let mutant = MutantCatalogue.mutant(flag) {
    return VectorNote(
      flag: flag, bugType: VectorNote.BugType(rawValue: mutant.genre.rawValue) ?? .input,
      description: "catches \(mutant.wrong), where \(mutant.right) is right",
      seen: mutant.seen)
  }
  return generalNotes.first { $0.flag == flag }
    ?? VectorNote(flag: flag, bugType: .input, description: "no note was written for \(flag)")
}

/// The kinds of inputs.
private let generalNotes: [VectorNote] = [
  (
    "Decoder",
    "small numbers and ε ½, on which almost every slip gives a value of its own; at ε 1e-5 half of them agree"
  ),
  (
    "Conditioning",
    "|μ| far above σ: a variance in one pass, E[x²] − E[x]², loses its digits like κ², sound code like κ"
  ),
  ("Degenerate", "constant channels, one value, no values, gradients that vanish: 0/0, ∞ and invented states"),
  (
    "Exact",
    "every intermediate is representable in any order of summation, so the best code is exact: slips of convention"
  ),
  (
    "Extreme",
    "subnormal, huge or cancelling values: overflow that the result does not have, flushed or narrowed values"
  ),
  ("NotFinite", "NaN and infinities stay in their channel and are not hidden"),
  ("Layout", "several channels and spatial axes: statistics over the wrong axes, parameters of another channel"),
  ("State", "what is stored between calls: never stored, updated twice or in evaluation, shared between layers"),
  ("Loss", "cross-entropy at ordinary and extreme logits"),
  ("Linear", "products whose extents are no multiples of a tile"),
  ("Descent", "momentum, decay and Nesterov, each step"),
  ("Network", "whole passes and gradients against a model that shares no code with the network"),
  ("Trajectory", "steps of training one after another, each bounded by itself"),
  ("Bits", "this package's arithmetic and PyTorch's random stream to the bit; binding for who claims to follow it"),
].map { VectorNote(flag: $0.0, bugType: .input, description: $0.1) }
