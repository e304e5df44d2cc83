/// The figures beside a claim: numbers, not text, so that they can be read again by programs.
public struct ClaimTable: Codable, Equatable, Sendable {
  public struct Column: Codable, Equatable, Sendable {
    public var title: String
    /// Decimals that a reader is shown.
    public var decimals: Int
    /// What a number is multiplied by to be shown: 100 for percentages.
    public var factor: Double
    /// What stands for 0, 1, … where those are no amounts: 0 is shown as the first of them; none for plain numbers.
    public var words: [String]

    init(_ title: String, _ decimals: Int = 0, factor: Double = 1, words: [String] = []) {
      (self.title, self.decimals, self.factor, self.words) = (title, decimals, factor, words)
    }

    /// A share of 1, shown in percent.
    static func percent(_ title: String, _ decimals: Int = 2) -> Column {
      Column(title + " (%)", decimals, factor: 100)
    }
  }

  public var columns: [Column]
  /// As many numbers as columns; nil where there is none. A time that was never reached is infinite.
  public var rows: [[Double?]]

  init(_ columns: [Column], rows: [[Double?]] = []) {
    precondition(rows.allSatisfy { $0.count == columns.count }, "a ragged table")
    (self.columns, self.rows) = (columns, rows)
  }
}
