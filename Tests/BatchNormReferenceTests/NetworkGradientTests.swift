import BatchNormReference
import ReproducibleMath
import Testing

/// All gradients of a network in `Double` against central differences of its loss.
struct NetworkGradientTests {
  private let x: Matrix<Double>
  private let labels = [0, 1, 1, 0, 1, 0]

  init() { x = Matrix(rows: 6, columns: 3, elements: spread(18, seed: 20)) }

  private struct Point {
    let loss: Double
    /// Which ReLUs are open.
    let pattern: [Bool]
  }

  private func point(_ network: Network<Double>) throws -> Point {
    var (network, workspace) = (network, Workspace<Double>(network.shape, batch: x.rows))
    try network.forward(x, labels: labels, .training, PlainKernels(), &workspace)
    return Point(loss: workspace.meanLoss, pattern: workspace.preactivations.flatMap { $0.elements.map { $0 > 0 } })
  }

  /// Parameter i of array `name` moved by `step`.
  private func moved(_ network: Network<Double>, _ name: String, _ i: Int, by step: Double) -> Network<Double> {
    var network = network
    network.visitState { visited, values in
      if visited == name { values[i] += step }
    }
    return network
  }

  /// Two central differences D(h), D(h/2) with errors C·h² and C·h²/4 up to higher order: their distance is three times the
  /// error of the second, so it bounds that error as long as the higher order stays below double the leading one. A loss
  /// is evaluated through fewer than 2⁸ roundings a path, which the quotient divides by h.
  @Test(arguments: [NetworkShape.Normalization.none, .batchNorm])
  func `every parameter's gradient is the slope of the loss`(normalization: NetworkShape.Normalization) throws {
    var generator = MersenneTwister(seed: 21)
    var network = Network<Double>(NetworkShape(widths: [3, 4, 3, 2], normalization), from: &generator)
    for i in network.norms.indices {
      network.norms[i].affine!.gamma = spread(network.norms[i].channels, seed: 22).map { 1.5 + $0 / 2 }
      network.norms[i].affine!.beta = spread(network.norms[i].channels, seed: 23).map { $0 / 2 }
    }
    var gradients = Gradients(zerosFor: network)
    var (trained, workspace) = (network, Workspace<Double>(network.shape, batch: x.rows))
    try trained.forward(x, labels: labels, .training, PlainKernels(), &workspace)
    trained.backward(x, PlainKernels(), &workspace, into: &gradients)
    var arrays: [(name: String, values: [Double])] = []
    gradients.visitState { name, values in arrays.append((name, values)) }
    let (centre, h) = (try point(network), 0x1p-14)
    var largest = 0.0
    for (name, values) in arrays {
      for (i, value) in values.enumerated() {
        let points = try [h, -h, h / 2, -h / 2].map { try point(moved(network, name, i, by: $0)) }
        #expect(points.allSatisfy { $0.pattern == centre.pattern }, "a kink lies between the points")
        let coarse = (points[0].loss - points[1].loss) / (2 * h)
        let fine = (points[2].loss - points[3].loss) / h
        let bound = (coarse - fine).magnitude + 0x1p8 * Double.unitRoundoff * max(1, centre.loss) / h
        #expect((fine - value).magnitude <= bound, "\(name)[\(i)]: \(value), slope \(fine) ± \(bound)")
        #expect(bound < 1e-5, "a bound that says nothing")
        largest = max(largest, value.magnitude)
      }
    }
    #expect(arrays.count == (normalization == .none ? 6 : 10))
    #expect(largest > 0.01)
  }
}
