import BatchNormTesting
public import Mutants
import NetworkLaws
public import NormLaws
import Vectors

/// Mutants before vectors alone, without laws, cases or shrinking.
public struct VectorMatrix: Sendable {
  /// What the vectors make of one candidate.
  public struct Row: Sendable {
    public let name: String
    /// Ids of the tests that it fails, in the order of the files, with the reason of each.
    public let failures: [(test: String, reason: String)]
    /// How many tests were judged at all.
    public let judged: Int
  }

  /// One for each mutant, in the catalogue's order.
  public let rows: [Row]
  public let mutants: [Mutant]
  /// Right candidates that fail a test; with any of them the matrix means nothing, and no mutant was tried.
  public let brokenBaseline: [Row]

  /// Mutants that can be told from right code and are not caught.
  public var survivors: [Mutant] { zip(mutants, rows).filter { $0.equivalence == nil && $1.failures.isEmpty }.map(\.0) }

  /// Mutants that are right code and are caught all the same: then some test is wrong.
  public var wronglyCaught: [Mutant] {
    zip(mutants, rows).filter { $0.equivalence != nil && !$1.failures.isEmpty }.map(\.0)
  }

  /// All vectors on all right candidates, then on the mutants.
  ///
  /// - Parameter afterRow: called when a mutant is done
  public init(
    _ set: VectorSet, mutants: [Mutant] = MutantCatalogue.mutants, afterRow: () -> Void = {}
  ) throws {
    self.mutants = mutants
    // Vectors hold the reference's policies; code that follows others is judged by the laws.
    let right =
      Candidate.builtIn
      + CorrectSubjects.all.map(\.subject).filter { $0.profile.policies == .reference }.map { .norm($0) }
    brokenBaseline = try right.map { try set.row(of: $0) }.filter { !$0.failures.isEmpty }
    guard brokenBaseline.isEmpty else {
      rows = []
      return
    }
    rows = try mutants.map { mutant in
      defer { afterRow() }
      return try set.row(of: mutant.candidate, named: mutant.id)
    }
  }

  /// For each test the mutants whose flag it has: the first `limit` tests that catch a mutant.
  func flags(limit: Int) -> [String: [String]] {
    var flags: [String: [String]] = [:]
    for row in rows {
      for failure in row.failures.prefix(limit) { flags[failure.test, default: []].append(row.name) }
    }
    return flags
  }
}

extension VectorSet {
  /// All tests on one candidate.
  public func row(of candidate: Candidate, named name: String? = nil) throws -> VectorMatrix.Row {
    var (failures, judged) = ([(test: String, reason: String)](), 0)
    for (group, test) in tests {
      let verdict: VectorVerdict
      switch candidate {
      case .norm(let subject): verdict = try test.verdict(in: group, of: subject)
      case .network:
        guard let network = candidate.network else { continue }
        verdict = try test.verdict(in: group, of: network)
      case .package: continue
      }
      switch verdict {
      case .passed: judged += 1
      // What is inexact counts against this package's own code, and against mutants of it.
      case .noted(let reason), .failed(let reason):
        judged += 1
        failures.append((test.id, reason))
      case .notJudged: break
      }
    }
    return VectorMatrix.Row(name: name ?? candidate.name, failures: failures, judged: judged)
  }
}
