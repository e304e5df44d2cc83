import BatchNormReference
import Properties
import ReproducibleMath
import Subjects
import Synchronization

/// The answers of the right code and of every mutant to the probes, under the convention and in the element type of one
/// candidate, and how far its own answers may lie from them.
///
/// An answer agrees with the right one where each number lies within the bound of the laws for that call (`CallBounds`). It
/// agrees with a mutant's where each lies within that bound, enlarged by c·u·(the greatest number of the mutant's
/// reading), c = 16 for `working`, 4 for `reference`: a wrong step replaces a right one, so the candidate takes as many
/// roundings, of terms that grow as the answer does. Mutants compute in `Double` and round once to `Float`, so a float64
/// candidate is granted that rounding too. Numbers whose bound exceeds a 64th of the reading are left out, and so is what a
/// `working` subject makes of more than two values with κ = |μ|/σ > 4, unless their sums are exact: there the order of its
/// sums decides what a slip that loses digits gives.
struct AnswerBook {
  let profile: SubjectProfile?
  private(set) var probes: [Probe]
  private var right: [Probe.Answer]
  /// By probe, reading and number; infinite for a number that proves nothing.
  private var bounds: [[[Double]]]
  private(set) var mutants: [Entry] = []

  /// A mutant with its answers.
  struct Entry: Sendable {
    let mutant: Mutant
    let answers: [Probe.Answer]
    /// The first stage in which they are not right; nil where there is none.
    var home: Stage?
  }

  private init(_ profile: SubjectProfile) {
    self.profile = profile
    probes = Probe.norms
    right = probes.answers(of: Self.right(profile))
    bounds = zip(probes, right).map { $0.bounds(of: $1, profile) }
    mutants = settled(Self.entries(profile.convention))
  }

  /// Of networks in float32, whose arithmetic is fixed to the bit.
  private init(networks: [Probe]) {
    profile = nil
    probes = networks
    right = probes.answers(of: .network(KernelNetwork(PlainKernels<Float>(), name: "right")))
    bounds = []
    mutants = settled(
      Self.entries(.pytorch) { candidate in
        if case .network = candidate { networks } else { [] }
      })
  }

  private func settled(_ entries: [Entry]) -> [Entry] {
    entries.map { entry in
      let wrong = differing(entry.answers, .mutantFromRight)
      var entry = entry
      entry.home = Stage.allCases.first { !wrong.isDisjoint(with: $0.parts) }
      return entry
    }
  }
}

// Books are written once for each kind of candidate.
extension AnswerBook {
  private static let books = Mutex<[SubjectProfile: AnswerBook]>([:])
  private static let networks = AnswerBook(networks: Probe.networks)

  /// The book for candidates of this kind; nil for what no mutant is a kind of.
  static func book(for candidate: Candidate) -> AnswerBook? {
    switch candidate {
    case .norm(let subject):
      var profile = subject.profile
      (profile.name, profile.version) = ("", "")
      return books.withLock { books in
        if let book = books[profile] { return book }
        let book = AnswerBook(profile)
        books[profile] = book
        return book
      }
    case .network(let network): return network.elementType == .float32 ? networks : nil
    case .package: return nil
    }
  }

  /// The book with more probes, which mutants answer when they are asked.
  func extended(by more: [Probe]) -> AnswerBook {
    guard let profile else { return self }
    var book = self
    let answers = more.answers(of: Self.right(profile))
    book.probes += more
    book.right += answers
    book.bounds += zip(more, answers).map { $0.bounds(of: $1, profile) }
    return book
  }

  private static func right(_ profile: SubjectProfile) -> Candidate {
    switch profile.elementType {
    case .float32: .norm(KernelSubject(PlainKernels<Float>(), name: "right", convention: profile.convention))
    case .float64: .norm(KernelSubject(PlainKernels<Double>(), name: "right", convention: profile.convention))
    }
  }

