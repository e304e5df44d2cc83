import BatchNormReference
import BatchNormTesting
@testable import NetworkLaws
@testable import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath
import Synchronization
import Testing

/// The calls that the laws make. Large shapes take too long in a debug build, so this table is for short cases;
/// `verify --coverage` counts a whole tier.
struct CoverageTests {
  /// For each method: how many pairs of classes occur at least once, and the calls with C a multiple of 4.
  private static let table: [SubjectProfile.Method: (pairs: Int, multiplesOf4: Int)] = [
    .forwardTraining: (84, 250), .forwardEvaluation: (55, 35), .backwardTraining: (58, 50),
    .backwardEvaluation: (40, 12),
  ]

  @Test func `short cases reach most pairs of classes with every method`() {
    let coverage = Coverage()
    let subject = coverage.counting(KernelSubject(PlainKernels<Float>(), name: "reference-float32"))
    for law in Catalogue.laws {
      let settings = law.settings(RunSettings(cases: 30, largest: .real))
      if settings.cases > 0 { _ = law.property(for: subject)?.run(settings) }
    }
    for (method, minimum) in Self.table {
      #expect(Coverage.pairs(method) - coverage.gaps(method, below: 1).count >= minimum.pairs, "\(method)")
      #expect(coverage.count(.multipleOf4, method) >= minimum.multiplesOf4, "\(method)")
    }
    #expect(coverage.count(.empty, .forwardTraining) > 0 && coverage.count(.single, .forwardTraining) > 0)
  }

  @Test func `a case of several layers spreads them over the classes`() throws {
    let profile = KernelSubject(PlainKernels<Float>(), name: "reference-float32").profile
    let place = Mutex<[[Int]]>([])
    let property = Property("shapes", "", scales: Scales { _ in .wide }) { source in
      try source.several(24) { source in
        let shape = try source.realShape(profile, least: 2)
        place.withLock { $0.append(shape) }
        return .holds
      }
    }
    _ = property.run(RunSettings(cases: 1))
    let shapes = place.withLock { $0 }
    #expect(shapes.count == 24)
    // Each class of channels and each class of planes occurs in some layer.
    for channels in SizeClass.channels {
      #expect(shapes.contains { channels.contains($0[1]) }, "no layer has \(channels) channels")
    }
    for plane in SizeClass.planes {
      #expect(shapes.contains { plane.contains($0.dropFirst(2).reduce(1, *)) }, "no layer has a plane of \(plane)")
    }
  }

  @Test(arguments: [
    (Scale.real, [33, 5, 3], [64, 5, 2]), (.real, [32, 5, 3], [32, 5, 2]), (.real, [1, 4, 3], [1, 4, 2]),
    (.real, [7, 2], [4, 2]), (.large, [100_000, 1], [131_072, 1]), (.large, [25, 1, 63, 64], [64, 1, 32, 64]),
  ]) func `a shape is cut to a power of two within its classes`(scale: Scale, shape: [Int], cut: [Int]) {
    let seen = Mutex<[Int]>([])
    let property = Property("cut", "", scales: Scales { _ in scale }) { source in
      seen.withLock { $0 = source.cutToPowerOfTwo(shape) }
      return .holds
    }
    _ = property.run(RunSettings(cases: 1, largest: .huge, sweep: 0))
    #expect(seen.withLock { $0 } == cut)
  }

  @Test func `laws try ε = 0, and a subject may refuse it`() throws {
    for id in ["FWD-01", "EVA-01", "GRD-02"] {
      let law = try #require(Catalogue.law(id))
      let declining = WithoutZeroEpsilon()
      let summary = try #require(law.property(for: declining)).run(RunSettings(cases: 200, largest: .small))
      #expect(declining.declined.withLock { $0 } > 0, "\(id) never tries ε = 0")
      #expect(summary.counterexamples.isEmpty, "\(summary)")
    }
  }

  @Test func `laws in which subnormals that count as 0 show are listed`() {
    let reference = KernelSubject(PlainKernels<Float>(), name: "reference-float32")
    let laws = Catalogue.laws.filter { ["FWD-01", "FWD-15"].contains($0.id) }
    #expect(FlushedLaws.ids(of: Flushing(base: reference), among: laws) == ["FWD-15"])
    // A subject that keeps subnormals breaks no such law.
    #expect(FlushedLaws.ids(of: reference, among: laws) == [])
  }
}

/// The reference, except that it refuses ε = 0.
private struct WithoutZeroEpsilon: ForwardingSubject {
  let base: any Subject = KernelSubject(PlainKernels<Float>(), name: "reference-float32")
  let declined = Counter()

  final class Counter: Sendable {
    private let count = Mutex(0)
    func withLock<R>(_ body: (inout Int) -> R) -> R where R: Sendable { count.withLock { body(&$0) } }
  }

  private func check(_ epsilon: Double) throws {
    guard epsilon == 0 else { return }
    declined.withLock { $0 += 1 }
    throw SubjectError.refused(.invalidArgument, "ε must be positive")
  }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    try check(call.epsilon)
    return try base.forwardTraining(call)
  }

  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    try check(call.epsilon)
    return try base.forwardEvaluation(call)
  }

  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    try check(call.epsilon)
    return try base.backwardTraining(call)
  }
}

/// The reference with 0 for subnormal inputs and results.
private struct Flushing: ForwardingSubject {
  let base: any Subject

  var profile: SubjectProfile {
    var profile = base.profile
    profile.policies.subnormals = .flushed
    return profile
  }

  private func flushed(_ values: [Double]) -> [Double] {
    values.map { abs($0) < profile.elementType.leastNormalMagnitude ? 0 : $0 }
  }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    var call = call
    call.x.values = flushed(call.x.values)
    var answer = try base.forwardTraining(call)
    answer.y = flushed(answer.y)
    return answer
  }
}
