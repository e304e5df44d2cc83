/// The figures of a claim as numbers, so that programs can read them.
public struct ClaimTable: Codable, Equatable, Sendable {
  public struct Column: Codable, Equatable, Sendable {
    public var title: String
    /// The number of decimals shown.
    public var decimals: Int
    /// A number is shown times this: 100 for percentages.
    public var factor: Double
    /// Labels of a categorical column: value 0 is shown as `words[0]`, 1 as `words[1]`, … Empty for numeric columns.
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
  /// One number for each column; nil where there is none. The time to a target that was never reached is infinite.
  public var rows: [[Double?]]

  init(_ columns: [Column], rows: [[Double?]] = []) {
    precondition(rows.allSatisfy { $0.count == columns.count }, "a ragged table")
    (self.columns, self.rows) = (columns, rows)
  }
}
