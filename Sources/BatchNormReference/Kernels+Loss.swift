public import ReproducibleMath

extension Kernels {
  /// y = max(x, 0); NaN stays NaN and −0 becomes +0.
  @inlinable
  public func relu(_ x: Matrix<Element>, into y: inout Matrix<Element>) {
    for i in x.elements.indices {
      let value = x.elements[i]
      y.elements[i] = value <= 0 ? 0 : value
    }
  }

  /// dx = dy where x > 0, else 0 (also where x is 0 or NaN). x is the input of `relu`.
  @inlinable
  public func reluGradient(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, into gradient: inout Matrix<Element>
  ) {
    for i in x.elements.indices { gradient.elements[i] = x.elements[i] > 0 ? gradientY.elements[i] : 0 }
  }

  /// The loss −log softmax(logits)[label] of each sample in `Double`, and the gradient of their mean.
  ///
  /// z = x − max(x); e = exp(z); S = Σ e, class ascending; loss = log S − z[label];
  /// gradient = ((e/S) − [label])/batch, rounded once. exp and log are the package's own, within 1 ulp.
  /// - Parameter labels: the class of each row, in 0..<classes.
  @inlinable
  public func crossEntropy(
    _ logits: Matrix<Element>, labels: [Int], into losses: inout [Double], gradient: inout Matrix<Element>
  ) {
    let (batch, classes) = (logits.rows, logits.columns)
    for n in 0..<batch {
      var largest = logits[n, 0].widened
      for j in 1..<max(classes, 1) { largest = Swift.max(largest, logits[n, j].widened) }
      var sum = 0.0
      for j in 0..<classes { sum += Elementary.exp(logits[n, j].widened - largest) }
      losses[n] = Elementary.log(sum) - (logits[n, labels[n]].widened - largest)
      for j in 0..<classes {
        let probability = Elementary.exp(logits[n, j].widened - largest) / sum
        gradient[n, j] = Element((probability - (j == labels[n] ? 1 : 0)) / Double(batch))
      }
    }
  }
}
