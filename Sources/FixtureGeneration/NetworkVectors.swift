import BatchNormReference
import BatchNormTesting
import NetworkLaws
import NormLaws
import Oracles
import ReproducibleMath
import Vectors

/// The parts of a network and of its training loop, each alone, and whole passes and steps.
func networkVectors() throws -> VectorFile {
  VectorFile(
    algorithm: """
      linear layers, batch normalization before ReLU, cross-entropy (mean over the batch), descent with momentum; \
      weights [inputs, outputs]
      """,
    groups: [
      try lossGroup(), try linearGroup(), sgdGroup(), try passGroup(), try stepGroup(), try foldGroup(),
      try streamGroup(.initialState), try streamGroup(.epochOrders), try bitsGroup(.crossEntropy, lossInputs),
      try bitsGroup(.linear, linearInputs), try bitsGroup(.pass, passCases.map { ($0.comment, $0.inputs) }),
    ])
}

// MARK: Cross-entropy

private let lossInputs: [(comment: String, inputs: [VectorField])] = [
  ("two samples of two classes", [0, 1, 2, -1], 2, [0, 1]),
  ("one sample of three classes, not the first", [0.5, -0.25, 2], 3, [1]),
  ("logits of 10,000: exp without the maximum overflows", [1e4, 0, 0], 3, [0]),
  ("logits of −10,000: the label's probability underflows", [-1e4, 0, 0], 3, [0]),
  ("equal logits", [7, 7, 7, 7], 4, [2]),
  ("an infinite logit below", [1, -.infinity, 0], 3, [0]),
  ("three samples of five classes", exact((0..<15).map { Double($0 * 7 % 11) / 3 - 1.5 }), 5, [4, 0, 2]),
].map { (comment: String, logits: [Double], classes: Int, labels: [Int]) in
  (
    comment,
    [
      VectorField("logits", .tensor(VectorTensor(shape: [labels.count, classes], logits))),
      VectorField("labels", .integers(labels)),
    ]
  )
}

/// Bounds of NET-06: K + 4 roundings of the loss's size; of a probability K + 2, and 2 of p − [label].
private func lossGroup() throws -> VectorGroup {
  var series = VectorSeries("loss")
  return VectorGroup(
    .crossEntropy,
    tests: lossInputs.compactMap { comment, inputs in
      guard case .tensor(let logits) = inputs[0].value, case .integers(let labels) = inputs[1].value else { return nil }
      let (classes, batch) = (logits.shape[1], Double(labels.count))
      var (losses, gradient) = (ExpectedValues(networkProfiles), ExpectedValues(networkProfiles))
      for (n, label) in labels.enumerated() {
        let row = Array(logits.values[(n * classes)..<((n + 1) * classes)])
        let (loss, spread) = exactCrossEntropy(row, label: label)
        losses.add(loss) { (Double(classes) + 4) * $0.networkRoundoff * (1 + min(spread, 1 + abs(loss))) }
        let top = row.max() ?? 0
        let total = row.reduce(0) { $0 + Elementary.exp($1 - top) }
        for (j, z) in row.enumerated() {
          let p = Elementary.exp(z - top) / total
          let value = p - (j == label ? 1 : 0)
          gradient.add(value / batch) { profile in
            let u = profile.networkRoundoff
            // An error of u in z − max moves a probability by |z − max| of it.
            let spread = p == 0 ? 0 : p * abs(z - top)
            return (2 * abs(value) + (Double(classes) + 2) * p + spread) * u / batch
              + profile.elementType.leastNonzeroMagnitude
          }
        }
      }
      return series.test(
        comment, ["Loss"], inputs: inputs,
        outputs: [losses.output("losses"), gradient.output("gradient", shape: logits.shape)])
    })
}

// MARK: Linear layers

private let linearInputs: [(comment: String, inputs: [VectorField])] = [
  ("2 samples, 7 inputs, 3 outputs: no multiple of a tile", 2, 7, 3),
  ("one of each", 1, 1, 1),
  ("5 samples, 9 inputs, 17 outputs", 5, 9, 17),
].map { (comment: String, batch: Int, inputs: Int, outputs: Int) in
  (
    comment,
    [
      VectorField("x", .tensor(VectorTensor(shape: [batch, inputs], thirds(batch * inputs)))),
      VectorField("weight", .tensor(VectorTensor(shape: [inputs, outputs], thirds(inputs * outputs, by: 3)))),
      VectorField("bias", .row(thirds(outputs, by: 2))),
      VectorField("dy", .tensor(VectorTensor(shape: [batch, outputs], thirds(batch * outputs, by: 4)))),
    ]
  )
}

