extension Law {
  /// The laws of batch normalizations: training forward, running statistics, evaluation, gradients, the size of a batch, and
  /// the same answers again.
  public static let ofNorms: [Law] =
    forward + runningStatistics + evaluation + gradient + batchSize + [firstQuestionsAgain]

  private static let forward: [Law] = [
    forwardAgreesWithOracle, forwardMoments, forwardShift, forwardScale, forwardSign, forwardConstant, forwardPair,
    forwardOutlier, forwardChannelIndependence, forwardPermutation, forwardLadder, forwardRecovery, forwardLayouts,
    forwardWithoutAffine, forwardExtremes,
  ]
  private static let runningStatistics: [Law] = [
    oneUpdate, closedFormOfUpdates, momentumEnds, cumulativeMean, stateIsStored, stateIsLeftAlone, freshState,
    partsMergeToTheWhole, populationStatistics,
  ]
  private static let evaluation: [Law] = [
    evaluationAgreesWithOracle, samplesAreIndependent, besselFactor, discrepancySplits, batchStatisticsAsState,
    foldingIntoLinear, evaluationIsAffine,
  ]
  private static let gradient: [Law] = [
    gradientAgreesWithDifferences, gradientAgreesWithOracle, inputGradientSumsToZero, inputGradientAlongInput,
    inputGradientNorm, uniformCotangent, gradientIsLinear, gradientIsAdjoint, evaluationGradient,
    constantChannelGradient, gradientIsRepeatable,
  ]
  private static let batchSize: [Law] = [duplicatedBatch, batchOfOneAndNone, ghostBatches, samplingLaw, horizon]
}
