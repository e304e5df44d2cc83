import BatchNormReference
import ReproducibleMath
import Testing

struct NetworkTests {
  private static let widths = [3, 4, 3, 2]

  private func network<Element: Scalar>(
    _ normalization: NetworkShape.Normalization, seed: UInt64, of: Element.Type = Element.self
  ) -> Network<Element> {
    var generator = MersenneTwister(seed: seed)
    return Network(NetworkShape(widths: Self.widths, normalization), from: &generator)
  }

  @Test func `layers have the given widths, and batch normalization draws nothing`() {
    let (plain, normalized): (Network<Float>, Network<Float>) = (network(.none, seed: 1), network(.batchNorm, seed: 1))
    #expect(plain.linears.map(\.weight.rows) == [3, 4, 3])
    #expect(plain.linears.map(\.weight.columns) == [4, 3, 2])
    #expect(plain.linears == normalized.linears)
    #expect(plain.norms.isEmpty)
    #expect(normalized.norms.map(\.channels) == [4, 3])
  }

  @Test func `a double network starts from the float network's weights`() {
    let (single, double): (Network<Float>, Network<Double>) = (network(.none, seed: 2), network(.none, seed: 2))
    #expect(single.linears.map { $0.weight.elements.map { Double($0) } } == double.linears.map(\.weight.elements))
  }

  @Test(arguments: [NetworkShape.Normalization.none, .batchNorm])
  func `state is visited under one name for each array`(normalization: NetworkShape.Normalization) {
    var network: Network<Float> = network(normalization, seed: 3)
    var names: [String] = []
    network.visitState { name, _ in names.append(name) }
    let hidden = normalization == .none ? [] : ["weight", "bias", "running_mean", "running_var"]
    let expected = (1...3).flatMap { i in
      ["fc\(i).weight", "fc\(i).bias"] + (i < 3 ? hidden.map { "bn\(i).\($0)" } : [])
    }
    #expect(names == expected)
  }

  @Test func `visited state and batch counters are all that tells two networks apart`() throws {
    var source: Network<Float> = network(.batchNorm, seed: 4)
    var target: Network<Float> = network(.batchNorm, seed: 5)
    let x = Matrix<Float>(rows: 4, columns: 3, elements: spread(12, seed: 6))
    var workspace = Workspace<Float>(source.shape, batch: 4)
    var gradients = Gradients(zerosFor: source)
    var velocities = gradients
    try source.forward(x, labels: [0, 1, 1, 0], .training, PlainKernels(), &workspace)
    source.backward(x, PlainKernels(), &workspace, into: &gradients)
    source.sgdStep(gradients, velocities: &velocities, SGD(learningRate: 0.5), .first, PlainKernels())
    for norm in source.norms {
      #expect(norm.running != RunningStatistics(channels: norm.channels))
      #expect(norm.affine != Affine(channels: norm.channels))
    }
    var arrays: [[Float]] = []
    source.visitState { _, values in arrays.append(values) }
    #expect(target != source)
    var k = 0
    target.visitState { _, values in
      values = arrays[k]
      k += 1
    }
    #expect(target != source)
    target.batchCounters = source.batchCounters
    #expect(target == source)
  }

  private func digest(_ network: Network<Float>) -> String {
    var digest = StateDigest()
    network.update(&digest)
    return digest.finalize()
  }

  @Test func `the digest changes with every single value and counter`() {
    let original: Network<Float> = network(.batchNorm, seed: 6)
    var lengths: [Int] = []
    var copy = original
    copy.visitState { _, values in lengths.append(values.count) }
    var digests: Set = [digest(original)]
    var expected = 1
    for (array, length) in lengths.enumerated() {
      for i in 0..<length {
        var (changed, k) = (original, 0)
        changed.visitState { _, values in
          if k == array { values[i] = values[i].nextUp }
          k += 1
        }
        digests.insert(digest(changed))
        expected += 1
      }
    }
    for i in 0..<2 {
      var changed = original
      changed.batchCounters[i] += 1
      digests.insert(digest(changed))
      expected += 1
    }
    #expect(digests.count == expected)
    #expect(digest(original) == digest(copy))
  }

  @Test func `weight decay and momentum leave running statistics alone`() {
    var changed: Network<Float> = network(.batchNorm, seed: 7)
    let before = changed
    var velocities = Gradients(zerosFor: changed)
    changed.sgdStep(
      velocities, velocities: &velocities, SGD(learningRate: 0.5, momentum: 0.5, weightDecay: 0.5), .first,
      PlainKernels())
    #expect(changed.norms.map(\.running) == before.norms.map(\.running))
    #expect(changed.norms[0].affine?.gamma == [0.75, 0.75, 0.75, 0.75])
    for i in before.linears.indices { #expect(changed.linears[i] != before.linears[i]) }
  }
}
