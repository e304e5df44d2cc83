public import BatchNormTesting
import Oracles
public import PropertyTesting
import ReproducibleMath
import SubjectProcesses

/// One property of the catalogue: a statement that every right implementation fulfils, and the code that judges a case.
///
/// A law knows nothing of tests or commands: both, and the mutants, run it as a `Property` on a subject.
public struct Law: Sendable {
  /// Against whom a law is stated.
  public enum Scope: Sendable {
    /// A batch normalization that offers these methods.
    case norm(needs: Set<SubjectProfile.Method>, @Sendable (inout Source, any Subject) throws -> Outcome)
    /// A network with its training loop, of the protocol that the law's own target knows.
    case trainingLoop(@Sendable (inout Source, any NamedSubject) throws -> Outcome)
    /// This package's own arithmetic and random streams, which no subject replaces.
    case package(@Sendable (inout Source) throws -> Outcome)
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
  /// How many layouts a subject must offer, 2 for a law that compares them.
  public let minimumLayoutCount: Int
  public let cost: Cost
  /// How many layers a wide case asks.
  let layers: Int
  public let scope: Scope

  public init(
    _ id: String, _ statement: String, formula: String, catches: String, minimumLayoutCount: Int = 1,
    cost: Cost = .light, layers: Int? = nil, _ scope: Scope
  ) {
    self.id = id
    self.statement = statement
    self.formula = formula
    self.catches = catches
    self.minimumLayoutCount = minimumLayoutCount
    self.cost = cost
    // Many laws ask training forward, few ask the other methods.
    let needs: Set<SubjectProfile.Method> = if case .norm(let needs, _) = scope { needs } else { [] }
    self.layers = layers ?? (needs == [.forwardTraining] ? 1 : 2)
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
    return needs.isSubset(of: subject.profile.methods) && subject.profile.layouts.count >= minimumLayoutCount
  }

  /// The law on one subject; nil where it is stated about something else or the subject does not offer what it needs.
  ///
  /// The cases of a law are the same for every subject of one element type, convention, set of layouts and policies.
  public func property(for subject: any Subject) -> Property? {
    guard case .norm(_, let body) = scope, isOffered(by: subject) else { return nil }
    let name = subject.profile.name
    return Property(id, statement, scales: Scale.ofRealLayers) { source in
      var isBroken = true
      defer { CaseLog.current?.note(id, name, source.tape, isBroken: isBroken) }
      do {
        let outcome = try Self.judged(&source) { source in
          guard source.scale == .wide else { return try body(&source, subject) }
          return try source.several(layers) { try body(&$0, subject) }
        }
        isBroken = !outcome.failures.isEmpty
        return outcome
      } catch let fault as SubjectFault {
        // What a process does against the protocol says nothing about the law, and is reported by itself.
        isBroken = false
        return .invalid(fault.remark)
      } catch SubjectError.refused(.unsupported, let message) {
        // Passed on only where a subject may lack what the call asks for; elsewhere it is a fault.
        isBroken = false
        return .excluded("The subject does not support the call: \(message)")
      } catch SubjectError.refused(_, let message) {
        // A law catches the refusals that it asks for.
        return .failed(Failure("a call that must work is refused", key: "call-refused", [("message", message)]))
      }
    }
  }

  /// The law on a network with its training loop; nil where it is stated about something else.
  public func property(ofTrainingLoop subject: any NamedSubject) -> Property? {
    guard case .trainingLoop(let body) = scope else { return nil }
    return Property(id, statement) { source in try Self.judged(&source) { try body(&$0, subject) } }
  }

  /// The law on the package itself; nil where it is stated about a subject.
  public var packageProperty: Property? {
    guard case .package(let body) = scope else { return nil }
    return Property(id, statement) { source in try Self.judged(&source, body) }
  }

  /// One case, as `GSLLedger` counts them. Oracles that disagree say nothing about the subject: the case is none, and the
  /// command stops with what the ledger holds.
  private static func judged(_ source: inout Source, _ body: (inout Source) throws -> Outcome) throws -> Outcome {
    do {
      return try GSLLedger.current.judging { try body(&source) }
    } catch OracleError.disagreement(let disagreement) {
      return .invalid(disagreement.description)
    }
  }
}
