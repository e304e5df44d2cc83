public import BatchNormReference
import Datasets
import Foundation
import ReproducibleMath

/// Why a checkpoint cannot be written or continued from.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
  case missing(path: String)
  case unreadable(path: String, reason: String)
  case notACheckpoint(path: String)
  case damaged(path: String)
  case anotherConfiguration(path: String, difference: String)
  case notFinite(path: String, place: String)
  case unwritable(path: String, reason: String)

  public var description: String {
    switch self {
    case .missing(let path): "there is no checkpoint at \(path) to resume from: start without --resume"
    case .unreadable(let path, let reason): "the checkpoint \(path) cannot be read: \(reason)"
    case .notACheckpoint(let path): "\(path) is not a checkpoint of this version of normcheck"
    case .damaged(let path): "the checkpoint \(path) is damaged (its checksum does not match): remove it to start again"
    case .anotherConfiguration(let path, let difference):
      "the checkpoint \(path) belongs to another run (\(difference)): give the same options, or another file"
    case .notFinite(let path, let place):
      "the checkpoint \(path) holds a value in \(place) that is not finite: the run had diverged. Start a new one"
    case .unwritable(let path, let reason):
      "the checkpoint \(path) cannot be written (\(reason)); the previous one, if any, is unchanged"
    }
  }
}

/// The whole state of a run in a file: magic, version, configuration, state, then SHA-256 of all that in hexadecimal.
///
/// Values are stored as their bits, so a resumed run ends with the digest of an uninterrupted one.
extension Trainer where K.Element == Float {
  static var magic: [UInt8] { Array("normcheck checkpoint 1\n".utf8) }

  /// Writes the checkpoint by `AtomicFile`: after an error or a crash the old one is still there.
  ///
  /// - Throws: `CheckpointError.unwritable`.
  public func saveCheckpoint(to path: String, epochs: [RunRecord.Epoch]) throws {
    var writer = ByteWriter()
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .words
    writer.write(configuration.settings.joined(separator: "\n"))
    writer.write(String(decoding: try encoder.encode(epochs), as: UTF8.self))
    writer.write(generator.words)
    writer.write(Int64(generator.index))
    writer.write(order)
    writer.write(Int64(position))
    writer.write(Int64(epochsCompleted))
    writer.write(stepLosses)
    var (network, velocities) = (network, velocities)
    network.visitState { _, values in writer.write(values) }
    velocities.visitState { _, values in writer.write(values) }
    writer.write(network.batchCounters.map { Int64($0) })
    let content = Self.magic + writer.bytes
    do { try AtomicFile.write(content + Array(checksum(content).utf8), to: path) } catch let error as WriteError {
      throw CheckpointError.unwritable(path: path, reason: error.reason)
    }
  }

  /// Continues from a checkpoint of a run of the same configuration; returns the records of its finished epochs.
  ///
  /// - Throws: `CheckpointError`; the trainer is then unchanged.
  public func resume(from path: String) throws -> [RunRecord.Epoch] {
    guard FileManager.default.fileExists(atPath: path) else { throw CheckpointError.missing(path: path) }
    let bytes: [UInt8]
    do { bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path))) } catch {
      throw CheckpointError.unreadable(path: path, reason: error.localizedDescription)
    }
    guard bytes.starts(with: Self.magic) else { throw CheckpointError.notACheckpoint(path: path) }
    let content = bytes.dropLast(64)
    guard bytes.count >= Self.magic.count + 64, Array(bytes.suffix(64)) == Array(checksum(Array(content)).utf8) else {
      throw CheckpointError.damaged(path: path)
    }
    do {
      return try restore(from: ByteReader(content.dropFirst(Self.magic.count)), path: path)
    } catch is ByteReader.Truncated {
      throw CheckpointError.damaged(path: path)
    }
  }

  private func restore(from source: ByteReader, path: String) throws -> [RunRecord.Epoch] {
    var reader = source
    let stored = try reader.read(String.self).split(separator: "\n").map(String.init)
    if let (theirs, ours) = zip(stored, configuration.settings).first(where: { $0 != $1 }) {
      throw CheckpointError.anotherConfiguration(path: path, difference: "it has \(theirs), this run \(ours)")
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .words
    let epochs = try decoder.decode([RunRecord.Epoch].self, from: Data(try reader.read(String.self).utf8))
    let (words, index) = (try reader.read([UInt32].self), Int(try reader.read(Int64.self)))
    guard let generator = MersenneTwister(words: words, index: index) else { throw CheckpointError.damaged(path: path) }
    let order = try reader.read([Int32].self)
    let position = Int(try reader.read(Int64.self))
    let epochsCompleted = Int(try reader.read(Int64.self))
    let stepLosses = try reader.read([Double].self)
    var (network, velocities) = (network, velocities)
    let readArray = { (name: String, values: inout [Float]) throws in
      let stored = try reader.read([Float].self)
      guard stored.count == values.count else { throw CheckpointError.damaged(path: path) }
      guard stored.allSatisfy(\.isFinite) else { throw CheckpointError.notFinite(path: path, place: name) }
      values = stored
    }
    try network.visitState(readArray)
    try velocities.visitState(readArray)
    network.batchCounters = try reader.read([Int64].self).map { Int($0) }
    guard
      reader.isAtEnd, order.isEmpty || order.count == images.count, (0..<images.count).contains(position),
      order.allSatisfy({ images.labels.indices.contains(Int($0)) }), epochs.count == epochsCompleted
    else { throw CheckpointError.damaged(path: path) }
    (self.generator, self.order, self.position) = (generator, order, position)
    (self.epochsCompleted, self.stepLosses) = (epochsCompleted, stepLosses)
    (self.network, self.velocities) = (network, velocities)
    return epochs
  }

  private func checksum(_ content: [UInt8]) -> String {
    var digest = StateDigest()
    content.withUnsafeBytes { digest.update(bytes: $0) }
    return digest.finalize()
  }
}
