import BatchNormReference
public import Datasets
import TrainingEngine

/// A cell in JSON is one flat object. Weight decay and the form of momentum are written only where they differ from plain SGD.
extension Cell: Codable {
  private enum CodingKeys: String, CodingKey {
    case dataset, validationCount, widths, batchNorm, batchSize, statisticsBatch, learningRate, momentum, weightDecay
    case nesterov, weightScale, runningMomentum, seed, budget, evaluateEvery, detail
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      dataset: try values.decode(DatasetName.self, forKey: .dataset),
      validationCount: try values.decode(Int.self, forKey: .validationCount),
      batchNorm: try values.decode(Bool.self, forKey: .batchNorm),
      batchSize: try values.decode(Int.self, forKey: .batchSize),
      seed: try values.decode(UInt64.self, forKey: .seed), budget: try values.decode(Budget.self, forKey: .budget),
      evaluateEvery: try values.decode(Int.self, forKey: .evaluateEvery))
    self.widths = try values.decode([Int].self, forKey: .widths)
    self.statisticsBatch = try values.decodeIfPresent(Int.self, forKey: .statisticsBatch)
    self.rule = SGD(
      learningRate: try values.decode(Float.self, forKey: .learningRate),
      momentum: try values.decode(Float.self, forKey: .momentum),
      weightDecay: try values.decodeIfPresent(Float.self, forKey: .weightDecay) ?? 0,
      direction: try values.decodeIfPresent(Bool.self, forKey: .nesterov) == true ? .nesterov : .classical)
    weightScale = try values.decode(Float.self, forKey: .weightScale)
    runningMomentum = try values.decodeIfPresent(Double.self, forKey: .runningMomentum)
    detail = try values.decode(Detail.self, forKey: .detail)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(dataset, forKey: .dataset)
    try values.encode(self.validationCount, forKey: .validationCount)
    try values.encode(self.widths, forKey: .widths)
    try values.encode(self.batchNorm, forKey: .batchNorm)
    try values.encode(self.batchSize, forKey: .batchSize)
    try values.encodeIfPresent(self.statisticsBatch, forKey: .statisticsBatch)
    try values.encode(self.learningRate, forKey: .learningRate)
    try values.encode(self.momentum, forKey: .momentum)
    if self.rule.weightDecay != 0 { try values.encode(self.rule.weightDecay, forKey: .weightDecay) }
    if self.rule.direction == .nesterov { try values.encode(true, forKey: .nesterov) }
    try values.encode(weightScale, forKey: .weightScale)
    try values.encodeIfPresent(runningMomentum, forKey: .runningMomentum)
    try values.encode(self.seed, forKey: .seed)
    try values.encode(budget, forKey: .budget)
    try values.encode(evaluateEvery, forKey: .evaluateEvery)
    try values.encode(detail, forKey: .detail)
  }
}

extension DatasetName: Codable {}
