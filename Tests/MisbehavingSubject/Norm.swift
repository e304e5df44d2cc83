import Foundation

/// A batch normalization of [N, C] in training that is right but for one thing that has to do with calls before it.
final class Norm {
  enum Way {
    case right
    /// Without running statistics the mean of the call before is added to that of this one.
    case staleBuffers
    /// One answer in so many, at random, is wrong.
    case race(Int)
    /// The first answer of a process is wrong.
    case firstCall
  }

  private let way: Way
  private var stale = 0.0
  private var calls = 0

  /// nil for a way of another kind.
  init?(_ name: String) {
    switch name {
    case "right": way = .right
    case "stale-buffers": way = .staleBuffers
    case "first-call-wrong": way = .firstCall
    default:
      guard name.hasPrefix("race-"), let count = Int(name.dropFirst(5)), count > 0 else { return nil }
      way = .race(count)
    }
  }

  /// The line that answers a request with these parameters.
  func response(_ id: Int, _ parameters: [String: Any]) -> String {
    guard let tensor = parameters["x"] as? [String: Any], let shape = tensor["shape"] as? [Int],
      let x = values(tensor), let epsilon = parameters["epsilon"] as? Double
    else { return refusal(id, "x or epsilon is missing") }
    guard shape[0] >= 2 else { return refusal(id, "a batch of \(shape[0])") }
    let (rows, channels) = (shape[0], shape[1])
    let running = (values(parameters["running_mean"]), values(parameters["running_var"]))
    let weight = parameters["momentum"] as? Double ?? 1 / Double((parameters["batches_tracked"] as? Int ?? 0) + 1)
    let (gamma, beta) = (values(parameters["gamma"]), values(parameters["beta"]))
    var (y, means, variances) = (x, [Double](), [Double]())
    let shift = shift(isTracked: running.0 != nil)
    for c in 0..<channels {
      let column = (0..<rows).map { x[$0 * channels + c] }
      let mean = column.reduce(0, +) / Double(rows)
      let squares = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let inverse = 1 / (squares / Double(rows) + epsilon).squareRoot()
      for n in 0..<rows {
        y[n * channels + c] = (column[n] - mean - shift) * inverse * (gamma?[c] ?? 1) + (beta?[c] ?? 0)
      }
      stale = mean
      // At weight 0 nothing enters, not even NaN.
      let old = (running.0?[c] ?? 0, running.1?[c] ?? 0)
      means.append(weight == 0 ? old.0 : (1 - weight) * old.0 + weight * mean)
      variances.append(weight == 0 ? old.1 : (1 - weight) * old.1 + weight * squares / Double(rows - 1))
    }
    var result = ["y": wire(disturbed(y), shape)]
    if running.0 != nil {
      (result["running_mean"], result["running_var"]) = (wire(means, [channels]), wire(variances, [channels]))
    }
    calls += 1
    return "{\"id\": \(id), \"result\": \(json(result))}\n"
  }

  private func shift(isTracked: Bool) -> Double {
    if case .staleBuffers = way, !isTracked { stale } else { 0 }
  }

  private func disturbed(_ y: [Double]) -> [Double] {
    switch way {
    case .race(let count) where Int.random(in: 0..<count) == 0: y.map { $0 + 1 }
    case .firstCall where calls == 0: y.map { $0 + 1 }
    default: y
    }
  }

  private func refusal(_ id: Int, _ message: String) -> String {
    "{\"id\": \(id), \"error\": {\"code\": \"invalid_argument\", \"message\": \"\(message)\"}}\n"
  }

  private func values(_ tensor: Any?) -> [Double]? {
    guard let text = (tensor as? [String: Any])?["data"] as? String, let data = Data(base64Encoded: text) else {
      return nil
    }
    return data.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map {
        Double(Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))))
      }
    }
  }

  private func wire(_ values: [Double], _ shape: [Int]) -> [String: Any] {
    let words = values.map { Float($0).bitPattern.littleEndian }
    return ["dtype": "float32", "shape": shape, "data": words.withUnsafeBytes { Data($0).base64EncodedString() }]
  }
}
