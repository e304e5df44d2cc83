public import ReproducibleMath

/// A documented choice that no formula settles. The raw values are the keys of `conventions` in the subject protocol.
public enum Policy: String, CaseIterable, Hashable, Sendable {
  case runningVariance = "running_variance"
  case momentum
  case batchOfOne = "batch_of_one"
  case emptyBatch = "empty_batch"
  case nanAtWeightZero = "nan_at_weight_zero"
  case momentumDomain = "momentum_domain"
  case subnormals
  case debias
  case epsilonType = "epsilon_type"
  case batchInvariance = "batch_invariance"
  case cumulative
}

/// What a subject does where there is no formula, beside its `Convention`.
///
/// The defaults are those of this package's reference.
public struct Policies: Hashable, Sendable {
  /// What training on a batch without samples does.
  public enum EmptyBatch: String, CaseIterable, Hashable, Sendable {
    /// It is refused.
    case error
    /// y is empty and the state does not move.
    case empty
    /// y is empty and the running statistics become NaN.
    case nan
  }

  /// What a NaN or an infinity of the batch does to running statistics that give the batch no weight.
  public enum NaNAtWeightZero: String, CaseIterable, Hashable, Sendable {
    /// The state stays as it was.
    case kept
    /// 0·NaN = NaN reaches the state.
    case spreads
  }

  /// Whether the weights 0 and 1 of the new belong to the domain of momentum.
  public enum MomentumDomain: String, CaseIterable, Hashable, Sendable {
    case closed
    /// The ends are not asked.
    case open
  }

  /// What becomes of values below the smallest normal number.
  public enum Subnormals: String, CaseIterable, Hashable, Sendable {
    case kept
    /// Inputs and results count as 0.
    case flushed
  }

  /// Whether evaluation divides running statistics by 1 − (weight of the old)^(number of batches).
  public enum Debias: String, CaseIterable, Hashable, Sendable {
    case none
    case zeroDebias = "zero_debias"
  }

  /// The type in which ε and momentum are taken.
  public enum EpsilonType: String, CaseIterable, Hashable, Sendable {
    case double
    case float32
  }

  /// How far a sample's result may depend on the batch that it comes in.
  public enum BatchInvariance: String, CaseIterable, Hashable, Sendable {
    /// Not at all.
    case bitwise
    /// By rounding.
    case withinBound = "within_bound"
  }

  /// Whether momentum null, the plain mean of the batch statistics, is offered.
  public enum Cumulative: String, CaseIterable, Hashable, Sendable {
    case yes
    case no
  }

  public var emptyBatch = EmptyBatch.error
  public var nanAtWeightZero = NaNAtWeightZero.kept
  public var momentumDomain = MomentumDomain.closed
  public var subnormals = Subnormals.kept
  public var debias = Debias.none
  public var epsilonType = EpsilonType.double
  public var batchInvariance = BatchInvariance.bitwise
  public var cumulative = Cumulative.yes

  public init() {}

  /// The policies of this package's reference.
  public static let reference = Policies()
}

/// What a description says of each policy, by key; what it leaves out is to be inferred.
public struct DeclaredPolicies: Hashable, Sendable {
  /// The word of each declared policy, one that the policy has.
  public private(set) var words: [Policy: String] = [:]

  public init() {}

  /// Every policy of the convention and of `policies`.
  public init(_ convention: Convention, _ policies: Policies) {
    for policy in Policy.allCases { words[policy] = policy.word(convention, policies) }
  }

  /// - Returns: nil where it is declared, else the words that the policy has
  public mutating func declare(_ policy: Policy, _ word: String) -> [String]? {
    guard policy.words.contains(word) else { return policy.words }
    words[policy] = word
    return nil
  }

  public var keys: Set<Policy> { Set(words.keys) }
}

extension Policy {
  /// The words that may be declared.
  public var words: [String] {
    switch self {
    case .runningVariance: Convention.RunningVariance.allCases.map(\.rawValue)
    case .momentum: Convention.MomentumSense.allCases.map(\.rawValue)
    case .batchOfOne: Convention.BatchOfOne.allCases.map(\.rawValue)
    case .emptyBatch: Policies.EmptyBatch.allCases.map(\.rawValue)
    case .nanAtWeightZero: Policies.NaNAtWeightZero.allCases.map(\.rawValue)
    case .momentumDomain: Policies.MomentumDomain.allCases.map(\.rawValue)
    case .subnormals: Policies.Subnormals.allCases.map(\.rawValue)
    case .debias: Policies.Debias.allCases.map(\.rawValue)
    case .epsilonType: Policies.EpsilonType.allCases.map(\.rawValue)
    case .batchInvariance: Policies.BatchInvariance.allCases.map(\.rawValue)
    case .cumulative: Policies.Cumulative.allCases.map(\.rawValue)
    }
  }

  /// The word for what is done under them.
  public func word(_ convention: Convention, _ policies: Policies) -> String {
    switch self {
    case .runningVariance: convention.runningVariance.rawValue
    case .momentum: convention.momentum.rawValue
    case .batchOfOne: convention.batchOfOne.rawValue
    case .emptyBatch: policies.emptyBatch.rawValue
    case .nanAtWeightZero: policies.nanAtWeightZero.rawValue
    case .momentumDomain: policies.momentumDomain.rawValue
    case .subnormals: policies.subnormals.rawValue
    case .debias: policies.debias.rawValue
    case .epsilonType: policies.epsilonType.rawValue
    case .batchInvariance: policies.batchInvariance.rawValue
    case .cumulative: policies.cumulative.rawValue
    }
  }

  /// Sets the policy to the word, one that it has.
  func set(_ word: String, _ convention: inout Convention, _ policies: inout Policies) {
    func choose<Word: RawRepresentable>(_ place: inout Word) where Word.RawValue == String {
      if let choice = Word(rawValue: word) { place = choice }
    }
    switch self {
    case .runningVariance: choose(&convention.runningVariance)
    case .momentum: choose(&convention.momentum)
    case .batchOfOne: choose(&convention.batchOfOne)
    case .emptyBatch: choose(&policies.emptyBatch)
    case .nanAtWeightZero: choose(&policies.nanAtWeightZero)
    case .momentumDomain: choose(&policies.momentumDomain)
    case .subnormals: choose(&policies.subnormals)
    case .debias: choose(&policies.debias)
    case .epsilonType: choose(&policies.epsilonType)
    case .batchInvariance: choose(&policies.batchInvariance)
    case .cumulative: choose(&policies.cumulative)
    }
  }
}

extension SubjectProfile {
  /// The profile whose policies are the declared ones, then the inferred ones, then what this profile has.
  public func with(declared: DeclaredPolicies, inferred: [Policy: String] = [:]) -> SubjectProfile {
    var profile = self
    profile.declared = declared.keys
    for policy in Policy.allCases {
      if let word = declared.words[policy] ?? inferred[policy] {
        policy.set(word, &profile.convention, &profile.policies)
      }
    }
    return profile
  }

  /// ε or momentum as the subject takes it: rounded to float32 where that is its policy.
  public func taken(_ value: Double) -> Double {
    policies.epsilonType == .float32 ? Double(Float(value)) : value
  }

  /// The size of what underflow can lose in one operation: the smallest subnormal, or the smallest normal number where
  /// subnormals are flushed.
  public var underflowUnit: Double {
    policies.subnormals == .flushed ? elementType.leastNormalMagnitude : elementType.leastNonzeroMagnitude
  }
}
