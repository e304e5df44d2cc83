public import BatchNormReference
public import BatchNormTesting
public import Datasets
public import ReproducibleMath
public import TrainingEngine

/// A network with its training loop under test: layers, loss, optimizer, order of the data and the run as a whole.
///
/// All values travel as `Double`, exact for the element type. Calls are pure.
public protocol NetworkSubject: NamedSubject {
  var elementType: ElementType { get }

  /// The state that a seed gives before training.
  func initialState(_ shape: NetworkShape, seed: UInt64) -> NetworkState
  /// The visiting orders of the first epochs of a run with that seed, behind the draws for the weights.
  func epochOrders(_ shape: NetworkShape, seed: UInt64, count: Int, epochs: Int) -> [[Int]]
  /// One batch forward and backward; x is [labels.count, inputs], row-major.
  func pass(_ state: NetworkState, _ x: [Double], labels: [Int], _ mode: Mode) throws -> PassAnswer
  /// Losses of the samples and gradient of their mean; logits are [labels.count, classes], row-major.
  func crossEntropy(_ logits: [Double], labels: [Int]) -> (losses: [Double], gradient: [Double])
  /// y, dW, dx and db of one linear layer.
  func linear(_ call: LinearCall) -> LinearAnswer
  /// The parameters after each step along `gradients`, the velocity starting anew.
  func sgdStep(_ parameters: [Double], gradients: [[Double]], _ rule: SGD<Float>) -> [[Double]]
  /// The network without batch normalization that computes what `state` does in evaluation mode; epsilon as in the state.
  func folded(_ state: NetworkState) -> NetworkState
  /// A whole run.
  func train(_ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages) throws
    -> RunAnswer
  /// The same run, stopped after `step` steps, its checkpoint written to `path`, and continued from there by a fresh trainer;
  /// nil where the subject writes no checkpoints.
  func trainResumed(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages, after step: Int,
    checkpoint path: String
  ) throws -> RunAnswer?
}

/// All arrays of a network by name, in the order and the layout of `Network.visitState`.
public struct NetworkState: Equatable, Sendable {
  public struct Array: Equatable, Sendable {
    public var name: String
    public var values: [Double]

    public init(name: String, values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  public let shape: NetworkShape
  public var arrays: [Array]
  public var batchCounters: [Int]
  /// Of every batch normalization; no part of what training changes.
  public var epsilon: Double

  public init(shape: NetworkShape, arrays: [Array], batchCounters: [Int], epsilon: Double = 1e-5) {
    self.shape = shape
    self.arrays = arrays
    self.batchCounters = batchCounters
    self.epsilon = epsilon
  }

  /// The values of the array of that name.
  public subscript(name: String) -> [Double] {
    get { arrays.first { $0.name == name }?.values ?? [] }
    set { if let i = arrays.firstIndex(where: { $0.name == name }) { arrays[i].values = newValue } }
  }

  /// The arrays that are parameters: all but running statistics.
  public var parameters: [Array] { arrays.filter { !$0.name.contains("running") } }
}

/// What one batch gives.
public struct PassAnswer: Equatable, Sendable {
  public var losses: [Double]
  public var meanLoss: Double
  /// [batch, classes]
  public var logits: [Double]
  /// The inputs of each hidden layer's ReLU, [batch, width].
  public var preactivations: [[Double]]
  /// Of the mean loss, for each parameter, named as in the state; empty in evaluation mode.
  public var gradients: [NetworkState.Array]
  /// The state behind the pass: running statistics and counters may have moved.
  public var state: NetworkState
}

/// x [batch, inputs], weight [inputs, outputs], bias [outputs], gradientY [batch, outputs].
public struct LinearCall: Equatable, Sendable {
  public var batch: Int
  public var inputs: Int
  public var outputs: Int
  public var x: [Double]
  public var weight: [Double]
  public var bias: [Double]
  public var gradientY: [Double]

  public init(
    batch: Int, inputs: Int, outputs: Int, x: [Double], weight: [Double], bias: [Double], gradientY: [Double]
  ) {
    (self.batch, self.inputs, self.outputs) = (batch, inputs, outputs)
    (self.x, self.weight, self.bias, self.gradientY) = (x, weight, bias, gradientY)
  }
}

/// What a linear layer gives, in the shapes of its call.
public struct LinearAnswer: Equatable, Sendable {
  public var y: [Double]
  public var gradientWeight: [Double]
  public var gradientX: [Double]
  public var gradientBias: [Double]
}

/// What a run leaves behind.
public struct RunAnswer: Equatable, Sendable {
  public var stepLosses: [Double]
  /// The printed figure of each epoch: the mean over its batches of their mean losses.
  public var epochLosses: [Double]
  /// The mean over the samples of each epoch, a smaller last batch weighing less.
  public var sampleLosses: [Double]
  /// The state behind the last epoch and the evaluation on the test images.
  public var state: NetworkState
  public var evaluation: Evaluation
  public var digest: String
}
