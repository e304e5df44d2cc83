/// What a candidate behaves like: the slips of the catalogue that give its answers.
///
/// A slip is named only where every answer to every probe that it bears on is the mutant's within rounding, some is not the
/// right code's, and no other mutant fits; where something is left that no single slip explains, only the part is told.
/// A wrong name is worse than none. A candidate that answers no probe gets none, and no acquittal either.
public struct Diagnosis: Sendable {
  /// One slip, and where it shows.
  public struct Slip: Sendable {
    /// One mutant, or several that are one slip told in several places of the catalogue.
    public let mutants: [Mutant]
    /// The parts in which the candidate answers as the mutant does and not as right code does.
    public internal(set) var parts: [Part]
  }

  /// Named with certainty, at most one for each stage of the computation, in their order.
  public let slips: [Slip]
  /// Parts in which the candidate is wrong in a way that is not in the catalogue, or that several mutants fit.
  public let unexplained: [Part]
  /// The mutants that fit the first of the unexplained parts, where there are several.
  public let lookalikes: [Mutant]
  /// How many probes were answered with numbers.
  public let answered: Int
  /// How many probes right code answers with numbers.
  public let asked: Int

  public enum Verdict: String, Sendable {
    /// Everything that is wrong is explained by what is named.
    case named
    /// Slips are named, and other parts are wrong in an unknown way.
    case partlyNamed = "partly named"
    /// Only the parts are known.
    case family
    /// The probes that are answered are answered as right code answers them.
    case unknown
    /// No probe was answered: nothing is known of the candidate.
    case unanswered
  }

  public var verdict: Verdict {
    if answered == 0 { return .unanswered }
    if unexplained.isEmpty { return slips.isEmpty ? .unknown : .named }
    return slips.isEmpty ? .family : .partlyNamed
  }
}
