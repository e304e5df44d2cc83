import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

extension TextbookNorm {
  /// Mean and biased variance of one channel.
  func moments(_ x: [Element]) -> (mean: Element, variance: Element) {
    let m = Element(x.count)
    switch choices.sums {
    case .twoPasses:
      let mean = x.reduce(0, +) / m
      return (mean, x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / m)
    case .pairwise:
      let mean = pairwise(x[...]) / m
      return (mean, pairwise(x.map { ($0 - mean) * ($0 - mean) }[...]) / m)
    case .welford:
      var (mean, square) = (Element(0), Element(0))
      for (k, value) in x.enumerated() {
        let before = value - mean
        mean += before / Element(k + 1)
        square += before * (value - mean)
      }
      return (mean, square / m)
    }
  }

  private func pairwise(_ x: ArraySlice<Element>) -> Element {
    guard x.count > 8 else { return x.reduce(0, +) }
    let middle = x.startIndex + x.count / 2
    return pairwise(x[..<middle]) + pairwise(x[middle...])
  }

  /// The gradients in training mode, with the statistics of each channel; in evaluation mode if `moments` is nil.
  func gradients(
    _ call: GradientCall, _ moments: (([Element]) -> (mean: Element, variance: Element))?
  ) -> GradientAnswer {
    let layout = call.x.channelLayout
    var (gammas, betas) = ([Double](), [Double]())
    let input = (0..<layout.channels).map { c -> [Double] in
      let x = call.x.channel(c).map { Element($0) }
      let g = layout.gather(channel: c, of: call.gradientY).map { Element($0) }
      let stored = call.running.map { (mean: Element($0.mean[c]), variance: Element($0.variance[c])) }
      let (mean, variance) = moments?(x) ?? stored ?? (0, 1)
      let inverse = Element(1) / (variance + Element(call.epsilon)).squareRoot()
      let isByProducts = choices.backward == .products
      let normalized = x.map { isByProducts ? $0 * inverse - mean * inverse : ($0 - mean) * inverse }
      let sum = g.reduce(0, +)
      let product =
        isByProducts
        ? (zip(g, x).reduce(0) { $0 + $1.0 * $1.1 } - mean * sum) * inverse
        : zip(g, normalized).reduce(0) { $0 + $1.0 * $1.1 }
      gammas.append(Double(product))
      betas.append(Double(sum))
      let gamma = Element(call.affine?.gamma[c] ?? 1)
      guard moments != nil else { return g.map { Double(gamma * inverse * $0) } }
      let m = Element(x.count)
      switch choices.backward {
      case .oneFormula, .products:
        return zip(g, normalized).map { Double(gamma * inverse * ($0 - sum / m - $1 * (product / m))) }
      case .chainRule, .fullChainRule:
        let ofNormalized = g.map { $0 * gamma }
        let ofVariance =
          zip(ofNormalized, x).reduce(0) { $0 + $1.0 * ($1.1 - mean) } * (-inverse * inverse * inverse / 2)
        var ofMean = -ofNormalized.reduce(0, +) * inverse
        if choices.backward == .fullChainRule { ofMean += ofVariance * (-2 / m) * x.reduce(0) { $0 + ($1 - mean) } }
        return zip(ofNormalized, x).map { Double($0 * inverse + ofVariance * 2 * ($1 - mean) / m + ofMean / m) }
      }
    }
    return GradientAnswer(
      gradientX: layout.scatter(input),
      gradientAffine: call.affine == nil ? nil : Affine<Double>(gamma: gammas, beta: betas))
  }
}

extension CorrectSubjects {
  /// Right code as people write it, in both types.
  static let people: [CorrectSubject] = textbooks(Float.self) + textbooks(Double.self)

  private static func textbooks<Element: Scalar & BinaryFloatingPoint>(_ type: Element.Type) -> [CorrectSubject] {
    func make(
      _ name: String, _ arrangement: String, _ change: (inout TextbookNorm<Element>.Choices) -> Void = { _ in }
    ) -> CorrectSubject {
      CorrectSubject(subject: TextbookNorm<Element>(name, change), arrangement: arrangement)
    }
    return [
      make("textbook", "running = (1 − p)·running + p·batch, all in the element type"),
      make("textbook-interpolated", "running + p·(batch − running)") { $0.update = .interpolated },
      make("textbook-welford", "Welford's recurrence, an empty batch gives NaN") {
        ($0.sums, $0.emptyBatch) = (.welford, .nan)
      },
      make("textbook-pairwise", "halves added recursively, dx by the chain rule, an empty batch gives an empty y") {
        ($0.sums, $0.backward, $0.emptyBatch) = (.pairwise, .chainRule, .empty)
      },
      make("textbook-onnx", "biased, momentum weighs the old, m = 1 gives β, no cumulative mean") {
        ($0.estimate, $0.update, $0.batchOfOne) = (.biased, .weightOfOld, .beta)
        $0.isCumulativeOffered = false
      },
      make("textbook-folded", "y = αx + (β − αμ)") { $0.lastStep = .folded },
      make("textbook-input", "m = 1 gives x") { $0.batchOfOne = .input },
      make("textbook-untracked-beta", "m = 1 is refused while tracking, else gives β") {
        $0.batchOfOne = .errorWhenTracking
      },
    ]
  }
}
