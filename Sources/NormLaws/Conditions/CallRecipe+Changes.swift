import BatchNormTesting

extension CallRecipe {
  /// The same question with that number for one feature; nil where the layouts have no such shape.
  func setting(_ feature: CallFeature, to value: Double, layouts: Set<TensorLayout>) -> CallRecipe? {
    var next = self
    let size = Int(value)
    switch feature {
    case .batch: next.batch = size
    case .channels: next.channels = size
    case .length:
      if spatial.isEmpty, !layouts.contains(.ncl) { return nil }
      next.spatial = spatial.dropLast() + [size]
    case .plane:
      guard let spatial = Self.spatial(plane: size, like: spatial, layouts) else { return nil }
      next.spatial = spatial
    case .count:
      if size % plane == 0 {
        next.batch = size / plane
      } else {
        next.batch = size
        guard let spatial = Self.spatial(plane: 1, like: spatial, layouts) else { return nil }
        next.spatial = spatial
      }
    case .values:
      if size % channels != 0 { next.channels = 1 }
      return next.setting(.count, to: Double(size / next.channels), layouts: layouts)
    case .epsilon: next.epsilon = value
    case .condition: next.condition = value
    default: return nil
    }
    return next
  }

  private static func spatial(plane: Int, like spatial: [Int], _ layouts: Set<TensorLayout>) -> [Int]? {
    switch spatial.count {
    case 2:
      if plane % spatial[0] == 0 { return [spatial[0], plane / spatial[0]] }
      return layouts.contains(.ncl) ? [plane] : [plane, 1]
    case 1: return [plane]
    default:
      if plane == 1 { return [] }
      return layouts.contains(.ncl) ? [plane] : layouts.contains(.nchw) ? [plane, 1] : nil
    }
  }
}
