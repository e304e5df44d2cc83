import BatchNormTesting
import PropertyTesting

/// BAT-05. Normalizing groups of b values ("ghost batches", Hoffer et al. 2017) equals separate calls for the groups: as one call in
/// which each group is a channel of its own, and as separate calls in any order with larger calls between.
///
/// The grouped call is judged by each group's own oracle; separate calls must repeat their bits, so that no buffer of a larger or an
/// earlier call shows through.
let ghostBatches = Law(
  "BAT-05", "normalizing groups of a batch equals separate calls for the groups",
  formula: "BN([x₁ … x_k] grouped) = [BN(x₁) … BN(x_k)]",
  catches: "buffers or counts kept from an earlier, larger batch; channels that share statistics",
  .norm(needs: [.forwardTraining]) { source, subject in
    let profile = subject.profile
    let whole = try source.batch(profile, .conditioned, most: 64, budget: 1 << 13)
    let count = try source.integer(in: 2...4)
    let groups = try (0..<count).map { i in
      var group = whole
      group.x.values = i == 0 ? whole.x.values : try source.regrouped(whole)
      return group
    }
    var judgement = Judgement(whole.type) { groups.map(\.text).joined(separator: "; ") }
    let separate = try groups.map { try subject.untracked($0.untracked).y }
    let merged = groups.merged
    let answer = try subject.untracked(merged.untracked)
    try judgeForward(answer.y, of: merged, by: profile, &judgement)
    let stacked = Tensor(
      shape: [count * whole.x.shape[0]] + whole.x.shape.dropFirst(), values: groups.flatMap(\.x.values))
    for (i, group) in groups.enumerated().reversed() {
      _ = try subject.untracked(
        TrainingCall(x: stacked, affine: whole.affine, running: nil, epsilon: whole.epsilon))
      let bounds = BitBounds(group, profile)
      judgement.expectIdentical(
        "y of a repeated group", try subject.untracked(group.untracked).y, separate[i], level: profile.levelOfBits
      ) { bounds[$0] }
    }
    return judgement.outcome
  })
