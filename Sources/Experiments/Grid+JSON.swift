import Datasets
public import Foundation

extension SweepPlan {
  /// The grids of a plan file: a JSON array of objects with the fields of `Grid`. Only `name`, `dataset`,
  /// `validationCount`, `seeds` and one of `epochs` and `steps` must be there.
  ///
  /// - Throws: `PlanError`
  public init(readingJSON data: Data) throws(PlanError) {
    do { grids = try JSONDecoder().decode([Grid].self, from: data) } catch let error as PlanError { throw error } catch
    {
      throw PlanError(description: "the plan is not an array of grids: \(Self.reason(error))")
    }
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    switch error {
    case .keyNotFound(let key, let context): return "\(place(context))lacks \(key.stringValue)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      return "\(place(context))\(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }

  private static func place(_ context: DecodingError.Context) -> String {
    context.codingPath.isEmpty ? "" : context.codingPath.map(\.stringValue).joined(separator: ".") + ": "
  }
}

/// Why a plan cannot be used; `description` is the sentence for a person.
public struct PlanError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String
}

extension Grid {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, dataset, validationCount, seeds, batchNorm, batchSizes, statisticsBatches, learningRates, weightScales
    case runningMomenta, widths, epochs, steps, evaluations, detail
  }

  /// Any key, so that a misspelt one is seen.
  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  public init(from decoder: any Decoder) throws {
    let known = Set(CodingKeys.allCases.map(\.stringValue))
    let present = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
    if let unknown = present.filter({ !known.contains($0) }).min() {
      throw PlanError(
        description: "a grid of the plan has the unknown field \(unknown); fields are "
          + known.sorted().joined(separator: ", "))
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func value<T: Decodable>(_ key: CodingKeys, _ fallback: T) throws -> T {
      try values.decodeIfPresent(T.self, forKey: key) ?? fallback
    }
    self.init(
      name: try values.decode(String.self, forKey: .name),
      dataset: try values.decode(DatasetName.self, forKey: .dataset),
      validationCount: try values.decode(Int.self, forKey: .validationCount),
      seeds: try values.decode(Int.self, forKey: .seeds), epochs: try value(.epochs, nil), steps: try value(.steps, nil)
    )
    batchNorm = try value(.batchNorm, batchNorm)
    batchSizes = try value(.batchSizes, batchSizes)
    statisticsBatches = try value(.statisticsBatches, statisticsBatches)
    learningRates = try value(.learningRates, learningRates)
    weightScales = try value(.weightScales, weightScales)
    runningMomenta = try value(.runningMomenta, runningMomenta)
    widths = try value(.widths, widths)
    evaluations = try value(.evaluations, evaluations)
    detail = try value(.detail, detail)
    try check()
  }

  private func check() throws(PlanError) {
    func require(_ holds: Bool, _ sentence: String) throws(PlanError) {
      if !holds { throw PlanError(description: "grid \(name): \(sentence)") }
    }
    let images = dataset.count(of: .trainingImages)
    try require((epochs == nil) != (steps == nil), "give either epochs or steps")
    try require(
      epochs ?? steps ?? 1 >= 1 && seeds >= 1 && evaluations >= 1, "epochs, steps, seeds, evaluations must be 1 or more"
    )
    try require((1..<images).contains(validationCount), "validationCount must be 1 to \(images - 1)")
    try require(
      batchSizes.allSatisfy { (1...(images - validationCount)).contains($0) }, "batchSizes do not fit the data")
    try require(statisticsBatches.allSatisfy { $0 >= 0 }, "statisticsBatches must be 0 or more")
    try require(
      learningRates.allSatisfy { $0 > 0 && $0.isFinite } && weightScales.allSatisfy { $0 > 0 && $0.isFinite },
      "learningRates and weightScales must be above 0")
    try require(runningMomenta.allSatisfy { (0...1).contains($0) }, "runningMomenta must be 0 to 1")
    try require(
      widths.allSatisfy {
        $0.count >= 2 && $0.first == 784 && $0.last == 10 && $0.allSatisfy { (1...65_536).contains($0) }
      },
      "widths must begin with 784 and end with 10")
  }
}
