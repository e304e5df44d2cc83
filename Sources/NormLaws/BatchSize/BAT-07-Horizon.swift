import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// BAT-07. The running mean weighs a batch that is k steps old with p(1 − p)^k, p being the weight of the new batch. So the mean age of
/// what it holds is Σk·p(1 − p)^k = (1 − p)/p batches, B(1 − p)/p samples.
///
/// T steps with T + 1 channels: channel t is all 1 in step t and all 0 in the others, the last starts at 1 and gets only zeros. The
/// weights are read off directly; the mean age takes the initial state, of weight (1 − p)^T, at its age T + (1 − p)/p.
///
/// Bound: each step multiplies by q = 1 − p. Reference rounds it once, u(1 + 2⁻²⁰) relative; working rounds p, q, product and sum, at
/// most u(4 + 2/q) relative in any form, lerp included. An impulse of age k has seen k + 1 steps. Where momentum weighs the old,
/// working rounds it by u·q, which falls on p = 1 − q, and that difference once more: u(1 + q/p) relative, once, for p enters once.
let horizon = Law(
  "BAT-07", "the running mean forgets batches with the mean age B(1 − p)/p samples",
  formula: "weight of age k = p(1 − p)^k, mean age = B(1 − p)/p",
  catches:
    "momentum in the wrong sense, applied twice or not at all, a first batch that overwrites, a count off by one",
  .norm(needs: [.forwardTraining]) { source, subject in
    let (profile, type) = (subject.profile, subject.profile.elementType)
    let steps = try source.integer(in: 1...12)
    let momentum = profile.taken(
      try source.oneOf([
        { try $0.element(of: [0.25, 0.1, 0.5, 0.75]) }, { try $0.float(.uniform(0.05...0.95)) },
      ]))
    let size = 2 * (try source.integer(in: 1...4))
    var running = RunningStatistics<Double>(
      mean: (0...steps).map { $0 == steps ? 1 : 0 }, variance: Array(repeating: 1, count: steps + 1))
    var judgement = Judgement(type) { "\(counted(steps, "batch", plural: "batches")) of \(size), momentum \(momentum)" }
    for step in 0..<steps {
      // Equal values: their mean is exact in any order of summation, and by recurrences such as Welford's as well.
      let x = (0..<size).flatMap { _ in (0...steps).map { $0 == step ? 1.0 : 0 } }
      let answer = try subject.forwardTraining(
        TrainingCall(x: Tensor(shape: [size, steps + 1], values: x), affine: nil, running: running, momentum: momentum))
      guard let next = answer.running, next.mean.count == steps + 1 else {
        judgement.expect(false, "running statistics are missing")
        return judgement.outcome
      }
      running = next
    }
    let isNew = profile.convention.momentum == .weightOfNew
    let (p, q) = isNew ? (Bounded(momentum), .one - Bounded(momentum)) : (.one - Bounded(momentum), Bounded(momentum))
    let expected = weights(p, q, steps)
    let unit = type.unitRoundoff * (profile.accuracy == .reference ? 1 + 0x1p-20 : 4 + 2 / q.value)
    // Channel t has age steps − 1 − t at the end; the last one has seen all steps.
    let ofWeight = isNew || profile.accuracy == .reference ? 0 : type.unitRoundoff * (1 + q.value / p.value)
    let bounds = (0...steps).map { t in
      let relative = t == steps ? unit * Double(steps) : unit * Double(steps - t) + ofWeight
      return expected[t].value * relative + (1 + profile.flush(3 * Double(steps))) * profile.underflowUnit
    }
    judgement.expect("the weight of a batch", running.mean, expected) { bounds[$0] }
    // Σk·w over the batches, and the initial state at its age.
    let rest = q / p
    let ages = (0...steps).map { t in t == steps ? Bounded(Double(steps)) + rest : Bounded(Double(steps - 1 - t)) }
    let age = zip(ages, running.mean).reduce(Bounded.zero) { $0 + $1.0 * Bounded($1.1) }
    let samples = Bounded(Double(size))
    // The age is rounded to the element type before it is compared.
    let bound = zip(ages, bounds).reduce(0) { $0 + $1.0.value * $1.1 } + 2 * type.unitRoundoff * rest.value
    judgement.expect("the mean age in samples", [(samples * age).value], [samples * rest]) { _ in
      Double(size) * bound
    }
    return judgement.outcome
  })

/// The weights of T batches, oldest first, then of the initial state.
private func weights(_ p: Bounded, _ q: Bounded, _ steps: Int) -> [Bounded] {
  var powers = [Bounded.one]
  for _ in 0..<steps { powers.append(powers[powers.count - 1] * q) }
  return (0..<steps).map { p * powers[steps - 1 - $0] } + [powers[steps]]
}
