import BatchNormTesting
import NormLaws
import Oracles
import PropertyTesting
import ReferenceSubjects

/// LIN-01. Products by `gsl_blas_dgemm` in `Double`, whose own bound is added.
///
/// Bound per element, K the terms of its own sum: γ_{K+1}(|b| + Σ|a||b|), γ_n = nu/(1 − nu), for any order of summation, with or
/// without fma (Higham 2002, §3.1).
let linearAgreesWithProduct = Law(
  "LIN-01", "a linear layer and its gradients agree with matrix products",
  formula: "y = xW + b, dW = xᵀdy, dx = dy·Wᵀ, db = Σdy; |error| ≤ γ_{K+1}Σ|a||b|",
  catches: "a transposed operand, a tile's edge left out or taken twice, a bias left out",
  .network { source, subject in
    let type = subject.elementType
    var extents: [Int] = []
    for _ in 0..<3 {
      extents.append(try source.oneOf([{ try $0.integer(in: 1...6) }, { try $0.element(of: [7, 8, 9, 15, 17, 33]) }]))
    }
    let (batch, inputs, outputs) = (extents[0], extents[1], extents[2])
    let range = FloatRange.uniform(-2...2)
    let x = try source.floats(count: batch * inputs, range).map(type.rounded)
    let weight = try source.floats(count: inputs * outputs, range).map(type.rounded)
    let bias = try source.floats(count: outputs, range).map(type.rounded)
    let gradient = try source.floats(count: batch * outputs, range).map(type.rounded)
    let call = LinearCall(
      batch: batch, inputs: inputs, outputs: outputs, x: x, weight: weight, bias: bias, gradientY: gradient)
    let answer = subject.linear(call)
    var judgement = Judgement(type) {
      "x \([batch, inputs]) \(list(x)), W \([inputs, outputs]) \(list(weight)), b \(list(bias)), g \(list(gradient))"
    }
    let initial = (0..<batch).flatMap { _ in bias }
    let products: [(String, [Double], MatrixProduct, MatrixProduct, Int)] = [
      (
        "y", answer.y,
        try MatrixProduct(left: x, right: weight, rows: batch, inner: inputs, columns: outputs, initial: initial),
        try MatrixProduct(
          left: x.map(abs), right: weight.map(abs), rows: batch, inner: inputs, columns: outputs,
          initial: initial.map(abs)),
        inputs
      ),
      (
        "dW", answer.gradientWeight,
        try MatrixProduct(left: x, .transposed, right: gradient, rows: inputs, inner: batch, columns: outputs),
        try MatrixProduct(
          left: x.map(abs), .transposed, right: gradient.map(abs), rows: inputs, inner: batch, columns: outputs), batch
      ),
      (
        "dx", answer.gradientX,
        try MatrixProduct(left: gradient, right: weight, .transposed, rows: batch, inner: outputs, columns: inputs),
        try MatrixProduct(
          left: gradient.map(abs), right: weight.map(abs), .transposed, rows: batch, inner: outputs, columns: inputs),
        outputs
      ),
      (
        "db", answer.gradientBias,
        try MatrixProduct(
          left: Array(repeating: 1, count: batch), right: gradient, rows: 1, inner: batch, columns: outputs),
        try MatrixProduct(
          left: Array(repeating: 1, count: batch), right: gradient.map(abs), rows: 1, inner: batch, columns: outputs),
        batch
      ),
    ]
    for (name, observed, product, magnitude, terms) in products {
      let steps = Double(terms + 1) * type.unitRoundoff
      let gamma = steps / (1 - steps)
      let sizes = try magnitude.gsl()
      judgement.expect(name, observed, try product.gsl()) { i in
        gamma * (sizes[i].value + sizes[i].bound) + Double(terms) * type.leastNonzeroMagnitude
      }
    }
    return judgement.outcome
  })
