public import NormLaws
import ReproducibleMath

/// All laws, by family and number.
public enum Catalogue {
  public static let laws: [Law] = {
    let families = ["FWD", "RUN", "EVA", "GRD", "BAT", "NET", "LIN", "RNG", "DET", "EXP"]
    let all = Law.ofNorms + ofTraining + ofArithmetic
    return families.flatMap { family in all.filter { $0.family == family }.sorted { $0.id < $1.id } }
  }()

  /// The law of that id; letter case does not matter.
  public static func law(_ id: String) -> Law? { laws.first { $0.id == id.uppercased() } }

  /// Laws of networks with their training loops.
  private static let ofTraining: [Law] = [
    lastPartialBatch, gradientAccumulation,
    networkGradients, largeNetworkGradients, biasBeforeNorm, weightOrthogonality, weightScale, softmaxShift,
    extremeCrossEntropy, constantGradientSGD, duplicateBatch, firstStep, initialWeights, runComposition, kinkGradient,
    foldedNetwork, linearAgreesWithProduct, drawsAgreeWithTwister,
    engineEqualsReference, repeatedDigest, resumedDigest,
  ]
  /// Laws of this package's own arithmetic and random streams.
  private static let ofArithmetic: [Law] = [twisterAgreesWithGSL, longTwister, elementaryFunctions]
}
