/// What a group of vectors asks for, with the names of its inputs and outputs.
public enum VectorOperation: String, CaseIterable, Sendable {
  /// Normalize by the batch; where running statistics come in, update them.
  case forwardTraining = "forward_training"
  case forwardEvaluation = "forward_evaluation"
  case backwardTraining = "backward_training"
  case backwardEvaluation = "backward_evaluation"
  /// One or more layers with state of their own, used call by call.
  case layers
  /// Losses of rows of logits and the gradient of their mean.
  case crossEntropy = "cross_entropy"
  /// One linear layer forward and backward; weights [inputs, outputs].
  case linear
  /// Parameters behind each step along given gradients.
  case descent
  /// The parameters that a seed gives, by PyTorch's stream.
  case initialState = "initial_state"
  /// The visiting orders of the first epochs behind the draws for the weights.
  case epochOrders = "epoch_orders"
  /// One batch through a network, forward and backward.
  case pass
  /// One step of training without momentum: a pass, then a descent.
  case step
  /// Batch normalization taken into the linear layers in front of it.
  case fold
  /// A whole run.
  case train
  /// The same run, stopped behind a step, written to a checkpoint and resumed from it.
  case resume

  /// Whether a batch normalization is asked, or a network.
  public var isOfNorm: Bool {
    switch self {
    case .forwardTraining, .forwardEvaluation, .backwardTraining, .backwardEvaluation, .layers: true
    default: false
    }
  }

  /// The inputs that a test has, its group's included; each stands there, null where it is absent.
  public var inputs: [String] {
    switch self {
    case .forwardTraining:
      ["x", "gamma", "beta", "running_mean", "running_var", "batches_tracked", "epsilon", "momentum"]
    case .forwardEvaluation: ["x", "gamma", "beta", "running_mean", "running_var", "epsilon"]
    case .backwardTraining: ["x", "gamma", "beta", "epsilon", "dy"]
    case .backwardEvaluation: ["x", "gamma", "beta", "running_mean", "running_var", "epsilon", "dy"]
    case .layers: ["layers", "channels", "gamma", "beta", "tracking", "epsilon", "momentum", "steps"]
    case .crossEntropy: ["logits", "labels"]
    case .linear: ["x", "weight", "bias", "dy"]
    case .descent: ["parameters", "gradients", "rule"]
    case .initialState: ["widths", "normalization", "seed"]
    case .epochOrders: ["widths", "normalization", "seed", "count", "epochs"]
    case .pass: ["widths", "normalization", "epsilon", "state", "batch_counters", "x", "labels", "mode"]
    case .step: ["widths", "normalization", "epsilon", "state", "batch_counters", "x", "labels", "rule"]
    case .fold: ["widths", "normalization", "epsilon", "state", "batch_counters"]
    case .train, .resume:
      [
        "widths", "normalization", "seed", "batch_size", "rule", "rows", "columns", "pixels", "labels", "test_pixels",
        "test_labels", "epochs",
      ] + (self == .resume ? ["after_step"] : [])
    }
  }
}
