import BatchNormTesting
import PropertyTesting
import ReproducibleMath

/// GRD-06. g = c for every value of a channel: dx = 0, dγ = 0, dβ = m·c, for Σx̂ = 0.
///
/// The *blind* case: most wrong backward passes give 0 here too, so it never counts as evidence for any other law. What it does
/// catch is a dx that does not couple the samples, and a mean for a sum in dβ.
let uniformCotangent = Law(
  "GRD-06", "a uniform cotangent gives dx = 0, dγ = 0 and dβ = m·c",
  formula: "g = c ⟹ dx = 0, dγ = 0, dβ = m·c",
  catches: "statistics taken as constants, a missing mean term, dβ as a mean; blind to all else",
  layers: 3,
  .norm(needs: [.backwardTraining]) { source, subject in
    var drawn = try source.gradientCase(subject.profile)
    let layout = drawn.batch.x.channelLayout
    let type = drawn.batch.type
    let levels = try source.perChannel(layout.channels) { source in
      try source.oneOf([
        { try $0.element(of: [1.0, -2, 0.5]) }, { type.rounded(try $0.float(.uniform(-4...4))) },
      ])
    }
    drawn.cotangent = layout.scatter(levels.map { Array(repeating: $0, count: layout.valuesPerChannel) })
    let answer = try subject.backwardTraining(drawn.call)
    var judgement = Judgement(type) { [drawn] in drawn.text }
    try judge(answer, of: drawn, by: subject.profile, &judgement)
    return judgement.outcome
  })
