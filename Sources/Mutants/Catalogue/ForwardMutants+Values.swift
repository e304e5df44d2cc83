import BatchNormTesting
import NormLaws
import ReproducibleMath

/// More bugs in the training forward pass: values skipped, used twice, or rounded to a narrower type.
let forwardValueMutants: [Mutant] = [
  forwardMutant("M-FWD-48", wrong: "(1 + γ)x̂ + β") {
    $0.output = { x, m, r, gamma, beta in (1 + gamma) * ((x - m) * r) + beta }
  },
  forwardMutant("M-FWD-49", wrong: "βx̂ + γ") { $0.output = { x, m, r, gamma, beta in beta * ((x - m) * r) + gamma } },
  forwardMutant("M-FWD-50", wrong: "γ(x + μ)r + β") {
    $0.output = { x, m, r, gamma, beta in gamma * ((x + m) * r) + beta }
  },
  forwardMutant("M-FWD-51", wrong: "divided by s twice", sameAs: "M-FWD-05") {
    $0.output = { x, m, r, gamma, beta in gamma * ((x - m) * r * r) + beta }
  },
  forwardMutant("M-FWD-52", wrong: "x̂ kept within ±3", by: "x = eleven zeros and 100", killers: ["FWD-08", "FWD-01"]) {
    $0.output = { x, m, r, gamma, beta in gamma * min(max((x - m) * r, -3), 3) + beta }
  },
  forwardMutant("M-FWD-53", wrong: "0 for NaN", right: "NaN stays", by: "x = [1, NaN, 4]", killers: ["FWD-15"]) {
    $0.output = { x, m, r, gamma, beta in
      let y = gamma * ((x - m) * r) + beta
      return y.isNaN ? 0 : y
    }
  },
  forwardMutant(
    "M-FWD-54", wrong: "NaN left out of the sums", right: "NaN reaches its channel", by: "x = [1, NaN, 4]",
    killers: ["FWD-15"]
  ) {
    $0.mean = { x in x.filter { !$0.isNaN }.reduce(0, +) / Double(x.count) }
    $0.variance = { x, mean in sumOfSquares(x.filter { !$0.isNaN }, mean) / Double(x.count) }
  },
  forwardMutant("M-FWD-55", wrong: "the first value counted twice in Σx", right: "once", killers: ["FWD-01", "FWD-10"])
  {
    $0.mean = { x in (x.reduce(0, +) + x[0]) / Double(x.count) }
  },
  forwardMutant("M-FWD-56", wrong: "σ² about the first value", right: "about μ", killers: ["FWD-01", "FWD-10"]) {
    $0.variance = { x, _ in sumOfSquares(x, x[0]) / Double(x.count) }
  },
  forwardMutant(
    "M-FWD-57", wrong: "μ rounded to Float before it is subtracted", right: "x − μ in Double",
    by: "x = 10⁷ + [1, 2, 4]", killers: ["FWD-01", "FWD-11"]
  ) { $0.mean = { x in Double(Float(x.reduce(0, +) / Double(x.count))) } },
  forwardMutant(
    "M-FWD-58", wrong: "Σx added in Float, declared as accurate as the reference", right: "in Double",
    seen: "right where working accuracy is declared", by: "x = [2²⁴, 1, 1]", killers: ["FWD-01", "FWD-11"]
  ) { $0.mean = { x in x.reduce(0) { Double(Float($0 + $1)) } / Double(x.count) } },
  stepMutant(
    "M-FWD-59", .forward, wrong: "σ² = max(Σ(x − μ)²/m, 0)", right: "Σ(x − μ)²/m", by: "no input", killers: [],
    equivalence: "a sum of squares in two passes is never negative, so the clamp never acts"
  ) { $0.variance = { x, mean in max(sumOfSquares(x, mean) / Double(x.count), 0) } },
  callMutant(
    "M-FWD-60", .forward, wrong: "x rounded to bfloat16", right: "x as it is", by: "x = [1, 1.001, 4]",
    killers: ["FWD-01"]
  ) {
    $0.training = { call, base in
      var narrow = call
      narrow.x.values = call.x.values.map { narrowed($0, digits: 8) }
      return TrainingAnswer(
        y: try base.forwardTraining(narrow).y, running: try base.forwardTraining(call).running)
    }
  },
  callMutant(
    "M-FWD-61", .forward, wrong: "subnormal x taken for 0", right: "x as it is", by: "x = [0, 1e-40], γ = 1, β = 0",
    killers: ["FWD-15"]
  ) {
    $0.training = { call, base in try base.forwardTraining(flushed(call, base.profile.elementType)) }
  },
  callMutant(
    "M-FWD-62", .forward, wrong: "the last value is not normalized", right: "all m are", by: "x = [1, 2, 4]",
    killers: ["FWD-01", "FWD-10"]
  ) {
    $0.training = { call, base in
      var answer = try base.forwardTraining(call)
      if let last = call.x.values.last { answer.y[answer.y.count - 1] = last }
      return answer
    }
  },
  callMutant(
    "M-FWD-63", .forward, wrong: "y of the batch in reverse order", right: "in the order of x", by: "x = [1, 2, 4]",
    killers: ["FWD-01"]
  ) {
    $0.training = { call, base in
      let answer = try base.forwardTraining(call)
      let layout = call.x.channelLayout
      let y = (0..<layout.channels).map { Array(layout.gather(channel: $0, of: answer.y).reversed()) }
      return TrainingAnswer(y: layout.scatter(y), running: answer.running)
    }
  },
]

/// The call with 0 for every x that is subnormal in the type.
func flushed(_ call: TrainingCall, _ type: ElementType = .float32) -> TrainingCall {
  var call = call
  call.x.values = call.x.values.map { abs($0) < type.leastNormalMagnitude ? 0 : $0 }
  return call
}
