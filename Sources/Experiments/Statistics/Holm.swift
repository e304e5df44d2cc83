/// Holm's correction (1979): p-values of a family of tests, made such that comparing each with α keeps the chance of any false
/// rejection in the family below α, however the tests depend on one another.
public enum Holm {
  /// Adjusted p-values in the order given: of the k-th smallest of m, max over i ≤ k of min(1, (m − i + 1)·pᵢ). A NaN, of a test
  /// that could not be made, counts as 1.
  public static func adjusted(_ pValues: [Double]) -> [Double] {
    let known = pValues.map { $0.isNaN ? 1 : $0 }
    let order = known.indices.sorted { (known[$0], $0) < (known[$1], $1) }
    var adjusted = known
    var largest = 0.0
    for (i, index) in order.enumerated() {
      largest = max(largest, min(1, Double(known.count - i) * known[index]))
      adjusted[index] = largest
    }
    return adjusted
  }
}
