/// Holm's correction (1979) of the p-values of a family of tests: comparing each with α keeps the probability of any false
/// rejection in the family below α, for any dependence between the tests.
public enum Holm {
  /// Adjusted p-values in the order given: of the k-th smallest of m, max over i ≤ k of min(1, (m − i + 1)·pᵢ). A NaN (the test
  /// could not be computed) counts as 1.
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
