import BatchNormTesting
public import NormLaws
public import PropertyTesting
public import ReferenceSubjects
import ReproducibleMath

extension Law.Scope {
  /// A law of a network with its training loop.
  static func network(
    _ body: @escaping @Sendable (inout Source, any NetworkSubject) throws -> Outcome
  ) -> Law.Scope {
    .trainingLoop { source, subject in
      guard let network = subject as? any NetworkSubject else {
        return .excluded("\(subject.name) is no network")
      }
      return try body(&source, network)
    }
  }
}

extension Law {
  /// The law on a network; nil where it is stated about something else.
  public func property(for network: any NetworkSubject) -> Property? { property(ofTrainingLoop: network) }
}

extension Candidate {
  /// The network, where the candidate is one.
  public var network: (any NetworkSubject)? {
    guard case .network(let subject) = self else { return nil }
    return subject as? any NetworkSubject
  }

  /// The batch normalizations and networks of this process, and the package itself.
  public static let builtIn: [Candidate] =
    BuiltIn.subjects.map { .norm($0) } + BuiltIn.networks.map { .network($0) } + [.package]
}
