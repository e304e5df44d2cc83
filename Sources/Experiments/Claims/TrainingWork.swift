import TrainingEngine

/// What a training step costs by formula, in `Float` of 4 bytes: figures of the algorithm, the same on every machine.
///
/// Operations count each addition, multiplication, division, comparison and root as one (a fused operation as two). Memory is
/// what a step must keep until its backward pass is done, with the optimizer's velocities: not what a program may use besides.
public struct TrainingWork: Equatable, Sendable {
  public let widths: [Int]
  public let batchSize: Int
  public let batchNorm: Bool

  public init(widths: [Int], batchSize: Int, batchNorm: Bool) {
    (self.widths, self.batchSize, self.batchNorm) = (widths, batchSize, batchNorm)
  }

  private var layers: Zip2Sequence<[Int], ArraySlice<Int>> { zip(widths, widths.dropFirst()) }
  private var hiddenUnits: Int { widths.dropFirst().dropLast().reduce(0, +) }

  /// Weights, biases, γ and β.
  public var parameters: Int {
    layers.reduce(0) { $0 + $1.0 * $1.1 + $1.1 } + (batchNorm ? 2 * hiddenUnits : 0)
  }

  /// For each image: products 2·in·out forward, 2·in·out for the weights, and as much for the inputs but in the first layer; biases
  /// 2·out; ReLU 2 a unit; softmax and its gradient 6 a class. Batch normalization, a unit: forward 7 (sum 1, centre 1, square and add 2,
  /// x̂ 1, γx̂ + β 2), backward 7 (dβ 1, dγ 2, dx 4).
  public var operationsPerImage: Int {
    var sum = 6 * (widths.last ?? 0) + 2 * hiddenUnits + (batchNorm ? 14 * hiddenUnits : 0)
    for (i, (inputs, outputs)) in layers.enumerated() {
      sum += 2 * outputs + (i == 0 ? 4 : 6) * inputs * outputs
    }
    return sum
  }

  /// Besides the images': SGD, 4 a parameter; batch normalization 14 a unit (μ, σ², r; two running averages of 3 each and
  /// m/(m − 1); dβ/m, dγ/m, γr).
  public var operationsPerStep: Int {
    batchSize * operationsPerImage + 4 * parameters + (batchNorm ? 14 * hiddenUnits : 0)
  }

  /// Parameters, their gradients and velocities; the images; of a hidden unit and image the values before and after ReLU, and with
  /// batch normalization also its inputs; logits and their gradients; running mean and variance, batch mean and 1/s of each unit.
  public var bytes: Int {
    let perImage = (widths.first ?? 0) + (batchNorm ? 3 : 2) * hiddenUnits + 2 * (widths.last ?? 0)
    return 4 * (3 * parameters + batchSize * perImage + (batchNorm ? 4 * hiddenUnits : 0))
  }

  /// Operations of an epoch of `images` images, the last batch a smaller one where they do not divide.
  public func operationsPerEpoch(images: Int) -> Int {
    let steps = (images + batchSize - 1) / batchSize
    return images * operationsPerImage + steps * (operationsPerStep - batchSize * operationsPerImage)
  }
}
