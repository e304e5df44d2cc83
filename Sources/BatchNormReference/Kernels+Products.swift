public import ReproducibleMath

extension Kernels {
  /// y[n,j] = b[j] + Σ_k x[n,k]·W[k,j], a chain over k started at b[j].
  ///
  /// Error of a chain of K terms: |y − exact| ≤ γ_K·(|b[j]| + Σ|x·W|), γ_K = K·u/(1 − K·u) (Higham 2002, §3.1).
  @inlinable
  public func affine(_ x: Matrix<Element>, weight: Matrix<Element>, bias: [Element], into y: inout Matrix<Element>) {
    for n in 0..<x.rows {
      for j in 0..<weight.columns {
        var sum = bias[j]
        for k in 0..<x.columns { sum = sum.addingProduct(x[n, k], weight[k, j]) }
        y[n, j] = sum
      }
    }
  }

  /// dW[k,j] = Σ_n x[n,k]·dy[n,j], a chain over n started at 0.
  @inlinable
  public func weightGradient(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, into gradient: inout Matrix<Element>
  ) {
    for k in 0..<x.columns {
      for j in 0..<gradientY.columns {
        var sum: Element = 0
        for n in 0..<x.rows { sum = sum.addingProduct(x[n, k], gradientY[n, j]) }
        gradient[k, j] = sum
      }
    }
  }

  /// dx[n,k] = Σ_j dy[n,j]·W[k,j], a chain over j started at 0.
  @inlinable
  public func inputGradient(
    _ gradientY: Matrix<Element>, weight: Matrix<Element>, into gradient: inout Matrix<Element>
  ) {
    for n in 0..<gradientY.rows {
      for k in 0..<weight.rows {
        var sum: Element = 0
        for j in 0..<weight.columns { sum = sum.addingProduct(gradientY[n, j], weight[k, j]) }
        gradient[n, k] = sum
      }
    }
  }

  /// db[j] = Σ_n dy[n,j], a wide sum rounded once.
  @inlinable
  public func biasGradient(_ gradientY: Matrix<Element>, into gradient: inout [Element]) {
    for j in 0..<gradientY.columns {
      var sum = 0.0
      for n in 0..<gradientY.rows { sum += gradientY[n, j].widened }
      gradient[j] = Element(sum)
    }
  }
}
