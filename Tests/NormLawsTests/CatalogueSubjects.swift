import BatchNormReference
import BatchNormTesting
@testable import Mutants
import NetworkLaws
import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath
import Testing

/// The mutant of that id, a batch normalization; with another declared accuracy if one is given.
func mutant(
  _ id: String, declaring accuracy: SubjectProfile.Accuracy? = nil, _ type: ElementType? = nil
) throws -> any Subject {
  let mutant = try #require(MutantCatalogue.mutant(id))
  guard case .norm(let subject) = mutant.candidate(under: .pytorch, type) else {
    throw SubjectError.refused(.unsupported, "\(id) is a network")
  }
  guard let accuracy else { return subject }
  return MutatedSubject(on: subject) { $0.profile.accuracy = accuracy }
}

/// The mutant of that id, a network.
func network(_ id: String) throws -> any NetworkSubject { try #require(MutantCatalogue.mutant(id)?.network) }

/// The network whose batch normalization has the bug of a mutant.
func network(withNormOf id: String) throws -> any NetworkSubject {
  stepNetwork(id, try #require(MutantCatalogue.mutant(id)?.mutation))
}

/// The reference in float32, without layers, with some calls replaced.
func mutated(_ mutation: (inout MutatedSubject) -> Void) -> any Subject {
  MutatedSubject(on: KernelSubject(PlainKernels<Float>(), name: "mutated")) {
    $0.profile.methods.remove(.layers)
    mutation(&$0)
  }
}

/// Right subjects that compute in the element type, each written differently.
enum WorkingSubjects {
  static let float: [any Subject] =
    ["two-pass-float", "welford", "textbook-pairwise-float32", "textbook-onnx-float32"].compactMap {
      CorrectSubjects.named($0)?.subject
    } + [
      KernelSubject(SumKernels<Float>(.reversed, in: .element), name: "reversed", accuracy: .working),
      TextbookNorm<Float>("products") { ($0.update, $0.lastStep, $0.backward) = (.interpolated, .folded, .products) },
      TextbookNorm<Float>("full-chain-rule") { ($0.sums, $0.backward) = (.welford, .fullChainRule) },
    ]
  static let names = float.map(\.profile.name)

  static func named(_ name: String) throws -> any Subject { try #require(float.first { $0.profile.name == name }) }
}

/// How the law fails on the subject, shrunk; nil if it holds.
func counterexample(_ id: String, _ subject: any Subject, cases: Int = 200) throws -> Failure? {
  let law = try #require(Catalogue.law(id))
  let property = try #require(law.property(for: subject))
  return property.run(RunSettings(cases: cases, largest: .small)).counterexamples.first?.failure
}

extension Failure {
  /// The value of the field of that name.
  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}

/// The laws of a family.
func laws(of family: String) -> [Law] { Catalogue.laws.filter { $0.family == family } }