/// Bound per element: (K + 1)u(|b| + Σ|a||b|) for K terms in any order, γ_{K+1} being below 1.01 times that (Higham 2002, §3.1).
private func linearGroup() throws -> VectorGroup {
  var series = VectorSeries("linear")
  return VectorGroup(
    .linear,
    tests: try linearInputs.compactMap { comment, inputs in
      guard case .tensor(let x) = inputs[0].value, case .tensor(let weight) = inputs[1].value,
        case .tensor(let bias) = inputs[2].value, case .tensor(let dy) = inputs[3].value
      else { return nil }
      let (batch, features, outputs) = (x.shape[0], x.shape[1], weight.shape[1])
      let biases = (0..<batch).flatMap { _ in bias.values }
      let ones = [Double](repeating: 1, count: batch)
      func product(
        _ name: String, _ shape: [Int], _ a: [Double], _ p: MatrixProduct.Operation, _ b: [Double],
        _ q: MatrixProduct.Operation, inner: Int, initial: [Double]? = nil
      ) throws -> VectorOutput {
        let (rows, columns) = shape.count == 2 ? (shape[0], shape[1]) : (1, shape[0])
        let exact = try MatrixProduct(
          left: a, p, right: b, q, rows: rows, inner: inner, columns: columns, initial: initial
        ).doubleDouble()
        let sizes = try MatrixProduct(
          left: a.map(abs), p, right: b.map(abs), q, rows: rows, inner: inner, columns: columns,
          initial: initial?.map(abs)
        ).doubleDouble()
        var values = ExpectedValues(networkProfiles)
        for (value, size) in zip(exact, sizes) {
          values.add(value) { 1.01 * Double(inner + 1) * $0.elementType.unitRoundoff * (size.value + size.bound) }
        }
        return values.output(name, shape: shape)
      }
      return series.test(
        comment, ["Linear"], inputs: inputs,
        outputs: [
          try product(
            "y", [batch, outputs], x.values, .asStored, weight.values, .asStored, inner: features, initial: biases),
          try product("dweight", [features, outputs], x.values, .transposed, dy.values, .asStored, inner: batch),
          try product("dx", [batch, features], dy.values, .asStored, weight.values, .transposed, inner: outputs),
          try product("dbias", [outputs], ones, .asStored, dy.values, .asStored, inner: batch),
        ])
    })
}

// MARK: Descent

private func sgdGroup() -> VectorGroup {
  var series = VectorSeries("descent")
  let gradients: [[Double]] = [[1, -0.5], [0.5, 0.25], [0.25, 3], [-2, 0.125]]
  let parameters = [1.0, -2]
  let cases: [(String, SGD<Float>)] = [
    ("momentum ½", SGD(learningRate: 0.5, momentum: 0.5)),
    ("no momentum", SGD(learningRate: 0.5)),
    ("momentum 0.9, rate 0.01: the seed experiment's", SGD(learningRate: 0.01, momentum: 0.9)),
    ("decay", SGD(learningRate: 0.5, momentum: 0.5, weightDecay: 0.25)),
    ("decay without momentum", SGD(learningRate: 0.125, weightDecay: 0.5)),
    ("Nesterov", SGD(learningRate: 0.5, momentum: 0.5, direction: .nesterov)),
    (
      "Nesterov with decay",
      SGD(learningRate: 0.25, momentum: 0.75, weightDecay: 0.125, direction: .nesterov)
    ),
  ]
  return VectorGroup(
    .descent,
    tests: cases.map { comment, rule in
      var values = ExpectedValues(networkProfiles)
      let float64 = parameters.indices.map { i in
        sgdPath(from: parameters[i], gradients.map { $0[i] }, rule, u: 0x1p-52)
      }
      let float32 = parameters.indices.map { i in
        sgdPath(from: parameters[i], gradients.map { $0[i] }, rule, u: 0x1p-24 + 0x1p-53)
      }
      for t in gradients.indices {
        for i in parameters.indices {
          values.add(float64[i][t].value) { ($0 == .float64 ? float64 : float32)[i][t].error }
        }
      }
      let shape = [gradients.count, parameters.count]
      return series.test(
        comment, ["Descent"],
        inputs: [
          VectorField("parameters", .row(parameters)),
          VectorField("gradients", .tensor(VectorTensor(shape: shape, gradients.flatMap { $0 }))),
          ruleField(rule),
        ], outputs: [values.output("parameters", shape: shape)])
    })
}

// MARK: What the random stream gives

/// The stream is PyTorch's (numerics of this package, checked there against recorded weights); its bits are a convention.
private func streamGroup(_ operation: VectorOperation) throws -> VectorGroup {
  let shapes: [(widths: [Int], normalization: String, seed: Int)] = [
    ([4, 3, 10], "batch_norm", 3), ([4, 3, 10], "none", 3), ([2, 5, 4, 3], "batch_norm", 0),
    ([3, 2], "none", 4_294_967_295),
  ]
  return try bitsGroup(
    operation,
    shapes.map { widths, normalization, seed in
      var inputs = [
        VectorField("widths", .integers(widths)), VectorField("normalization", .text(normalization)),
        VectorField("seed", .integer(seed)),
      ]
      if operation == .epochOrders {
        inputs += [VectorField("count", .integer(7)), VectorField("epochs", .integer(2))]
      }
      return ("\(widths.map(String.init).joined(separator: "-")), \(normalization), seed \(seed)", inputs)
    })
}