  /// Computed once for each convention. Mutants are told momenta as weights of the new, whatever is declared.
  private static func entries(_ convention: Convention) -> [Entry] {
    let own = convention.ofNew
    return known.withLock { known in
      if let entries = known[own] { return entries }
      let entries = entries(own) { candidate in
        if case .norm = candidate { Probe.norms } else { [] }
      }
      known[own] = entries
      return entries
    }
  }

  private static let known = Mutex<[Convention: [Entry]]>([:])

  private static func entries(_ convention: Convention, _ probes: (Candidate) -> [Probe]) -> [Entry] {
    MutantCatalogue.mutants.compactMap { mutant in
      let candidate = mutant.candidate(under: convention)
      let probes = probes(candidate)
      return probes.isEmpty ? nil : Entry(mutant: mutant, answers: probes.answers(of: candidate))
    }
  }
}

// Comparison.
extension AnswerBook {
  /// Whose answers are expected: that decides what is granted beyond the bounds of the laws.
  private enum Side {
    /// The right code's, in the candidate's own element type.
    case right
    /// A mutant's, of the candidate.
    case mutant
    /// The right code's, of a mutant: it is in `Float`.
    case mutantFromRight
  }

  /// The parts in which the answers are not the right ones.
  func differing(_ answers: [Probe.Answer]) -> Set<Part> { differing(answers, .right) }

  private func differing(_ answers: [Probe.Answer], _ side: Side) -> Set<Part> {
    probes.indices.reduce(into: []) { wrong, i in
      for part in parts(of: i) where !wrong.contains(part) {
        if !agree(answers[i], right[i], probe: i, in: [part], side) { wrong.insert(part) }
      }
    }
  }

  private func parts(of probe: Int) -> [Part] {
    guard case .readings(let readings) = right[probe] else { return [probes[probe].mainPart] }
    return [probes[probe].mainPart] + readings.map(\.part)
  }

  /// Whether the answers are the mutant's in these parts.
  func agree(_ answers: [Probe.Answer], with entry: Entry, in parts: [Part]) -> Bool {
    probes.indices.allSatisfy { i in
      let answer = entry.answers.indices.contains(i) ? entry.answers[i] : probes[i].answer(of: candidate(entry.mutant))
      return agree(answers[i], with: answer, probe: i, in: parts)
    }
  }

  private func candidate(_ mutant: Mutant) -> Candidate {
    mutant.candidate(under: profile?.convention.ofNew ?? .pytorch)
  }

  /// Whether the answer to one probe is the mutant's in these parts.
  func agree(_ answer: Probe.Answer, with mutant: Probe.Answer, probe i: Int, in parts: [Part]) -> Bool {
    agree(answer, mutant, probe: i, in: parts, .mutant)
  }

  private func agree(
    _ observed: Probe.Answer, _ expected: Probe.Answer, probe i: Int, in parts: [Part], _ side: Side
  ) -> Bool {
    switch (observed, expected) {
    case (.absent, _), (_, .absent), (.refused, .refused): return true
    case (.refused, _), (_, .refused): return !parts.contains(probes[i].mainPart)
    case (.readings(let observed), .readings(let expected)):
      for (k, (one, other)) in zip(observed, expected).enumerated() where parts.contains(one.part) {
        if !agree(one, other, bounds.isEmpty ? nil : bounds[i].isEmpty ? nil : bounds[i][k], side) { return false }
      }
      return true
    }
  }

  /// Without bounds, equal bits.
  private func agree(
    _ one: Probe.Reading, _ other: Probe.Reading, _ bounds: [Double]?, _ side: Side
  ) -> Bool {
    guard one.part == other.part, one.numbers.count == other.numbers.count else { return false }
    guard let profile, let bounds, bounds.count == one.numbers.count else {
      return one.numbers.elementsEqual(other.numbers) { $0.bitPattern == $1.bitPattern }
    }
    let growth = side != .mutant ? 0 : profile.accuracy == .reference ? 4.0 : 16
    let size = growth * profile.elementType.unitRoundoff * greatest(other.numbers)
    for i in one.numbers.indices where one.numbers[i].bitPattern != other.numbers[i].bitPattern {
      guard bounds[i].isFinite else { continue }
      let narrowing = side == .right || profile.elementType == .float32 ? 0 : other.numbers[i].roundingToFloat
      var comparison = Comparison()
      comparison.add(observed: one.numbers[i], expected: other.numbers[i], bound: bounds[i] + size + narrowing)
      if !comparison.passed { return false }
    }
    return true
  }
}

