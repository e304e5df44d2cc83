import BatchNormReference
import BatchNormTesting
import ReproducibleMath

extension Tensor {
  /// The same values in another shape.
  func reshaped(_ shape: [Int]) -> Tensor { Tensor(shape: shape, values: values) }

  /// [N, C, S] with the last two axes exchanged, spatial axes taken as one.
  var swapped: Tensor {
    let layout = channelLayout
    var result = values
    for n in 0..<layout.batch {
      for c in 0..<layout.channels {
        for s in 0..<layout.spatial {
          result[(n * layout.spatial + s) * layout.channels + c] = values[layout.index(n, c, s)]
        }
      }
    }
    return Tensor(shape: [layout.batch, layout.spatial, layout.channels], values: result)
  }
}

extension Affine<Double> {
  /// Every value `count` times in a row: parameters for spatial places used as channels.
  func repeated(_ count: Int) -> Affine<Double> {
    Affine<Double>(
      gamma: gamma.flatMap { Array(repeating: $0, count: count) },
      beta: beta.flatMap { Array(repeating: $0, count: count) })
  }

  /// The channels' values, repeated up to `count`.
  func cycled(_ count: Int) -> Affine<Double> {
    Affine<Double>(
      gamma: (0..<count).map { gamma[$0 % gamma.count] }, beta: (0..<count).map { beta[$0 % beta.count] })
  }
}
