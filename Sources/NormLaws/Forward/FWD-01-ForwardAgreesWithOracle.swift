import BatchNormTesting

/// FWD-01: the definition, from digits that the oracle carries far beyond the subject's (Ioffe and Szegedy, 2015, algorithm 1).
let forwardAgreesWithOracle = Law(
  "FWD-01", "y agrees with the oracle",
  formula: "y = γ(x − μ)/√(σ² + ε) + β", catches: "every bug of the forward pass that changes a value beyond rounding",
  layers: 3,
  .norm(needs: [.forwardTraining]) { source, subject in
    var batch = try source.forwardBatch(subject.profile)
    try source.dropEpsilon(&batch)
    return try allowingRefusal(ofEpsilon: batch.epsilon) {
      let y = try subject.forward(batch)
      var judgement = Judgement(batch.type) { [batch] in batch.text }
      try judgeForward(y, of: batch, by: subject.profile, &judgement)
      return judgement.outcome
    }
  })
