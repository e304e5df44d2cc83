import Foundation

/// A process that does the same work with another library: it answers each line of JSON with one line.
public final class Peer {
  /// Why a peer cannot start, or did not answer; `description` is the sentence for a person.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  struct Answer: Decodable {
    var seconds: Double?
    var error: String?
  }

  private let process = Process()
  private let requests = Pipe()
  private let answers = Pipe()
  private var buffer = Data()

  /// Starts `python script folder`. OpenBLAS chooses its own kernel for this processor.
  public init(python: String, script: String, folder: String) throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python, script, folder]
    process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("OPENBLAS_") }
    process.standardInput = requests
    process.standardOutput = answers
    try process.run()
  }

  deinit {
    try? requests.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Names and versions.
  public func information() throws -> [String: String] {
    try ask(["do": "info"], as: [String: String].self)
  }

  /// Seconds of the work that `request` names.
  func seconds(_ request: [String: any Sendable]) throws -> Double {
    let answer = try ask(request, as: Answer.self)
    guard let seconds = answer.seconds else { throw Failure(description: answer.error ?? "no figure") }
    return seconds
  }

  private func ask<T: Decodable>(_ request: [String: any Sendable], as type: T.Type) throws -> T {
    let line = try JSONSerialization.data(withJSONObject: request)
    try requests.fileHandleForWriting.write(contentsOf: line + Data("\n".utf8))
    let answer = try answer()
    do {
      return try JSONDecoder().decode(type, from: answer)
    } catch {
      throw Failure(description: "the peer's answer cannot be read: \(String(decoding: answer, as: UTF8.self))")
    }
  }

  /// The next line.
  private func answer() throws -> Data {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer = Data(buffer[(end + 1)...]) }
        return Data(buffer[..<end])
      }
      let more = answers.fileHandleForReading.availableData
      guard !more.isEmpty else {
        throw Failure(description: "the peer ended: give --python a Python with torch and numpy")
      }
      buffer += more
    }
  }
}
