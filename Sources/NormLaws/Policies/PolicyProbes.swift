import BatchNormTesting
import ReproducibleMath

/// The questions that tell a subject's policies.
struct PolicyProbes {
  private let subject: any Subject
  private(set) var words: [Policy: String] = [:]
  private(set) var others: [Policy: String] = [:]
  private(set) var remarks: [String] = []

  init(_ subject: any Subject) { self.subject = subject }

  private var type: ElementType { subject.profile.elementType }
  private func offers(_ method: SubjectProfile.Method) -> Bool { subject.profile.methods.contains(method) }

  mutating func ask() {
    if offers(.forwardTraining) {
      askUpdate()
      askBatchOfOne()
      askEmptyBatch()
      askWeights()
      askCumulative()
    }
    askSubnormals()
    if type == .float64 { askEpsilon() }
  }

  /// One update of running mean 0 and variance 1 by the batch 1, 2, 3, 4 with momentum ¼ gives another pair of numbers under each
  /// of the four conventions, no two of them nearer than 0.02.
  private mutating func askUpdate() {
    attempt("the update of running statistics") { probes in
      guard let running = try probes.trained([1, 2, 3, 4]).running, running.mean.count == 1 else { return }
      let (mean, variance) = (running.mean[0], running.variance[0])
      // 10⁻³ is far more than any rounding, and a twentieth of the smallest distance between two conventions.
      for (sense, new) in [(Convention.MomentumSense.weightOfNew, 0.25), (.weightOfOld, 0.75)] {
        for (estimate, batch) in [(Convention.RunningVariance.unbiased, 5.0 / 3), (.biased, 1.25)]
        where abs(mean - new * 2.5) < 1e-3 && abs(variance - (1 - new + new * batch)) < 1e-3 {
          probes.words[.runningVariance] = estimate.rawValue
          probes.words[.momentum] = sense.rawValue
        }
      }
      guard probes.words[.momentum] == nil else { return }
      let text = "one update by 1, 2, 3, 4 gives mean \(mean) and variance \(variance)" + probes.fit(mean, variance)
      probes.others[.runningVariance] = text
      probes.others[.momentum] = text
      probes.remarks.append(text)
    }
  }

  /// The weight of the batch that gives both numbers, (mean′ − mean)/(μ − mean), where the momentum of the call does not.
  private func fit(_ mean: Double, _ variance: Double) -> String {
    let start = ", which fits no convention for momentum 0.25"
    if mean == 0, variance == 1 { return start + "; it fits weight 0: the state is as it was" }
    let weight = mean / 2.5
    guard weight.isFinite, weight > 0.001, weight <= 1 else { return start }
    for (name, batch) in [("unbiased", 5.0 / 3), ("biased", 1.25)]
    where abs(variance - (1 - weight + weight * batch)) < 1e-3 * weight {
      return start + "; it fits weight \((weight * 1e6).rounded() / 1e6) and the \(name) variance"
    }
    return start
  }

  /// A batch of the one value 3 with γ = 2, β = 5.
  private mutating func askBatchOfOne() {
    attempt("a batch of one") { probes in
      guard let tracked = try probes.unlessRefused({ try probes.trained([3]).y }) else {
        let untracked = try probes.unlessRefused { try probes.trained([3], isTracking: false).y }
        switch untracked {
        case nil: probes.words[.batchOfOne] = "error"
        case let y? where probes.isNear(y, [5]): probes.words[.batchOfOne] = "error_when_tracking"
        case let y?: probes.others[.batchOfOne] = "the one value 3 with β = 5 gives \(list(y)) untracked"
        }
        return
      }
      if probes.isNear(tracked, [5]) {
        probes.words[.batchOfOne] = "beta"
      } else if tracked == [3] {
        probes.words[.batchOfOne] = "input"
      } else {
        probes.others[.batchOfOne] = "the one value 3 with β = 5 gives \(list(tracked))"
      }
    }
  }

  private mutating func askEmptyBatch() {
    attempt("an empty batch") { probes in
      guard let answer = try probes.unlessRefused({ try probes.trained([]) }) else {
        probes.words[.emptyBatch] = "error"
        return
      }
      let state = answer.running.map { $0.mean + $0.variance } ?? []
      if state == [0, 1] {
        probes.words[.emptyBatch] = "empty"
      } else if !state.isEmpty, state.contains(where: \.isNaN) {
        probes.words[.emptyBatch] = "nan"
      } else {
        probes.others[.emptyBatch] = "an empty batch moves the state from [0.0, 1.0] to \(list(state))"
      }
    }
  }

