import BatchNormTesting
public import NormLaws

/// What a run asked of a subject, as text.
public struct CoverageText: Sendable {
  /// How often each pair of classes must be asked of each method.
  public static let least = 5

  private let coverage: Coverage

  public init(_ coverage: Coverage) { self.coverage = coverage }

  /// Whether every pair was asked often enough.
  public var holds: Bool { Coverage.methods.allSatisfy { coverage.gaps($0, below: Self.least).isEmpty } }

  /// One row for each method, then the pairs that were asked too seldom.
  public var text: String {
    let table = TextTable(
      ["method", "calls", "pairs ≥ \(Self.least)"] + Coverage.Feature.allCases.map(\.rawValue),
      alignments: [.left] + Array(repeating: .right, count: 2 + Coverage.Feature.allCases.count),
      rows: Coverage.methods.map { method in
        let (all, gaps) = (Coverage.pairs(method), coverage.gaps(method, below: Self.least).count)
        return [method.rawValue, "\(coverage.calls(method))", "\(all - gaps) of \(all)"]
          + Coverage.Feature.allCases.map { "\(coverage.count($0, method))" }
      })
    let gaps = Coverage.methods.flatMap { method in
      coverage.gaps(method, below: Self.least).map { "\(method.rawValue): \($0.pair.text): \($0.count)" }
    }
    let verdict = holds ? "Every pair of classes is asked at least \(Self.least) times." : "Asked too seldom:"
    return ([table.lines.joined(separator: "\n"), verdict] + gaps).joined(separator: "\n")
  }
}
