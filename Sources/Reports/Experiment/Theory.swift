extension ExperimentReport {
  /// What batch normalization is; every sentence links to the law or the claim that tests it.
  var theory: String {
    """
    ## What batch normalization is

    A channel of a batch has m values x (in a fully connected layer, one for each image). In training, batch normalization does two
    things to them.

    1. **Normalize.** With the mean μ and the biased variance σ² of the m values, x̂ = (x − μ)/√(σ² + ε)\
     \(law("FWD-01")). The x̂ then have mean 0 and mean square σ²/(σ² + ε), just below 1 \(law("FWD-02")), whatever offset the
       values had \(law("FWD-03")). The small number **ε** keeps the root away from 0: a channel whose values are all equal gives
       x̂ = 0 and not NaN \(law("FWD-06")). The price: scaling the values by a acts like another ε, namely ε/a² \(law("FWD-04")).
    2. **Scale and shift.** y = γx̂ + β with **γ and β learnt** for each channel. So the layer can still leave its input unchanged: γ = √(σ² + ε) and β = μ
       give y = x \(law("FWD-12")). They learn from dγ = Σ g·x̂ and dβ = Σ g, with g the gradient of the loss by y
       \(law("GRD-02")).

    The batch's statistics depend on every value, so the gradient of x goes through them too: it sums to 0 over the batch
    \(law("GRD-03")), and a bias before the normalization has no effect \(law("NET-02")). A batch of one has no variance and is
    refused with an error that says so \(law("BAT-02")).

    **In inference** there may be no batch. Running averages from training take the place of μ and σ²: running ← (1 − p)·running +
    p·batch, of the unbiased variance in PyTorch's convention \(law("RUN-01")). Then every answer is independent of the others in
    its batch \(law("EVA-02")), and the layer is a fixed scale and shift that folds into the layer before \(law("EVA-06")). The two
    modes differ; the difference splits exactly into Bessel's factor, lag and batch noise \(law("EVA-04")), and it is measured here
    \(claim("CLM-10")), \(claim("CLM-11")).

    Why it helps is contested: less drift of the layers' inputs \(claim("CLM-15")), gradients that neither vanish nor explode
    \(claim("CLM-03")), noise that regularizes \(claim("CLM-04")).
    """
  }

  private func law(_ id: String) -> String { "([\(id)](verification.md#\(id.lowercased())))" }

  private func claim(_ id: String) -> String { "([\(id)](claims.md#\(id.lowercased())))" }
}
