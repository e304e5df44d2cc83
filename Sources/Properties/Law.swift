public import PropertyTesting
public import Subjects

/// One property of the catalogue: a statement that every right implementation fulfils, and the code that judges a case.
///
/// A law knows nothing of tests or commands: both, and the mutants, run it as a `Property` on a subject.
public struct Law: Sendable {
  /// Against whom a law is stated.
  public enum Scope: Sendable {
    /// A batch normalization that offers these methods.
    case norm(needs: Set<SubjectProfile.Method>, @Sendable (inout Source, any Subject) throws -> Outcome)
    /// A network with its training loop.
    case network(@Sendable (inout Source, any NetworkSubject) throws -> Outcome)
    /// This package's own arithmetic and random streams, which no subject replaces.
    case package(@Sendable (inout Source) throws -> Outcome)
  }

  /// What a worst error/bound says about the law itself.
  public enum Bite: String, Hashable, Sendable {
    /// Equality, bit patterns, refusals: there is no bound to be loose.
    case exact
    /// A bound that the reference must come near to: worst error/bound in (0.05, 1].
    case bounded
  }

  /// How much of a run's cases a law can afford.
  public enum Cost: String, Hashable, Sendable {
    /// Well below a millisecond a case.
    case light
    /// Milliseconds a case: a twentieth of the cases.
    case heavy
    /// Seconds a case: one in 2,500, so none at all in a small run.
    case large

    /// How many of the cases that a run asks for are tried.
    public func cases(of requested: Int) -> Int {
      switch self {
      case .light: requested
      case .heavy: min(requested, max(20, requested / 20))
      case .large: requested / 2500
      }
    }
  }

  /// Stable and never reused: family, hyphen, two digits.
  public let id: String
  /// The law in one sentence.
  public let statement: String
  /// The law as a formula, in the notation of the catalogue.
  public let formula: String
  /// The bugs it catches and why it would see them.
  public let catches: String
  public let bite: Bite
  /// How many layouts a subject must offer, 2 for a law that compares them.
  public let leastLayouts: Int
  public let cost: Cost
  public let scope: Scope

  public init(
    _ id: String, _ statement: String, formula: String, catches: String, bite: Bite, leastLayouts: Int = 1,
    cost: Cost = .light, _ scope: Scope
  ) {
    self.id = id
    self.statement = statement
    self.formula = formula
    self.catches = catches
    self.bite = bite
    self.leastLayouts = leastLayouts
    self.cost = cost
    self.scope = scope
  }

  /// The settings under which this law is run when `settings` are asked for.
  public func settings(_ settings: RunSettings) -> RunSettings {
    var own = settings
    own.cases = cost.cases(of: settings.cases)
    own.sweep = min(settings.sweep, own.cases / 50)
    return own
  }

  /// FWD, RUN, EVA, GRD, BAT, NET, RNG, LIN, DET or EXP.
  public var family: String { String(id.prefix { $0 != "-" }) }

  /// Whether `subject` offers what the law needs; otherwise the law reports `not offered`, never `holds`.
  public func isOffered(by subject: any Subject) -> Bool {
    guard case .norm(let needs, _) = scope else { return false }
    return needs.isSubset(of: subject.profile.methods) && subject.profile.layouts.count >= leastLayouts
  }

  /// The law on one subject; nil where it is stated about something else or the subject does not offer what it needs.
  ///
  /// The cases of a law are the same for every subject of one element type, convention and set of layouts.
  public func property(for subject: any Subject) -> Property? {
    guard case .norm(_, let body) = scope, isOffered(by: subject) else { return nil }
    let name = subject.profile.name
    return Property(id, statement) { source in
      var isBroken = true
      defer { CaseLog.current?.note(id, name, source.tape, isBroken: isBroken) }
      // What a process does against the protocol says nothing about the law, and is reported by itself.
      do {
        let outcome = try body(&source, subject)
        isBroken = outcome.status == .interesting
        return outcome
      } catch let fault as SubjectFault {
        isBroken = false
        return .invalid(fault.remark)
      }
    }
  }

  public func property(for subject: any NetworkSubject) -> Property? {
    guard case .network(let body) = scope else { return nil }
    return Property(id, statement) { source in try body(&source, subject) }
  }

  /// The law on the package itself; nil where it is stated about a subject.
  public var packageProperty: Property? {
    guard case .package(let body) = scope else { return nil }
    return Property(id, statement, body: body)
  }
}
