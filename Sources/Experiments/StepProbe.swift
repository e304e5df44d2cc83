/// Measurements before one step of a run, on the batch of that step. They do not change the run.
///
/// Layers are counted from the input. Norms are Euclidean over all weights of a layer, sums in `Double` in index order.
public struct StepProbe: Codable, Equatable, Sendable {
  /// Steps taken before.
  public var step: Int
  /// ‖∂L/∂W‖ of each linear layer.
  public var gradientNorms: [Double]
  /// ‖W‖ of each linear layer; the effective rate of a layer before batch normalization is η/‖W‖².
  public var weightNorms: [Double]
  /// For each hidden layer, of the inputs to its ReLU over fixed validation images, in training mode.
  public var preactivations: [Preactivations]
  /// For each linear layer after the first: how the step of the layers before it changes its gradient.
  public var covariateShift: [Shift]
  public var landscape: Landscape

  /// The figure of Ioffe and Szegedy (2015), and the drift that one step causes.
  public struct Preactivations: Codable, Equatable, Sendable {
    /// 15th, 50th and 85th percentile over images and units.
    public var percentiles: [Double]
    /// Root mean square over units of the change of their mean by this step, over the root mean square of their deviations.
    public var meanDrift: Double
    /// The same for the change of their standard deviation.
    public var deviationDrift: Double
  }

  /// Internal covariate shift as Santurkar et al. (2018) define it: G with the layers before as they are, G′ with them
  /// after this step, both on the same batch.
  public struct Shift: Codable, Equatable, Sendable {
    /// ‖G − G′‖
    public var distance: Double
    /// ‖G − G′‖/‖G‖
    public var relative: Double
    /// Cosine of the angle between G and G′.
    public var cosine: Double
  }

  /// Along the gradient g of all parameters at p: the points p − t·g for t = η·{½, 1, 2, 4} (Santurkar et al. 2018).
  public struct Landscape: Codable, Equatable, Sendable {
    /// Minimum and maximum loss over the points.
    public var leastLoss: Double
    public var greatestLoss: Double
    /// Gradient predictiveness: minimum and maximum of ‖g(p) − g(p − t·g)‖.
    public var leastChange: Double
    public var greatestChange: Double
    /// Effective β-smoothness: the maximum of ‖g(p) − g(p − t·g)‖/‖t·g‖.
    public var smoothness: Double
  }
}
