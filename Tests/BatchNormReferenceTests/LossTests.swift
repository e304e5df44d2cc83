import BatchNormReference
import ReproducibleMath
import Testing

/// ReLU and cross-entropy at the values where a careless formula fails.
struct LossTests {
  private let kernels = PlainKernels<Float>()

  @Test func `relu keeps NaN and turns minus zero into zero`() {
    let x: [Float] = [-.infinity, -1, -0x1p-149, -0.0, 0, 0x1p-149, 2, .infinity, .nan]
    var y = column([Float](repeating: 9, count: x.count))
    kernels.relu(column(x), into: &y)
    #expect(areIdentical(Array(y.elements.dropLast()), [0, 0, 0, 0, 0, 0x1p-149, 2, .infinity]))
    #expect(y.elements.last?.isNaN == true)
  }

  @Test func `the gradient of relu passes only above zero`() {
    let x: [Float] = [-.infinity, -1, -0.0, 0, 0x1p-149, 2, .infinity, .nan]
    var gradient = column([Float](repeating: 9, count: x.count))
    kernels.reluGradient(column(x), column((1...8).map { Float($0) }), into: &gradient)
    #expect(areIdentical(gradient.elements, [0, 0, 0, 0, 5, 6, 7, 0]))
  }

  private func crossEntropy(_ logits: Matrix<Float>, _ labels: [Int]) -> (losses: [Double], gradient: [Float]) {
    var losses = [Double](repeating: -1, count: logits.rows)
    var gradient = Matrix<Float>(rows: logits.rows, columns: logits.columns, repeating: 9)
    kernels.crossEntropy(logits, labels: labels, into: &losses, gradient: &gradient)
    return (losses, gradient.elements)
  }

  @Test func `huge logits neither overflow nor vanish`() {
    let row: [Float] = [1e4, -1e4, 0]
    let result = crossEntropy(Matrix(rows: 3, columns: 3, elements: row + row + row), [0, 1, 2])
    #expect(result.losses == [0, 2e4, 1e4])
    #expect(
      result.gradient.map { $0 * 3 }
        == [0, 0, 0] + [1, -1, 0] + [1, 0, -1].map { Float($0) })
    let low = crossEntropy(Matrix(rows: 1, columns: 2, elements: [-1e4, -1e4]), [1])
    #expect(low.losses == [Elementary.log(2)])
    #expect(low.gradient == [0.5, -0.5])
  }

  @Test func `equal logits give the logarithm of the number of classes`() {
    for value: Float in [0, 1e4, -1e4, 0.1] {
      let result = crossEntropy(Matrix(rows: 2, columns: 10, repeating: value), [3, 9])
      #expect(result.losses == [Elementary.log(10), Elementary.log(10)])
      #expect(result.gradient[0] == Float(0.1 / 2))
      #expect(result.gradient[3] == Float((0.1 - 1) / 2))
      #expect(result.gradient[19] == Float((0.1 - 1) / 2))
    }
  }

  @Test func `one class costs nothing`() {
    let result = crossEntropy(column([5]), [0])
    #expect(result.losses == [0])
    #expect(result.gradient == [0])
  }

  @Test func `a NaN logit spoils its own row and no other`() {
    for place in 0..<3 {
      var logits = Matrix<Float>(rows: 2, columns: 3, elements: spread(6, seed: 9))
      logits[0, place] = .nan
      let result = crossEntropy(logits, [0, 1])
      #expect(result.losses[0].isNaN && result.losses[1].isFinite)
      #expect(result.gradient[..<3].allSatisfy { $0.isNaN } && result.gradient[3...].allSatisfy { $0.isFinite })
    }
  }

  /// With v = 2⁻⁵³ the probabilities of C classes, quotients by their own computed sum, add up to 1 within (C + 1)·v; the
  /// subtraction of 1 and the division by N err by v each, of at most 2/N in all; then each element is rounded to `Float`.
  @Test func `the gradient of a row adds up to nothing but rounding`() {
    let (batch, classes) = (20, 10)
    let logits = (spread(batch * classes, seed: 10) as [Float]).map { 8 * $0 }
    let result = crossEntropy(Matrix(rows: batch, columns: classes, elements: logits), (0..<batch).map { $0 % classes })
    for n in 0..<batch {
      let row = result.gradient[(n * classes)..<((n + 1) * classes)]
      let size = row.reduce(0) { $0 + Double($1.magnitude) }
      let bound =
        Float.unitRoundoff * size * (1 + 0x1p-20) + 2 * Double(classes + 3) * Double.unitRoundoff / Double(batch)
      #expect(DoubleDouble.sum(of: row).magnitude <= DoubleDouble(bound))
      #expect(row[n * classes + n % classes] < 0)
    }
  }
}
