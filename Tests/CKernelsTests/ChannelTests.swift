import CKernels
import Testing

struct ChannelTests {
  @Test(arguments: Values.allCases)
  func `channels with a spatial extent reduce over the batch, then over space`(values: Values) {
    var samples = Samples(values)
    for shape in [
      ColumnSpecification(batch: 3, channels: 4, spatial: 5), ColumnSpecification(batch: 1, channels: 2, spatial: 7),
      ColumnSpecification(batch: 5, channels: 3, spatial: 1),
    ] {
      let (batch, channels, spatial) = (shape.batch, shape.channels, shape.spatial)
      let (x, dy) = (samples.array(shape.count), samples.array(shape.count))
      let (gamma, beta, running) = (samples.array(channels), samples.array(channels), samples.array(channels))
      let mean = shape.means(x)
      let variance = shape.variances(x, mean)
      let r = variance.map { 1 / ($0 + 1e-5).squareRoot() }
      let sums = shape.gradientSums(x, dy, mean, r)
      var wide = [[Double]](repeating: [Double](repeating: 0, count: channels), count: 2)
      var actual = (beta: wide[0], gamma: wide[0])
      var narrow = [[Float]](repeating: [Float](repeating: 0, count: shape.count), count: 4)
      forEachPart(of: channels, parts: 2) { begin, end in
        nc_channel_means(x, &wide[0], batch, channels, spatial, begin, end)
        nc_channel_variances(x, mean, &wide[1], batch, channels, spatial, begin, end)
        nc_channel_normalize_backward_sums(
          x, dy, mean, r, &actual.beta, &actual.gamma, batch, channels, spatial, begin, end)
        nc_channel_normalize(x, mean, r, gamma, beta, &narrow[0], batch, channels, spatial, begin, end)
        nc_channel_normalize_running(x, running, r, gamma, beta, &narrow[1], batch, channels, spatial, begin, end)
        nc_channel_normalize_backward(
          x, dy, mean, r, gamma, sums.beta, sums.gamma, &narrow[2], batch, channels, spatial, begin, end)
        nc_channel_normalize_running_backward(dy, r, gamma, &narrow[3], batch, channels, spatial, begin, end)
      }
      #expect(wide.map { bits($0) } == [bits(mean), bits(variance)], "\(shape)")
      #expect(bits(actual.beta) == bits(sums.beta) && bits(actual.gamma) == bits(sums.gamma), "\(shape)")
      let expected = [
        shape.normalized(x, mean, r, gamma, beta), shape.evaluated(x, running, r, gamma, beta),
        shape.gradient(x, dy, mean, r, gamma, sums), shape.evaluationGradient(dy, r, gamma),
      ]
      #expect(narrow.map { bits($0) } == expected.map { bits($0) }, "\(shape)")
    }
  }
}
