public import BatchNormReference

/// What a subject in another process says about itself.
public struct SubjectDescription: Hashable, Sendable {
  public var name: String
  public var version: String
  /// In the order of `ElementType`.
  public var elementTypes: [ElementType]
  public var layouts: Set<TensorLayout>
  public var methods: Set<SubjectProfile.Method>
  public var convention: Convention
}

/// The answer to `describe` as it travels.
struct WireDescription: Decodable {
  struct Conventions: Decodable {
    var running_variance: String
    var momentum: String
    var batch_of_one: String
  }

  var `protocol`: Int
  var name: String
  var version: String?
  var dtypes: [String]
  var layouts: [String]
  var methods: [String]
  var conventions: Conventions

  /// Throws one sentence where a word is not one of the protocol's.
  func checked() throws(Misnomer) -> SubjectDescription {
    guard `protocol` == 1 else { throw Misnomer("protocol is \(`protocol`), not 1") }
    guard !name.isEmpty, name.count <= 60, name.allSatisfy({ $0.isLetter || $0.isNumber || "-_.+".contains($0) }) else {
      throw Misnomer("name is to be of letters, digits and -_.+, at most 60 of them")
    }
    let types = try dtypes.map { dtype throws(Misnomer) in try Self.word(dtype, "dtypes", ElementType.self) }
    let layouts = try layouts.map { layout throws(Misnomer) in try Self.word(layout, "layouts", TensorLayout.self) }
    let methods = try methods.map { method throws(Misnomer) in
      try Self.word(method, "methods", SubjectProfile.Method.self)
    }
    guard !types.isEmpty, !layouts.isEmpty, !methods.isEmpty else {
      throw Misnomer("dtypes, layouts and methods name at least one each")
    }
    guard !methods.contains(.layers) else { throw Misnomer("methods names layers, which does not travel") }
    return SubjectDescription(
      name: name, version: version ?? "", elementTypes: ElementType.allCases.filter(types.contains),
      layouts: Set(layouts), methods: Set(methods),
      convention: Convention(
        runningVariance: try Self.word(
          conventions.running_variance, "running_variance", Convention.RunningVariance.self),
        momentum: try Self.word(conventions.momentum, "momentum", Convention.MomentumSense.self),
        batchOfOne: try Self.word(conventions.batch_of_one, "batch_of_one", Convention.BatchOfOne.self)))
  }

  /// What is wrong with a description.
  struct Misnomer: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  private static func word<Word: RawRepresentable & CaseIterable>(
    _ text: String, _ key: String, _ type: Word.Type
  ) throws(Misnomer) -> Word where Word.RawValue == String {
    guard let word = Word(rawValue: text) else {
      throw Misnomer("\(key) says \(text), which is none of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return word
  }
}
