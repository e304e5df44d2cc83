public import PropertyTesting
import Testing

extension Property {
  /// Runs the property and records an issue at the caller's line unless its verdict is `holds`.
  @discardableResult
  public func expectHolds(
    _ settings: RunSettings = RunSettings(cases: 200, largest: .small), fileID: String = #fileID,
    filePath: String = #filePath,
    line: Int = #line, column: Int = #column
  ) -> RunSummary {
    let summary = run(settings)
    if summary.verdict != .holds {
      let location = SourceLocation(fileID: fileID, filePath: filePath, line: line, column: column)
      Issue.record(Comment(rawValue: "\(statement)\n\(summary)"), sourceLocation: location)
    }
    return summary
  }

  /// Runs the property, records an issue at the caller's line unless it is `broken`, and gives the first
  /// counterexample.
  @discardableResult
  public func expectBroken(
    _ settings: RunSettings = RunSettings(cases: 1000, largest: .small), fileID: String = #fileID,
    filePath: String = #filePath,
    line: Int = #line, column: Int = #column
  ) -> Counterexample? {
    let summary = run(settings)
    if summary.verdict != .broken {
      let location = SourceLocation(fileID: fileID, filePath: filePath, line: line, column: column)
      Issue.record(Comment(rawValue: "A counterexample was expected.\n\(summary)"), sourceLocation: location)
    }
    return summary.counterexamples.first
  }
}
