import BatchNormReference
import ReproducibleMath
import Vectors

/// What everything else stands on.
func arithmeticPins() -> [PinFile.Pin] {
  let points = [-745.1, -87.3, -20, -1, -0x1p-30, 0, 0x1p-30, 0.1, 0.5, 1, 2.718281828, 10, 88.7, 300, 709.7]
  let positive = [0x1p-1074, 1e-300, 0x1p-126, 1e-5, 0.1, 0.5, 1 - 0x1p-53, 1, 1 + 0x1p-52, 2, 10, 1e5, 1e300]
  var (split, twister) = (SplitMix64(path: 1, 2), MersenneTwister(seed: 0))
  return [
    PinFile.Pin("exp", .float64(points.map { Elementary.exp($0) })),
    PinFile.Pin("log", .float64(positive.map { Elementary.log($0) })),
    PinFile.Pin("splitmix64/path-1-2", .float64((0..<4).map { _ in split.unit() })),
    PinFile.Pin("mt19937/seed-0", .integers((0..<4).map { _ in Int(twister.u32()) })),
  ]
}

/// Weights and orders as PyTorch 2.13 draws them. Batch normalization draws nothing, so one network stands for both.
func streamPins() -> [PinFile.Pin] {
  [0, 1, 4_294_967_295].flatMap { (seed: UInt64) -> [PinFile.Pin] in
    var generator = MersenneTwister(seed: seed)
    var network = Network<Float>(NetworkShape(.batchNorm), from: &generator)
    var first: [Double] = []
    network.visitState { array, values in if array == "fc1.weight" { first = values.prefix(8).map { Double($0) } } }
    var digest = StateDigest()
    network.update(&digest)
    let weights = [
      PinFile.Pin("weights/seed-\(seed)/fc1.weight", .float32(first)),
      PinFile.Pin("weights/seed-\(seed)", .digest(digest.finalize())),
    ]
    return weights
      + [5_000, 60_000].flatMap { count in
        let order = generator.epochOrder(count: count)
        var digest = StateDigest()
        digest.update(integers: order)
        return [
          PinFile.Pin("orders/seed-\(seed)/\(count)/first", .integers(order.prefix(8).map { Int($0) })),
          PinFile.Pin("orders/seed-\(seed)/\(count)", .digest(digest.finalize())),
        ]
      }
  }
}
