import BatchNormTesting
import PropertyTesting

/// EVA-02. What makes a model deployable: the answer for a sample is the sample's own.
///
/// The companions are of any size and not always finite; the sample is asked alone, first in its batch, and among them.
let samplesAreIndependent = Law(
  "EVA-02", "a sample's y does not depend on the batch it comes in",
  formula: "y(x alone) = y(x at any position of any batch), bit for bit",
  catches: "batch statistics in evaluation, rounding that depends on the position or the batch size",
  .norm(needs: [.forwardEvaluation]) { source, subject in
    let series = try source.series(subject.profile, count: 1, least: 1, most: 257)
    let batch = series.batches[0]
    let width = batch.shape.dropFirst().reduce(1, *)
    let row = try source.integer(in: 0...batch.shape[0] - 1)
    let companions = try source.floats(count: try source.size(in: 0...40), .logUniform(1e-6...1e6))
    let intruder = try source.element(of: [1, 1e30, .nan, .infinity])
    let position = try source.integer(in: 0...companions.count)
    var judgement = Judgement(series.type) {
      series.text + "; sample \(row), alone and as sample \(position) of \(companions.count + 1)"
    }

    let sample = batch.values[row * width..<(row + 1) * width]
    var rows = companions.map { Array(repeating: series.type.rounded($0 * intruder), count: width) }
    rows.insert(Array(sample), at: position)
    func evaluate(_ values: [Double]) throws -> [Double] {
      var call = series.evaluationCall(0)
      call.x = Tensor(shape: [values.count / width] + batch.shape.dropFirst(), values: values)
      return try subject.forwardEvaluation(call)
    }
    func expect(_ name: String, _ y: [Double], at n: Int, count: Int, _ expected: [Double]) {
      guard y.count == count * width else { return judgement.expect(false, "y has the wrong count") }
      judgement.expectIdentical(
        name, Array(y[n * width..<(n + 1) * width]), expected, level: subject.profile.levelOfBatchInvariance
      ) { bounds[$0] }
    }
    let alone = try evaluate(Array(sample))
    let bounds = BitBounds(
      evaluating: Tensor(shape: [1] + batch.shape.dropFirst(), values: Array(sample)), series, subject.profile)
    expect("y in its batch", try evaluate(batch.values), at: row, count: batch.shape[0], alone)
    expect("y among others", try evaluate(rows.flatMap { $0 }), at: position, count: rows.count, alone)
    return judgement.outcome
  })
