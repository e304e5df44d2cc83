import BatchNormReference
import BatchNormTesting
import Datasets
import ReferenceSubjects
import ReproducibleMath
import TrainingEngine

/// The inputs of one test by name, in the types that subjects take.
struct VectorInputs {
  private let values: [String: VectorValue]
  private let place: String

  init(_ fields: [VectorField], of place: String) {
    // Names are unique: the decoder says so.
    values = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
    self.place = place
  }

  private func error(_ name: String, _ kind: String) -> FixtureError { FixtureError("\(place): \(name) is no \(kind)") }

  func tensor(_ name: String) throws(FixtureError) -> VectorTensor {
    guard case .tensor(let tensor) = values[name] else { throw error(name, "tensor") }
    return tensor
  }

  /// A tensor of two to four axes.
  func batch(_ name: String) throws(FixtureError) -> Tensor {
    let tensor = try tensor(name)
    guard (2...4).contains(tensor.shape.count) else { throw error(name, "tensor of two to four axes") }
    return Tensor(shape: tensor.shape, values: tensor.values)
  }

  /// nil where the test says null.
  func row(_ name: String) throws(FixtureError) -> [Double]? {
    if case .absent = values[name] { return nil }
    return try tensor(name).values
  }

  func number(_ name: String) throws(FixtureError) -> Double {
    guard case .number(let value) = values[name] else { throw error(name, "number") }
    return value
  }

  func optionalNumber(_ name: String) throws(FixtureError) -> Double? {
    if case .absent = values[name] { return nil }
    return try number(name)
  }

  func integer(_ name: String) throws(FixtureError) -> Int {
    guard case .integer(let value) = values[name] else { throw error(name, "integer") }
    return value
  }

  func integers(_ name: String) throws(FixtureError) -> [Int] {
    guard case .integers(let values) = values[name] else { throw error(name, "list of integers") }
    return values
  }

  func text(_ name: String) throws(FixtureError) -> String {
    guard case .text(let text) = values[name] else { throw error(name, "text") }
    return text
  }

  func calls(_ name: String) throws(FixtureError) -> [VectorInputs] {
    guard case .calls(let calls) = values[name] else { throw error(name, "list of calls") }
    return calls.map { VectorInputs($0, of: place) }
  }

  func fields(_ name: String) throws(FixtureError) -> [VectorField] {
    guard case .fields(let fields) = values[name] else { throw error(name, "object") }
    return fields
  }
}

extension VectorInputs {
  /// A tensor of so many values.
  func values(_ name: String, count: Int) throws(FixtureError) -> [Double] {
    let values = try tensor(name).values
    guard values.count == count else { throw error(name, "tensor of \(count) values") }
    return values
  }

