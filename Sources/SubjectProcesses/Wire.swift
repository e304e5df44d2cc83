import BatchNormTesting
import ReproducibleMath

/// One request: a line of JSON.
struct WireRequest<Parameters: Encodable>: Encodable {
  let id: Int
  let method: String
  let params: Parameters
}

/// The parameters of `describe`.
struct WireProtocol: Encodable {
  let `protocol` = 1
}

/// The parameters of the four methods; null and absent say the same.
struct WireParameters: Encodable {
  var x: WireTensor
  var gamma: WireTensor?
  var beta: WireTensor?
  var running_mean: WireTensor?
  var running_var: WireTensor?
  var batches_tracked: Int?
  var epsilon: Double
  var momentum: Double?
  var dy: WireTensor?

  /// Whether a call of the method asks for what is settled by policy: in training fewer than two values a channel, momentum
  /// null, a weight of 0 or 1; in every mode parameters of another number of channels.
  func mayBeDeclined(_ method: String) -> Bool {
    let perChannel = x.shape.enumerated().reduce(1) { $1.offset == 1 ? $0 : $0 * $1.element }
    let channels = x.shape.count > 1 ? x.shape[1] : 0
    let isMismatched = [gamma, beta, running_mean, running_var].contains { $0.map { $0.shape != [channels] } ?? false }
    guard method.hasSuffix("training") else { return isMismatched }
    let isForward = method.hasPrefix("forward") && running_mean != nil
    return perChannel < 2 || isMismatched || (isForward && (momentum == nil || momentum == 0 || momentum == 1))
  }

  /// Whether a subject may answer a call of the method by `unsupported`: a layer without γ and β, or training without running
  /// statistics, need not be offered.
  func mayBeUnsupported(_ method: String) -> Bool {
    gamma == nil || (method == "forward_training" && running_mean == nil)
  }

  enum CodingKeys: String, CodingKey {
    case x, gamma, beta, running_mean, running_var, batches_tracked, epsilon, momentum, dy
  }

  /// Absent values are written as null.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(x, forKey: .x)
    try container.encode(gamma, forKey: .gamma)
    try container.encode(beta, forKey: .beta)
    try container.encode(running_mean, forKey: .running_mean)
    try container.encode(running_var, forKey: .running_var)
    try container.encode(batches_tracked, forKey: .batches_tracked)
    try container.encode(epsilon, forKey: .epsilon)
    try container.encode(momentum, forKey: .momentum)
    try container.encode(dy, forKey: .dy)
  }
}

/// One response: either `result` or `error`.
struct WireResponse<Result: Decodable>: Decodable {
  struct Refusal: Decodable {
    var code: String
    var message: String
  }

  var id: Int?
  var result: Result?
  var error: Refusal?
}

/// The results of the four methods; which of them must be there depends on the method.
struct WireResult: Decodable {
  var y: WireTensor?
  var running_mean: WireTensor?
  var running_var: WireTensor?
  var dx: WireTensor?
  var dgamma: WireTensor?
  var dbeta: WireTensor?
}
