public import FixtureGeneration
import Mutants
import ReproducibleMath

/// Mutants before vectors as text: a pure function of the matrix.
public struct VectorMatrixText: Sendable {
  public let matrix: VectorMatrix

  public init(_ matrix: VectorMatrix) { self.matrix = matrix }

  /// The verdict in one line.
  public var verdict: String {
    guard matrix.brokenBaseline.isEmpty else {
      let rows = matrix.brokenBaseline.flatMap { row in row.failures.map { "\($0.test) on \(row.name)" } }
      return "Baseline broken, no mutant was tried: \(rows.joined(separator: ", "))."
    }
    let killed = matrix.rows.count { !$0.failures.isEmpty }
    let equivalent = matrix.mutants.count { $0.equivalence != nil } - matrix.wronglyCaught.count
    let judged = matrix.rows.count - equivalent
    let score = judged == 0 ? 100 : 100 * Double(killed) / Double(judged)
    return
      "\(killed) of \(counted(matrix.rows.count, "mutant")) killed by vectors alone; \(matrix.survivors.count) survived, "
      + "\(equivalent) equivalent. Mutation score \(fixed(score, 1)) %."
  }

  /// Whether the baseline holds, no mutant survived and no right code was caught.
  public var holds: Bool {
    matrix.brokenBaseline.isEmpty && matrix.survivors.isEmpty && matrix.wronglyCaught.isEmpty
  }

  public var table: TextTable {
    TextTable(
      ["mutant", "outcome", "first vector", "vectors", "wrong"], alignments: [.left, .left, .left, .right, .left],
      rows: zip(matrix.mutants, matrix.rows).map { mutant, row in
        [
          mutant.id, outcome(mutant, row), row.failures.first?.test ?? "–", "\(row.failures.count) of \(row.judged)",
          mutant.wrong,
        ]
      })
  }

  public var text: String { (table.lines + ["", verdict]).joined(separator: "\n") }

  public var markdown: String {
    "# Mutants before vectors\n\n**\(verdict)**\n\n\(table.markdown)\n"
  }

  /// The matrix for programs.
  public var record: VectorMatrixRecord {
    VectorMatrixRecord(
      verdict: verdict,
      rows: zip(matrix.mutants, matrix.rows).map { mutant, row in
        VectorMatrixRecord.Row(id: mutant.id, outcome: outcome(mutant, row), vectors: row.failures.map(\.test))
      })
  }

  private func outcome(_ mutant: Mutant, _ row: VectorMatrix.Row) -> String {
    switch (row.failures.isEmpty, mutant.equivalence == nil) {
    case (false, true): "killed"
    case (false, false): "right code caught"
    case (true, true): "survived"
    case (true, false): "equivalent"
    }
  }
}

/// The JSON of `mutants --by vectors --format json`.
public struct VectorMatrixRecord: Codable, Equatable, Sendable {
  /// One mutant with the ids of the vectors that kill it.
  public struct Row: Codable, Equatable, Sendable {
    public var id: String
    public var outcome: String
    public var vectors: [String]
  }

  public var verdict: String
  public var rows: [Row]
}
