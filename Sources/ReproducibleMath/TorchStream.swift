/// What PyTorch 2.13 (CPU) draws from its generator, bit for bit.
///
/// These facts were found from PyTorch's results: `torch.rand`, `nn.Linear`'s initialization and the order in which
/// `DataLoader(shuffle=True)` visits a data set.
extension MersenneTwister {
  /// One value of `tensor.uniform_(lo, hi)`: x = (u32 mod 2²⁴)·2⁻²⁴, result fma(x, hi − lo, lo), all in `Float`.
  ///
  /// The fma is needed: with a rounded product, half of the weights differ in the last bit.
  public mutating func uniform(from lo: Float, to hi: Float) -> Float {
    let x = Float(u32() & 0xff_ffff) * 0x1p-24
    return lo.addingProduct(x, hi - lo)
  }

  /// `count` values of `uniform(from:to:)` in order.
  public mutating func uniformFill(count: Int, from lo: Float, to hi: Float) -> [Float] {
    (0..<count).map { _ in uniform(from: lo, to: hi) }
  }

  /// Weight ([outputs, inputs], row-major) and bias ([outputs]) of a new `nn.Linear(inputs, outputs)`, weight drawn first.
  ///
  /// Weight bound √3·(√(2/(1+5))/√inputs), Kaiming's uniform rule with a = √5; bias bound 1/√inputs. Bounds are
  /// evaluated in `Double` in this order and rounded to `Float`.
  public mutating func linearParameters(inputs: Int, outputs: Int) -> (weight: [Float], bias: [Float]) {
    let fanIn = Double(inputs)
    let weightBound = 3.0.squareRoot() * ((2.0 / (1.0 + 5.0)).squareRoot() / fanIn.squareRoot())
    let biasBound = 1.0 / fanIn.squareRoot()
    let weight = uniformFill(count: inputs * outputs, from: Float(-weightBound), to: Float(weightBound))
    let bias = uniformFill(count: outputs, from: Float(-biasBound), to: Float(biasBound))
    return (weight, bias)
  }

  /// `torch.randperm(count)`: for i in 0…count−2, z = u32 mod (count − i), swap r[i], r[i+z].
  ///
  /// `count` must be below (2³² − 1)/20: from there on PyTorch draws 64 bits for each swap.
  public mutating func permutation(count: Int) -> [Int32] {
    precondition(count < Int(UInt32.max / 20), "PyTorch draws larger permutations in another way")
    var order = [Int32](0..<Int32(count))
    for i in order.indices.dropLast() {
      order.swapAt(i, i + Int(u32() % UInt32(count - i)))
    }
    return order
  }

  /// The order of one shuffled epoch over `count` items, as a `DataLoader` with `shuffle=True` draws it.
  ///
  /// The main generator gives two 63-bit integers: the first seeds the loader's workers and is discarded here, the second
  /// seeds a fresh generator (low 32 bits) that draws the permutation.
  public mutating func epochOrder(count: Int) -> [Int32] {
    _ = u64()
    var sampler = MersenneTwister(seed: u64() & (1 << 63 - 1))
    return sampler.permutation(count: count)
  }
}
