import Foundation
import Mutants
public import Vectors

/// All fixtures made from nothing, beside those of a folder.
public struct FixtureSet: Sendable {
  public let vectors: VectorSet
  public let matrix: VectorMatrix
  public let pins: [(name: String, content: PinFile)]

  /// Generates the vectors, puts right candidates and mutants before them, and produces the pins of a tier.
  ///
  /// - Parameter afterPart: called with what is done
  public init(_ tier: FixtureTier, _ means: PinProducer.Means, afterPart: (String) -> Void = { _ in }) throws {
    var vectors = try VectorSet()
    matrix = try VectorMatrix(vectors)
    vectors.flag(by: matrix)
    self.vectors = vectors
    afterPart("vectors")
    var pins: [(name: String, content: PinFile)] = []
    for producer in PinProducer.producers(tier) {
      pins.append((producer.name, try producer.file(means)))
      afterPart(producer.name)
    }
    self.pins = pins
  }

  /// What speaks against the set itself: right code that fails a vector, a mutant that none catches. Nothing may be pinned while
  /// there is any.
  public var faults: [String] {
    let broken = matrix.brokenBaseline.flatMap { row in
      row.failures.map { "\(row.name) is right and fails \($0.test): \($0.reason)" }
    }
    return broken + matrix.survivors.map { "\($0.id) is caught by no vector: \($0.wrong)" }
      + matrix.wronglyCaught.map { "\($0.id) is right code, and a vector catches it" }
  }

  /// Throws where a file of `folder` cannot be decoded; absent ones are new.
  public static func checkReadable(_ folder: String) throws {
    func paths(_ kind: String) throws -> [String] {
      guard FileManager.default.fileExists(atPath: "\(folder)/\(kind)") else { return [] }
      return try FixtureFile.names(in: "\(folder)/\(kind)").map { "\(folder)/\(kind)/\($0)" }
    }
    for path in try paths("pins") { _ = try FixtureFile.decode(path, PinFile.init) }
    for path in try paths("vectors") { _ = try FixtureFile.decode(path, VectorFile.init) }
  }

  /// How the fixtures of `folder` differ from this set; a missing file is all new.
  public func drift(from folder: String) throws -> [FixtureDrift] {
    var drifts: [FixtureDrift] = []
    // The pins first: a kernel that drifts is named before what follows from it.
    for (name, content) in pins {
      let path = "\(folder)/pins/\(name)"
      guard FileManager.default.fileExists(atPath: path) else {
        drifts.append(FixtureDrift(kind: .added, text: "pins/\(name) is new"))
        continue
      }
      drifts += try FixtureFile.decode(path, PinFile.init).drift(to: content, file: "pins/\(name)")
    }
    for file in vectors.files {
      let path = "\(folder)/vectors/\(file.name)"
      guard FileManager.default.fileExists(atPath: path) else {
        drifts.append(FixtureDrift(kind: .added, text: "vectors/\(file.name) is new"))
        continue
      }
      let old = try FixtureFile.decode(path, VectorFile.init)
      // With a broken baseline no mutant was tried, so there are no flags to compare.
      let new = matrix.brokenBaseline.isEmpty ? file.content : file.content.bearingFlags(of: old)
      drifts += old.drift(to: new, file: "vectors/\(file.name)")
    }
    return try drifts + strays(in: folder) + layout(of: folder, unlessAny: drifts)
  }

  /// Files that nothing makes.
  private func strays(in folder: String) throws -> [FixtureDrift] {
    let known = ["vectors": vectors.files.map(\.name), "pins": PinProducer.all.map(\.name)]
    return try ["vectors", "pins"].flatMap { kind -> [FixtureDrift] in
      guard FileManager.default.fileExists(atPath: "\(folder)/\(kind)") else { return [] }
      return try FixtureFile.names(in: "\(folder)/\(kind)").filter { !known[kind, default: []].contains($0) }.map {
        FixtureDrift(kind: .changed, text: "\(kind)/\($0) is made by nothing: remove it")
      }
    }
  }

  /// The same values in other bytes.
  private func layout(of folder: String, unlessAny drifts: [FixtureDrift]) throws -> [FixtureDrift] {
    guard drifts.isEmpty else { return [] }
    return try texts.filter { try FixtureFile.read("\(folder)/\($0.path)") != Array($0.text.utf8) }.map {
      FixtureDrift(
        kind: .changed, text: "\($0.path) holds the same values in other bytes: edit it by fixtures pin only")
    }
  }

  /// Every file of the set with its path below the folder of fixtures.
  public var texts: [(path: String, text: String)] {
    pins.map { ("pins/\($0.name)", $0.content.text) } + vectors.files.map { ("vectors/\($0.name)", $0.content.text) }
  }

  /// The set with retired ids: those that the files of `folder` have retired already, and `ids`.
  public func retiring(_ ids: [String], from folder: String) throws -> FixtureSet {
    var copy = vectors
    try copy.retire { name in
      let path = "\(folder)/vectors/\(name)"
      guard FileManager.default.fileExists(atPath: path) else { return [] }
      let old = try FixtureFile.decode(path, VectorFile.init)
      return old.retired + old.tests.map(\.test.id).filter(ids.contains)
    }
    return FixtureSet(vectors: copy, matrix: matrix, pins: pins)
  }

  private init(vectors: VectorSet, matrix: VectorMatrix, pins: [(name: String, content: PinFile)]) {
    (self.vectors, self.matrix, self.pins) = (vectors, matrix, pins)
  }
}
