import BatchNormReference
public import ReproducibleMath

/// A file of test vectors: questions to a batch normalization or a network with their answers, for anyone in any language.
public struct VectorFile: Equatable, Sendable {
  /// What is tested, in words.
  public var algorithm: String
  /// Name and version of what wrote the file.
  public var generator: Generator
  /// Ids that tests bore once. They are never given again.
  public var retired: [String]
  /// One for each flag that a test of the file has.
  public var notes: [VectorNote]
  public var groups: [VectorGroup]

  /// What wrote a file.
  public struct Generator: Equatable, Sendable {
    public var name: String
    /// Of the format: 2 since outputs may have accuracy bounds.
    public var version: Int

    public init(name: String = "normcheck fixtures pin", version: Int = 2) {
      self.name = name
      self.version = version
    }
  }

  public init(
    algorithm: String, generator: Generator = Generator(), retired: [String] = [], notes: [VectorNote] = [],
    groups: [VectorGroup]
  ) {
    self.algorithm = algorithm
    self.generator = generator
    self.retired = retired
    self.notes = notes
    self.groups = groups
  }

  /// All tests, each with its group, in the order of the file.
  public var tests: [(group: VectorGroup, test: VectorTest)] {
    groups.flatMap { group in group.tests.map { (group, $0) } }
  }
}

/// Why a test exists: what bug it finds, and where that bug was seen.
public struct VectorNote: Equatable, Sendable {
  /// What a bug is about; `input` for a flag that says what kind of input it is.
  public enum BugType: String, CaseIterable, Sendable {
    case forward, backward, running, evaluation, state, network, input
  }

  public var flag: String
  public var bugType: BugType
  public var description: String
  /// Empty where we know of no place.
  public var seen: String

  public init(flag: String, bugType: BugType, description: String, seen: String = "") {
    self.flag = flag
    self.bugType = bugType
    self.description = description
    self.seen = seen
  }
}

/// Tests of one operation under one convention, with the inputs that they share.
public struct VectorGroup: Equatable, Sendable {
  public var operation: VectorOperation
  public var convention: VectorConvention
  /// Inputs of every test of the group.
  public var shared: [VectorField]
  public var tests: [VectorTest]

  public init(
    _ operation: VectorOperation, convention: VectorConvention = .any, shared: [VectorField] = [], tests: [VectorTest]
  ) {
    self.operation = operation
    self.convention = convention
    self.shared = shared
    self.tests = tests
  }
}

/// The choices of a convention that the tests of a group depend on; nil where a choice does not matter to them.
public struct VectorConvention: Equatable, Sendable {
  public var runningVariance: Convention.RunningVariance?
  public var momentum: Convention.MomentumSense?
  public var batchOfOne: Convention.BatchOfOne?

  public init(
    runningVariance: Convention.RunningVariance? = nil, momentum: Convention.MomentumSense? = nil,
    batchOfOne: Convention.BatchOfOne? = nil
  ) {
    self.runningVariance = runningVariance
    self.momentum = momentum
    self.batchOfOne = batchOfOne
  }

  public static let any = VectorConvention()

  /// Whether a subject that declares `convention` is bound by the tests of the group.
  public func binds(_ convention: Convention) -> Bool {
    (runningVariance ?? convention.runningVariance) == convention.runningVariance
      && (momentum ?? convention.momentum) == convention.momentum
      && (batchOfOne ?? convention.batchOfOne) == convention.batchOfOne
  }
}

/// One question with its answer.
public struct VectorTest: Equatable, Sendable {
  public enum Result: String, CaseIterable, Sendable {
    /// Every implementation of the group's convention gives the outputs within their bounds.
    case valid
    /// Every implementation of the group's convention refuses.
    case invalid
    /// This package's own arithmetic or PyTorch's random stream, to the bit: binding for who claims to follow it.
    case convention
  }

  /// Stable, never reused, never renumbered.
  public var id: String
  public var comment: String
  /// Each has a note in the file's header.
  public var flags: [String]
  public var result: Result
  public var inputs: [VectorField]
  /// Empty for `invalid`.
  public var outputs: [VectorOutput]

  public init(
    id: String, comment: String, flags: [String] = [], result: Result, inputs: [VectorField], outputs: [VectorOutput]
  ) {
    self.id = id
    self.comment = comment
    self.flags = flags
    self.result = result
    self.inputs = inputs
    self.outputs = outputs
  }
}
