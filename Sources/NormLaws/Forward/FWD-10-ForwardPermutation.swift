import BatchNormTesting
import PropertyTesting
import ReproducibleMath

/// FWD-10. A channel's m values are a set: their order, over samples and positions, only permutes y.
let forwardPermutation = Law(
  "FWD-10", "permuted values are normalized to the permuted output",
  formula: "BN(Px) = P·BN(x)",
  catches: "values left out of the sums or counted twice, statistics over a part of the batch, carried-over sums",
  .norm(needs: [.forwardTraining]) { source, subject in
    let batch = try source.forwardBatch(subject.profile)
    let layout = batch.x.channelLayout
    var random = try source.stream()
    let order = random.permutation(count: layout.valuesPerChannel)
    var permuted = batch
    permuted.x.values = layout.scatter(
      (0..<batch.channels).map { c in
        let values = batch.x.channel(c)
        return order.map { values[$0] }
      })
    let y = try subject.forward(permuted)
    var judgement = Judgement(batch.type) { "order \(list(order.map(Double.init))), \(batch.text)" }
    for c in 0..<batch.channels {
      let exact = try ExactForward(batch, channel: c, subject.profile)
      judgement.expect("y", layout.gather(channel: c, of: y), order.map { exact.y[$0] }) { exact.bound(order[$0]) }
    }
    return judgement.outcome
  })

extension SplitMix64 {
  /// A permutation of 0 ..< count (Fisher and Yates).
  fileprivate mutating func permutation(count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, Int(integer(below: UInt64(i) + 1))) }
    return order
  }
}