  /// Weights 0 and 1 of the new with finite values; then weight 0 with a NaN.
  private mutating func askWeights() {
    let sense = words[.momentum].flatMap(Convention.MomentumSense.init) ?? subject.profile.convention.momentum
    func momentum(_ weight: Double) -> Double { sense == .weightOfNew ? weight : 1 - weight }
    attempt("momentum at the ends of its domain") { probes in
      let states = try [0.0, 1].map { weight in
        try probes.unlessRefused { try probes.trained([1, 2, 3, 4], momentum: momentum(weight)).running }
      }
      let isOpen = states.contains { state in
        guard let state, let running = state else { return true }
        return !(running.mean + running.variance).allSatisfy(\.isFinite)
      }
      probes.words[.momentumDomain] = isOpen ? "open" : "closed"
      guard !isOpen else { return }
      let poisoned = try probes.unlessRefused { try probes.trained([1, .nan, 3, 4], momentum: momentum(0)).running }
      guard let poisoned, let running = poisoned else { return }
      probes.words[.nanAtWeightZero] = running.mean[0].isNaN || running.variance[0].isNaN ? "spreads" : "kept"
    }
  }

  private mutating func askCumulative() {
    attempt("cumulative momentum") { probes in
      let answer = try probes.unlessRefused { try probes.trained([1, 2, 3, 4], momentum: nil) }
      probes.words[.cumulative] = answer == nil ? "no" : "yes"
    }
  }

  /// Values of which the inputs, or the results, are subnormal: each y is right, or 0 where subnormals are flushed.
  private mutating func askSubnormals() {
    attempt("subnormal values") { probes in
      let isSingle = probes.type == .float32
      let (tiny, small, large) = isSingle ? (0x1p-140, 0x1p-40, 0x1p100) : (0x1p-1050, 0x1p-300, 0x1p600)
      let cases = [(tiny, large), (small, isSingle ? 0x1p-100 : 0x1p-750)]
      var isFlushed = false
      for (size, gamma) in cases {
        let x = [1.0, 2, 3, 4].map { $0 * size }
        guard let y = try probes.normalized(x, gamma: gamma, epsilon: 1) else { return }
        let expected = x.map { gamma * ($0 - 2.5 * size) }
        for (value, right) in zip(y, expected) where abs(value - right) > 1e-3 * abs(right) {
          guard value == 0 else {
            probes.others[.subnormals] = "y of subnormal values is \(list(y)) instead of \(list(expected))"
            return
          }
          isFlushed = true
        }
      }
      probes.words[.subnormals] = isFlushed ? "flushed" : "kept"
    }
  }

  /// x = ±2⁻¹⁰ about 0 with ε = 10⁻⁵: rounding ε to float32 moves y by 2·10⁻⁹ of itself.
  private mutating func askEpsilon() {
    attempt("ε") { probes in
      let half = 0x1p-10
      guard let y = try probes.normalized([-half, half], gamma: 1, epsilon: 1e-5) else { return }
      func expected(_ epsilon: Double) -> Double { half / (half * half + epsilon).squareRoot() }
      if abs(y[1] - expected(1e-5)) < 1e-12 {
        probes.words[.epsilonType] = "double"
      } else if abs(y[1] - expected(Double(Float(1e-5)))) < 1e-12 {
        probes.words[.epsilonType] = "float32"
      }
    }
  }

  /// y of one channel in training, or in evaluation at its own statistics where training is not offered; nil where neither is.
  private func normalized(_ x: [Double], gamma: Double, epsilon: Double) throws -> [Double]? {
    let (tensor, affine) = (tensor(x), Affine<Double>(gamma: [gamma], beta: [0]))
    if offers(.forwardTraining) {
      return try subject.forwardTraining(TrainingCall(x: tensor, affine: affine, running: nil, epsilon: epsilon)).y
    }
    guard offers(.forwardEvaluation) else { return nil }
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    let running = RunningStatistics<Double>(mean: [mean], variance: [type.rounded(variance)])
    return try subject.forwardEvaluation(EvaluationCall(x: tensor, affine: affine, running: running, epsilon: epsilon))
  }

  /// A training call on one channel from running mean 0 and variance 1.
  private func trained(_ values: [Double], isTracking: Bool = true, momentum: Double? = 0.25) throws -> TrainingAnswer {
    try subject.forwardTraining(
      TrainingCall(
        x: tensor(values), affine: Affine<Double>(gamma: [2], beta: [5]),
        running: isTracking ? RunningStatistics<Double>(channels: 1) : nil, epsilon: 0.5, momentum: momentum))
  }

  private func tensor(_ values: [Double]) -> Tensor {
    let axes = TensorLayout.allCases.first(where: subject.profile.layouts.contains)?.spatialAxes ?? 0
    return Tensor(shape: [values.count, 1] + Array(repeating: 1, count: axes), values: values)
  }

  private func isNear(_ y: [Double], _ expected: [Double]) -> Bool {
    y.count == expected.count && zip(y, expected).allSatisfy { abs($0 - $1) < 1e-3 }
  }

  /// nil where the subject refuses, by whatever error it answers.
  private func unlessRefused<Answer>(_ ask: () throws -> Answer) throws -> Answer? {
    do { return try ask() } catch SubjectError.refused { return nil }
  }

  /// What goes wrong in one question leaves its policies open.
  private mutating func attempt(_ name: String, _ ask: (inout PolicyProbes) throws -> Void) {
    do { try ask(&self) } catch { remarks.append("\(name): \(error)") }
  }
}
