public import BatchNormTesting
import ReproducibleMath

/// What a subject in another process says about itself.
public struct SubjectDescription: Hashable, Sendable {
  public var name: String
  public var version: String
  /// In the order of `ElementType`.
  public var elementTypes: [ElementType]
  public var layouts: Set<TensorLayout>
  public var methods: Set<SubjectProfile.Method>
  /// The policies that it declares; the others are to be inferred.
  public var declared: DeclaredPolicies
}

/// The answer to `describe` as it travels.
struct WireDescription: Decodable {
  var `protocol`: Int
  var name: String
  var version: String?
  var dtypes: [String]
  var layouts: [String]
  var methods: [String]
  var conventions: [String: String]?

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
      declared: try declared())
  }

  /// Every declared policy; one sentence where a key or a word is not known.
  private func declared() throws(Misnomer) -> DeclaredPolicies {
    var declared = DeclaredPolicies()
    for (key, word) in (conventions ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let policy = Policy(rawValue: key) else {
        throw Misnomer(
          "conventions has the unknown key \"\(key)\"; the keys are \(Policy.allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      if let words = declared.declare(policy, word) {
        throw Misnomer("\(key) says \"\(word)\", which is none of \(words.joined(separator: ", "))")
      }
    }
    return declared
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
