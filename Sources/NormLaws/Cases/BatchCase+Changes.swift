import BatchNormTesting
import PropertyTesting
import ReproducibleMath

extension TrainingCall {
  /// A call after which the running statistics are the batch's own: weight 1 on a state of zeros, from which
  /// running + (batch − running) is exact too.
  static func replacing(
    _ x: Tensor, _ affine: Affine<Double>?, _ epsilon: Double, _ profile: SubjectProfile
  ) -> TrainingCall {
    let zeros = [Double](repeating: 0, count: x.shape[1])
    return TrainingCall(
      x: x, affine: affine, running: RunningStatistics<Double>(mean: zeros, variance: zeros), epsilon: epsilon,
      momentum: profile.convention.momentum == .weightOfNew ? 1 : 0)
  }
}

extension BatchCase {
  var untracked: TrainingCall { TrainingCall(x: x, affine: affine, running: nil, epsilon: epsilon) }
}

extension [BatchCase] {
  /// One batch in which every channel of every group is a channel.
  var merged: BatchCase {
    var batch = self[0]
    let layout = batch.x.channelLayout
    let channels = flatMap { group in (0..<group.channels).map(group.x.channel) }
    let wide = ChannelLayout(batch: layout.batch, channels: channels.count, spatial: layout.spatial)
    batch.x = Tensor(
      shape: [layout.batch, channels.count] + batch.x.shape.dropFirst(2), values: wide.scatter(channels))
    batch.affine = batch.affine.map { affine in
      Affine<Double>(gamma: flatMap { _ in affine.gamma }, beta: flatMap { _ in affine.beta })
    }
    return batch
  }
}

extension Source {
  /// Other values for the same layer and shape.
  mutating func regrouped(_ batch: BatchCase) throws -> [Double] {
    let layout = batch.x.channelLayout
    return layout.scatter(
      try perChannel(layout.channels) {
        try $0.channel(count: layout.valuesPerChannel, .conditioned, batch.type)
      })
  }

  /// One value a channel.
  mutating func singleBatch(_ profile: SubjectProfile) throws -> BatchCase {
    try batch(profile, .conditioned, least: 1, most: 1)
  }
}
