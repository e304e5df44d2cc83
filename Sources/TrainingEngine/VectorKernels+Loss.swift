public import BatchNormReference
import CKernels
public import ReproducibleMath

extension VectorKernels {
  /// As the plain step, but e = exp(z) is evaluated once for loss and gradient, a row at a time; rows are dealt to the team.
  public func crossEntropy(
    _ logits: Matrix<Float>, labels: [Int], into losses: inout [Double], gradient: inout Matrix<Float>
  ) {
    let (batch, classes) = (logits.rows, logits.columns)
    precondition(labels.count == batch && losses.count == batch && gradient.rows == batch, "one label a row")
    precondition(gradient.columns == classes && labels.allSatisfy { (0..<classes).contains($0) }, "labels are classes")
    func fill(losses: UnsafeMutablePointer<Double>, gradient: UnsafeMutablePointer<Float>) {
      team.splitRows(batch) { begin, end in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: classes) { powers in
          for n in begin..<end {
            losses[n] = softmax(logits, n, labels[n], powers, gradient + n * classes)
          }
        }
      }
    }
    fill(losses: &losses, gradient: &gradient.elements)
  }

  /// The loss of row n; `gradient` is the row's.
  private func softmax(
    _ logits: Matrix<Float>, _ n: Int, _ label: Int, _ powers: UnsafeMutableBufferPointer<Double>,
    _ gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    let batch = Double(logits.rows)
    var largest = Double(logits[n, 0])
    for j in powers.indices.dropFirst() { largest = Swift.max(largest, Double(logits[n, j])) }
    for j in powers.indices { powers[j] = Double(logits[n, j]) - largest }
    exponentiate(powers)
    var sum = 0.0
    for power in powers { sum += power }
    for j in powers.indices { gradient[j] = Float((powers[j] / sum - (j == label ? 1 : 0)) / batch) }
    return Elementary.log(sum) - (Double(logits[n, label]) - largest)
  }

  /// z ← exp(z), in vectors where no result is subnormal.
  private func exponentiate(_ z: UnsafeMutableBufferPointer<Double>) {
    if z.allSatisfy({ $0 >= -700 }) {
      nc_exponentials(variant, z.baseAddress!, Elementary.exponentialTable, z.count)
    } else {
      for j in z.indices { z[j] = Elementary.exp(z[j]) }
    }
  }
}