extension Probe {
  /// The bounds of the right readings: those of the laws, and the rounding of the right code itself.
  fileprivate func bounds(of right: Answer, _ profile: SubjectProfile) -> [[Double]] {
    guard case .readings(let right) = right else { return [] }
    if isOrderSeen(profile) { return right.map { $0.numbers.map { _ in .infinity } } }
    let laws: [[Double]] =
      switch question {
      case .training(let call):
        readings(bounds(of: call.said(in: profile.convention), profile)).map(\.numbers)
      case .evaluation(let call): [CallBounds.output(call, profile)]
      case .gradient(let call) where call.running == nil: readings(CallBounds.gradients(call, profile)).map(\.numbers)
      case .gradient(let call): [CallBounds.gradients(call, profile).numbers]
      // At most four passes over m = 3 values of size up to 5, whose terms a working subject rounds m + 8 times; mutants
      // store their state in `Float` between them.
      case .layer:
        right.map { reading in
          reading.numbers.map { _ in 64 * ElementType.float32.unitRoundoff * greatest(reading.numbers) }
        }
      case .network: []
      }
    return zip(right, laws).map { reading, bounds in
      if focus == .constantChannel || reading.part == .count { return bounds.map { _ in 0 } }
      let limit = max(greatest(reading.numbers), 0x1p-10) / 64
      return zip(reading.numbers, bounds).map { number, bound in
        let rounding = number.isFinite ? profile.elementType.unitRoundoff * abs(number) : 0
        return bound <= limit ? bound + rounding : .infinity
      }
    }
  }

  /// Whether the order in which the subject adds may decide what a slip that loses digits gives: one of its channels has κ > 4
  /// and more than two values, the sum of two being the same in any order, and Σx² is not a sum of integers below 1/u.
  private func isOrderSeen(_ profile: SubjectProfile) -> Bool {
    let x: Tensor
    switch question {
    case .training(let call): x = call.x
    case .gradient(let call) where call.running == nil: x = call.x
    default: return false
    }
    guard profile.accuracy == .working, x.channelLayout.valuesPerChannel > 2 else { return false }
    return (0..<x.shape[1]).contains { c in
      let values = x.channel(c)
      let mean = values.reduce(0, +) / Double(values.count)
      let isExact =
        values.allSatisfy { $0 == $0.rounded() } && sumOfSquares(values, 0) * profile.elementType.unitRoundoff < 1
      return !isExact && mean * mean > 16 * sumOfSquares(values, mean) / Double(values.count)
    }
  }

  private func bounds(of call: TrainingCall, _ profile: SubjectProfile) -> TrainingAnswer {
    let running = CallBounds.running(call, profile)
    return TrainingAnswer(
      y: CallBounds.output(call, profile),
      running: call.running.map { _ in RunningValues(mean: running.mean, variance: running.variance) })
  }
}

extension Convention {
  /// The convention whose momentum weighs the new, all else the same: that of the mutants.
  var ofNew: Convention { Convention(runningVariance: runningVariance, momentum: .weightOfNew, batchOfOne: batchOfOne) }
}

extension [Probe] {
  func answers(of candidate: Candidate) -> [Probe.Answer] { map { $0.answer(of: candidate) } }
}

extension Double {
  /// At least what rounding the value to `Float` changes.
  fileprivate var roundingToFloat: Double {
    isFinite ? ElementType.float32.unitRoundoff * magnitude + ElementType.float32.leastNonzeroMagnitude : 0
  }
}

/// The greatest finite magnitude; 0 where there is none.
private func greatest(_ numbers: [Double]) -> Double {
  numbers.reduce(0) { $1.isFinite ? Swift.max($0, abs($1)) : $0 }
}