  func matrix(_ name: String) throws(FixtureError) -> VectorTensor {
    let tensor = try tensor(name)
    guard tensor.shape.count == 2, !tensor.values.isEmpty else { throw error(name, "matrix") }
    return tensor
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(FixtureError) -> Int {
    let value = try integer(name)
    guard range.contains(value) else { throw error(name, "integer from \(range.lowerBound) to \(range.upperBound)") }
    return value
  }

  func labels(_ count: Int, below classes: Int) throws(FixtureError) -> [Int] {
    let labels = try integers("labels")
    guard labels.count == count, labels.allSatisfy({ (0..<classes).contains($0) }) else {
      throw error("labels", "list of \(count) labels below \(classes)")
    }
    return labels
  }

  func affine(_ channels: Int) throws(FixtureError) -> Affine<Double>? {
    guard let gamma = try row("gamma"), let beta = try row("beta") else { return nil }
    guard gamma.count == channels, beta.count == channels else { throw error("gamma or beta", "value a channel") }
    return Affine<Double>(gamma: gamma, beta: beta)
  }

  func running(_ channels: Int) throws(FixtureError) -> RunningStatistics<Double>? {
    guard let mean = try row("running_mean"), let variance = try row("running_var") else { return nil }
    guard mean.count == channels, variance.count == channels else {
      throw error("running_mean or running_var", "value a channel")
    }
    let tracked = values["batches_tracked"] == nil ? 0 : try integer("batches_tracked", in: 0...1_000_000)
    return RunningStatistics<Double>(mean: mean, variance: variance, batchesTracked: tracked)
  }

  func knownRunning(_ channels: Int) throws(FixtureError) -> RunningStatistics<Double> {
    guard let running = try running(channels) else { throw error("running_mean", "value a channel") }
    return running
  }

  func seed() throws(FixtureError) -> UInt64 { UInt64(try integer("seed", in: 0...Int(UInt32.max))) }

  func shape() throws(FixtureError) -> NetworkShape {
    let widths = try integers("widths")
    guard (2...16).contains(widths.count), widths.allSatisfy({ (1...1024).contains($0) }) else {
      throw error("widths", "list of 2 to 16 widths from 1 to 1024")
    }
    return NetworkShape(widths: widths, try text("normalization") == "batch_norm" ? .batchNorm : .none)
  }

  /// x of the network's width with a label for each sample.
  func networkBatch() throws(FixtureError) -> (x: [Double], labels: [Int]) {
    let (x, widths) = (try matrix("x"), try shape().widths)
    guard x.shape[1] == widths[0] else { throw error("x", "batch of \(widths[0]) inputs") }
    return (x.values, try labels(x.shape[0], below: widths[widths.count - 1]))
  }

  /// The arrays that a network of the shape has, each of its size.
  func state() throws(FixtureError) -> NetworkState {
    let (shape, given) = (try shape(), VectorInputs(try fields("state"), of: "\(place), state"))
    var arrays: [NetworkState.Array] = []
    func take(_ name: String, _ count: Int) throws(FixtureError) {
      arrays.append(.init(name: name, values: try given.values(name, count: count)))
    }
    for i in 1..<shape.widths.count {
      try take("fc\(i).weight", shape.widths[i - 1] * shape.widths[i])
      try take("fc\(i).bias", shape.widths[i])
      guard shape.normalization == .batchNorm, i < shape.widths.count - 1 else { continue }
      for name in ["weight", "bias", "running_mean", "running_var"] { try take("bn\(i).\(name)", shape.widths[i]) }
    }
    let counters = try integers("batch_counters")
    guard counters.count == (shape.normalization == .batchNorm ? shape.widths.count - 2 : 0) else {
      throw error("batch_counters", "count a normalization")
    }
    return NetworkState(shape: shape, arrays: arrays, batchCounters: counters, epsilon: try number("epsilon"))
  }

  func rule() throws(FixtureError) -> SGD<Float> {
    let inputs = VectorInputs(try fields("rule"), of: "\(place), rule")
    return SGD(
      learningRate: Float(try inputs.number("learning_rate")), momentum: Float(try inputs.number("momentum")),
      weightDecay: Float(try inputs.number("weight_decay")),
      direction: try inputs.text("direction") == "nesterov" ? .nesterov : .classical)
  }

  func images(_ pixels: String, _ labels: String) throws(FixtureError) -> LabelledImages {
    let (rows, columns) = (try integer("rows"), try integer("columns"))
    let (values, classes) = (try integers(pixels), try integers(labels))
    guard
      (1...64).contains(rows), (1...64).contains(columns), values.count == rows * columns * classes.count,
      values.allSatisfy({ (0...255).contains($0) }), classes.allSatisfy({ (0...9).contains($0) })
    else { throw error(pixels, "set of images with their labels") }
    return LabelledImages(
      rows: rows, columns: columns, pixels: values.map { UInt8($0) }, labels: classes.map { UInt8($0) })
  }

  func configuration() throws(FixtureError) -> RunConfiguration {
    RunConfiguration(
      shape: try shape(), batchSize: try integer("batch_size"), rule: try rule(), seed: try seed(),
      dataset: "vectors")
  }
}
