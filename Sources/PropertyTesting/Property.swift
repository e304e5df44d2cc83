import ReproducibleMath

/// A statement that must hold on every case, and the code that draws a case and judges it.
///
/// # Design
///
/// *Tape.* A case is what the body draws from its `Source`. Every draw is one typed `Choice`, and the choices in order
/// are the case's `Tape`. Nothing else enters a case, so a tape is the case: it is stored, replayed, compared and
/// shrunk, and generators need no inverse. Generators are plain functions on `Source`; a new one is an extension of
/// `Source`.
///
/// *Cases.* First the stored `examples`, then a small sweep (all tapes near the simplest one, see `Sweep`), then random
/// ones. Random case i draws from a stream addressed by (id, seed, i) alone: the order of cases does not matter. Where
/// the property has `scales`, the first choice of a case is its scale, which the index decides and no draw.
///
/// *Simplicity.* Tapes are ordered by number of seeds, then length, then choice by choice (`Domain.complexity`):
/// shortlex, where a seed, which stands for any number of values, weighs more than any number of listed choices.
///
/// *Shrinking.* `Shrinker` edits the tape and keeps an edit when the body still fails *with the same identity* on a
/// simpler tape: one bug never turns into another one. Big data cost two choices (a mode and a seed); sizes are cut
/// first, and what is small enough is then listed value by value and simplified.
///
/// *Honesty.* A case that proves nothing is `vacuous`, one outside the property's domain `invalid`; both are counted,
/// and too many of either, or no case that held, make the run's verdict something else than `holds`.
///
/// The ideas (choice sequence, shortlex shrinking, status order) are Hypothesis' (MacIver, Donaldson, "Test-case
/// reduction via test-case generation", ECOOP 2020); the code is written from them.
public struct Property: Sendable {
  /// A case: draws from the source, judges, and says what came of it.
  ///
  /// Must depend on its draws alone. An error thrown that is not the source's own counts as a failure.
  public typealias Body = @Sendable (inout Source) throws -> Outcome

  /// Stable name; seeds the random cases.
  public let id: String

  /// The law in one sentence.
  public let statement: String

  /// Tapes tried before all others, for instance old counterexamples; one that no longer fits counts as invalid.
  public let examples: [Tape]

  /// Which cases are larger than the ordinary ones; nil where the property knows no scales.
  public let scales: Scales?
  let body: Body

  public init(
    _ id: String, _ statement: String, examples: [Tape] = [], scales: Scales? = nil, body: @escaping Body
  ) {
    self.id = id
    self.statement = statement
    self.examples = examples
    self.scales = scales
    self.body = body
  }

  /// The case that `tape` describes, judged again.
  ///
  /// Where a draw does not find a choice that fits it, the outcome is `overrun` (tape too short) or `invalid` (other
  /// type, value outside the draw's domain, choices left over), with a sentence that says where.
  public func replay(_ tape: Tape) -> Outcome {
    var source = Source(.tape(TapeReader(tape)))
    let outcome = judge(&source)
    switch outcome {
    case .overrun, .invalid: return outcome
    case .vacuous, .excluded, .holds, .failed:
      let (stored, drawn) = (tape.choices.count, source.tape.choices.count)
      return drawn == stored
        ? outcome : .invalid("The tape holds \(counted(stored, "choice")), but the case draws only \(drawn) of them.")
    }
  }

  func judge(_ source: inout Source) -> Outcome {
    do {
      if scales != nil { try source.drawScale() }
      let outcome = try body(&source)
      // A hold whose error is not within its bound is no hold; NaN fails this comparison too.
      if case .holds(let ratio?, let notes) = outcome, !(ratio <= 1) {
        return .failed([Failure("error within its bound", [("error/bound", "\(ratio)")])] + notes)
      }
      return outcome
    } catch let error as SourceError {
      return error.outcome
    } catch {
      return .failed(
        Failure(
          "an unexpected error is thrown", key: Failure.key(from: "throws \(type(of: error))"), [("error", "\(error)")])
      )
    }
  }
}
