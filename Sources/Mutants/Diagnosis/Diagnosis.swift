/// What a candidate behaves like: the bugs of the catalogue that give its answers.
///
/// A bug is named only if every answer to every probe that it affects is the mutant's within rounding, some answer is not the
/// right code's, and no other mutant fits. If no single bug explains a part, only the part is given: a wrong name is worse
/// than none. A candidate that answers no probe gets no name, and is not called right either.
public struct Diagnosis: Sendable {
  /// One bug, and where it shows.
  public struct Bug: Sendable {
    /// One mutant, or several that are the same bug in different places of the catalogue.
    public let mutants: [Mutant]
    /// The parts in which the candidate answers as the mutant does and not as right code does.
    public internal(set) var parts: [DiagnosisPart]
  }

  /// Named with certainty, at most one for each stage of the computation, in their order.
  public let bugs: [Bug]
  /// Parts in which the candidate is wrong in a way that is not in the catalogue, or that several mutants fit.
  public let unexplained: [DiagnosisPart]
  /// The mutants that fit the first of the unexplained parts, if there are several.
  public let lookalikes: [Mutant]
  /// How many probes were answered with numbers.
  public let answered: Int
  /// How many probes right code answers with numbers.
  public let asked: Int

  public enum Verdict: String, Sendable {
    /// The named bugs explain everything that is wrong.
    case named
    /// Bugs are named, and other parts are wrong in an unknown way.
    case partlyNamed = "partly named"
    /// Only the parts are known.
    case family
    /// All answers to probes are those of right code.
    case unknown
    /// No probe was answered: nothing is known of the candidate.
    case unanswered
  }

  public var verdict: Verdict {
    if answered == 0 { return .unanswered }
    if unexplained.isEmpty { return bugs.isEmpty ? .unknown : .named }
    return bugs.isEmpty ? .family : .partlyNamed
  }
}
