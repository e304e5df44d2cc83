import ArgumentParser
import Foundation
import NormLaws
import PropertyTesting

/// The largest scale of a case by its name.
enum ScaleOption: String, ExpressibleByArgument, CaseIterable {
  case small, real, wide, large, huge

  var scale: Scale {
    switch self {
    case .small: .small
    case .real: .real
    case .wide: .wide
    case .large: .large
    case .huge: .huge
    }
  }
}

/// How many cases of the laws are judged, which ones and how many at once: the same for every command that judges.
struct RunOptions: ParsableArguments {
  @Option(help: "smoke, ci or full: 60, 1,000 or 10,000 cases a law.")
  var tier = Tier.smoke

  @Option(help: "Cases a law, instead of the tier's.")
  var cases: Int?

  @Option(help: "The largest cases: small, real (up to 4,096 values), wide, large (10⁵ values) or huge (10⁶).")
  var largest = ScaleOption.huge

  @Option(help: "Seed of the random cases: the same seed gives the same cases.")
  var seed: UInt64 = 0

  @Option(help: "How many rows or mutants are judged at once.")
  var workers = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    if let cases, cases < 1 { throw ValidationError("--cases must be at least 1.") }
    guard workers >= 1 else { throw ValidationError("--workers must be at least 1.") }
  }

  var settings: RunSettings { RunSettings(cases: cases ?? tier.cases, largest: largest.scale, seed: seed) }
}
