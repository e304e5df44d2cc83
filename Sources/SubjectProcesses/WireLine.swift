import BatchNormTesting
import Foundation

/// A request as it goes out, remembered for what may be said about its answer.
struct WireLine {
  let id: Int
  let method: String
  /// The line with its newline.
  let bytes: [UInt8]
  /// Whether a subject may answer by an error although it offers the method.
  var mayBeDeclined = false
  /// Whether a subject may answer `unsupported` although it offers the method.
  var mayBeUnsupported = false

  init(id: Int, method: String, _ parameters: some Encodable) {
    (self.id, self.method) = (id, method)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      bytes = Array(try encoder.encode(WireRequest(id: id, method: method, params: parameters))) + [10]
    } catch {
      // Only ε or momentum that is not finite cannot be written, and no law draws one.
      preconditionFailure("\(error)")
    }
  }

  /// What this request led to.
  func fault(_ kind: SubjectFault.Kind, _ detail: String, _ process: ChildProcess? = nil) -> SubjectFault {
    SubjectFault(
      kind, method: method, detail: detail, request: String(decoding: bytes.dropLast(), as: UTF8.self),
      diagnostics: process?.diagnostics() ?? "")
  }

  /// The response in `line`, where it is one and carries this request's id.
  func response<Result: Decodable>(_ line: [UInt8], _ process: ChildProcess) throws(SubjectFault) -> WireResponse<
    Result
  > {
    let decoder = JSONDecoder()
    let data = Data(line)
    do {
      let response = try decoder.decode(WireResponse<Result>.self, from: data)
      if response.id == id { return response }
      throw fault(.wrongID, "\(response.id.map(String.init) ?? "no id") for \(id)", process)
    } catch let fault as SubjectFault {
      throw fault
    } catch {
      let shown = String(decoding: line.prefix(80), as: UTF8.self).debugDescription
      if case DecodingError.dataCorrupted = error { throw fault(.notJSON, shown, process) }
      throw fault(.notAResponse, "\(Self.sentence(error)) in \(shown)", process)
    }
  }

  private static func sentence(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")) is of the wrong type"
    default: "something is wrong"
    }
  }
}
