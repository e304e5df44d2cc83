import ArgumentParser
import NetworkLaws
import NormLaws
import PropertyTesting

/// What must be asked before a case, and how often the case itself, for it to fail again.
struct ReplayOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Ask this case before the tape; may be repeated, in order.", valueName: "LAW:TAPE"))
  var after: [String] = []

  @Option(name: .customLong("repeat"), help: "Ask the tape until it fails, at most so many times.")
  var times = 1

  var isUsed: Bool { !after.isEmpty || times != 1 }

  func validate() throws {
    guard times >= 1 else { throw ValidationError("--repeat must be at least 1.") }
    for text in after {
      let served: ServedCase
      do { served = try ServedCase(text) } catch { throw ValidationError("--after \(text): \(error)") }
      guard Catalogue.law(served.law) != nil else { throw ValidationError("--after \(text): there is no such law.") }
    }
  }

  /// Asks these cases and then the tape in one fresh process, and prints what came of the tape.
  ///
  /// Throws the exit status where the law is broken, and the reason where the case is none.
  func replay(_ law: Law, _ candidate: Candidate, _ tape: Tape) throws {
    let replay = CaseReplay(law, candidate)
    replay.ask(try after.map { try ServedCase($0) })
    guard let outcome = replay.outcome(tape, upTo: times) else {
      throw CannotRun(description: "\(law.id) asks for what \(candidate.name) does not offer.")
    }
    try report(outcome, law, candidate.name)
  }
}
