import BatchNormReference
import BatchNormTesting
import NormLaws
import ReferenceSubjects
import ReproducibleMath

private func kernels(
  _ id: String, wrong: String, right: String, by input: String, killers: [String],
  _ mutation: @escaping @Sendable (inout MutatedKernels) -> Void
) -> Mutant {
  Mutant(id, .network, wrong: wrong, right: right, distinguishedBy: input, killers: killers) { _, _ in
    .network(KernelNetwork(MutatedKernels(id, mutation), name: id))
  }
}

/// A network with a bug in a step of its batch normalization.
private func norm(
  _ id: String, wrong: String, right: String, by input: String, killers: [String],
  _ mutation: @escaping @Sendable (inout NormSteps) -> Void
) -> Mutant {
  Mutant(id, .network, wrong: wrong, right: right, distinguishedBy: input, killers: killers) { _, _ in
    .network(stepNetwork(id, mutation))
  }
}

/// Bugs in the kernels of a network.
let networkKernelMutants: [Mutant] = [
  kernels(
    "M-NET-07", wrong: "log Σexp(z) without subtracting the maximum", right: "subtracted first",
    by: "logits [10⁴, 0]", killers: ["NET-06"]
  ) {
    $0.loss = { logits, labels, losses, _ in
      for n in labels.indices {
        let sum = (0..<logits.columns).reduce(0) { $0 + Elementary.exp(Double(logits[n, $1])) }
        losses[n] = Elementary.log(sum) - Double(logits[n, labels[n]])
      }
    }
  },
  kernels(
    "M-NET-07b", wrong: "the gradient of the sum of losses", right: "of their mean", by: "two samples",
    killers: ["NET-09", "NET-01"]
  ) {
    $0.loss = { _, labels, _, gradient in gradient.change { _, _, old in old * Float(labels.count) } }
  },
  kernels(
    "M-NET-09", wrong: "ReLU's gradient passes at 0", right: "where x > 0",
    by: "a pre-activation of 0",
    killers: ["NET-12"]
  ) { $0.passes = { $0 >= 0 } },
  kernels(
    "M-NET-09b", wrong: "ReLU's gradient passes everywhere", right: "where x > 0",
    by: "a negative pre-activation", killers: ["NET-12", "NET-01"]
  ) { $0.passes = { _ in true } },
  kernels(
    "M-NET-17", wrong: "the last term of a chain is left out where K mod 8 = 7", right: "all K terms",
    by: "K = 7", killers: ["LIN-01", "DET-01"]
  ) {
    $0.product = { x, weight, _, y in
      guard x.columns % 8 == 7 else { return }
      let k = x.columns - 1
      y.change { n, j, old in old - x[n, k] * weight[k, j] }
    }
  },
  kernels("M-NET-18", wrong: "chains added in Double", right: "fma in Float", by: "two terms", killers: ["DET-01"]) {
    $0.product = { x, weight, bias, y in
      y.change { n, j, _ in
        Float((0..<x.columns).reduce(Double(bias[j])) { $0 + Double(x[n, $1]) * Double(weight[$1, j]) })
      }
    }
  },
  kernels(
    "M-NET-19", wrong: "chains in descending order", right: "ascending", by: "three terms",
    killers: ["DET-01"]
  ) {
    $0.product = { x, weight, bias, y in
      y.change { n, j, _ in
        (0..<x.columns).reversed().reduce(bias[j]) { $0.addingProduct(x[n, $1], weight[$1, j]) }
      }
    }
  },
  kernels(
    "M-NET-20", wrong: "gradient softmax/N", right: "(softmax − [label])/N", by: "one sample",
    killers: ["NET-05", "NET-09"]
  ) {
    $0.loss = { _, labels, _, gradient in
      for n in labels.indices { gradient[n, labels[n]] += 1 / Float(labels.count) }
    }
  },
  kernels(
    "M-NET-21", wrong: "divided by the classes", right: "by the samples",
    by: "one sample, two classes",
    killers: ["NET-09", "NET-01"]
  ) {
    $0.loss = { logits, labels, _, gradient in
      gradient.change { _, _, old in old * (Float(labels.count) / Float(logits.columns)) }
    }
  },
  kernels(
    "M-NET-22", wrong: "the loss of the next class", right: "of the label", by: "logits [0, 1]",
    killers: ["NET-06", "NET-09"]
  ) {
    $0.loss = { logits, labels, losses, _ in
      for n in labels.indices {
        losses[n] += Double(logits[n, labels[n]]) - Double(logits[n, (labels[n] + 1) % logits.columns])
      }
    }
  },
  kernels("M-NET-23", wrong: "xW", right: "xW + b", by: "b = 1", killers: ["LIN-01", "NET-09"]) {
    $0.product = { _, _, bias, y in y.change { _, j, old in old - bias[j] } }
  },
  kernels(
    "M-NET-24", wrong: "the last column is not computed", right: "all columns", by: "two outputs",
    killers: ["LIN-01", "NET-09"]
  ) {
    $0.product = { _, _, _, y in
      guard y.columns > 1 else { return }
      for n in 0..<y.rows { y[n, y.columns - 1] = y[n, y.columns - 2] }
    }
  },
  kernels(
    "M-NET-25", wrong: "dW without the last sample", right: "all samples", by: "one sample",
    killers: ["LIN-01", "NET-09"]
  ) {
    $0.weights = { x, gradientY, gradient in
      let n = x.rows - 1
      gradient.change { k, j, old in old - x[n, k] * gradientY[n, j] }
    }
  },
  kernels(
    "M-NET-26", wrong: "max(x, x/100)", right: "max(x, 0)", by: "x = −1", killers: ["NET-09", "NET-12"]
  ) { $0.activation = { x, y in x < 0 ? 0.01 * x : y } },
  norm(
    "M-NET-27", wrong: "dx = γ·r·g in the network's batch normalization", right: "with both means",
    by: "two samples", killers: ["NET-01", "NET-09"]
  ) { $0.gradient = { $0.gamma * $0.inverse * $0.g } },
  norm(
    "M-NET-28", wrong: "mean taken as 0 in the network's batch normalization", right: "Σx/m",
    by: "two samples", killers: ["NET-09"]
  ) { $0.mean = { _ in 0 } },
  kernels(
    "M-NET-29", wrong: "losses rounded to Float", right: "kept in Double", by: "one sample",
    killers: ["DET-01", "NET-06"]
  ) { $0.loss = { _, _, losses, _ in losses = losses.map { Double(Float($0)) } } },
]
