/// What a run says about a property. The words are part of the reports that programs read.
public enum Verdict: String, Hashable, Sendable {
  /// Every case that was tried and meant something held, and enough did.
  case holds
  /// There is a counterexample at the level of an error.
  case broken
  /// More than 5 % of the cases that got to an answer were vacuous: right and wrong code agree in them.
  case vacuous
  /// No case held, or more than half of the cases were invalid or overruns.
  case unsatisfied
  /// Policies of the subject take every case out of the law.
  case notAsked = "not asked"
  /// The run was stopped before all cases were tried.
  case unfinished

  // Told apart where a law is judged on a subject; a run alone never gives these.

  /// Holds, and something is weaker than the best that is known, but within the bounds.
  case accuracy
  /// Holds, and shows a choice that no formula settles.
  case policy
  /// Holds, but the bound is so wide that the reference never comes near it: the law itself is at fault.
  case loose
  /// The subject does not offer what the law needs.
  case notOffered = "not offered"
  /// The run is too small for a law of that cost.
  case skipped = "needs more cases"
}
