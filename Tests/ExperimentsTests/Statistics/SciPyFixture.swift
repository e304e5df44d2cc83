import Foundation

/// What SciPy computed, as `fixtures/statistics/scipy.json` holds it; `ci/make-statistics-fixture` says how.
struct SciPyFixture: Decodable {
  struct SampleFigures: Decodable {
    var values: [Double]
    var mean: Double
    var deviation: Double
    var quantiles: [String: Double]
    var interval95: [Double]
    var pValues: [String: Double]
    var equivalence: [Equivalence]
    var powers: [Power]
    var bootstrapMean: [Double]
    var bootstrapMedian: [Double]
  }

  struct Equivalence: Decodable { var margin, pValue: Double }
  struct Power: Decodable { var effect, power: Double }

  struct PairFigures: Decodable {
    var first: [Double]
    var second: [Double]
    var rankSum: Double
    var pValues: [String: Double]
    var signPValues: [String: Double]
  }

  struct NoncentralPoint: Decodable { var degrees, shift, t, upperTail: Double }

  var samples: [String: SampleFigures]
  var pairs: [String: PairFigures]
  var noncentral: [NoncentralPoint]

  static func load() throws -> SciPyFixture {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appending(path: "fixtures/statistics/scipy.json")
    return try JSONDecoder().decode(SciPyFixture.self, from: Data(contentsOf: file))
  }
}
