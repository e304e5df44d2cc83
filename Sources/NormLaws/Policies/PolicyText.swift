public import BatchNormTesting
import ReproducibleMath

extension Policy {
  /// What a subject with this word does, as a person reads it.
  public func sentence(_ word: String) -> String {
    switch (self, word) {
    case (.runningVariance, "unbiased"): "the running variance takes the unbiased variance, Σ(x − μ)²/(m − 1)"
    case (.runningVariance, _): "the running variance takes the biased variance, Σ(x − μ)²/m"
    case (.momentum, "weight_of_new"): "momentum is the weight of the new batch"
    case (.momentum, _): "momentum is the weight of the old statistics"
    case (.batchOfOne, "error"): "training on one value a channel is refused"
    case (.batchOfOne, "beta"): "training on one value a channel gives β"
    case (.batchOfOne, "input"): "training on one value a channel gives x and leaves the state"
    case (.batchOfOne, _): "training on one value a channel is refused while tracking, else gives β"
    case (.emptyBatch, "error"): "an empty batch is refused"
    case (.emptyBatch, "empty"): "an empty batch gives an empty y and leaves the state"
    case (.emptyBatch, _): "an empty batch gives an empty y and makes the running statistics NaN"
    case (.nanAtWeightZero, "kept"): "a NaN in the batch does not reach running statistics that give it no weight"
    case (.nanAtWeightZero, _): "a NaN in the batch reaches running statistics that give it no weight (0·NaN)"
    case (.momentumDomain, "closed"): "momentum may be 0 and 1"
    case (.momentumDomain, _): "momentum lies between 0 and 1, without the ends"
    case (.subnormals, "kept"): "subnormal values count"
    case (.subnormals, _): "subnormal values count as 0 (flush to zero); the bounds allow for it"
    case (.debias, "none"): "running statistics are not debiased"
    case (.debias, _): "running statistics are divided by 1 − (weight of the old)^(number of batches)"
    case (.epsilonType, "double"): "ε and momentum are taken in float64"
    case (.epsilonType, _): "ε and momentum are rounded to float32; only such values are asked"
    case (.batchInvariance, "bitwise"): "a sample's result has the same bits in every batch"
    case (.batchInvariance, _): "a sample's result may differ by rounding from one batch to another"
    case (.cumulative, "yes"): "momentum null gives the plain mean of the batch statistics"
    case (.cumulative, _): "momentum null is not offered"
    }
  }
}
