import BatchNormReference
import BatchNormTesting
import NormLaws
import ReferenceSubjects
import ReproducibleMath

/// A mutant that is the reference except for replaced steps.
func stepMutant(
  _ id: String, _ genre: Mutant.Genre, wrong: String, right: String, seen: String = "", by input: String,
  killers: [String], equivalence: String? = nil, sameAs: String? = nil,
  types: [ElementType] = [.float32, .float64], _ mutation: @escaping @Sendable (inout NormSteps) -> Void
) -> Mutant {
  Mutant(
    id, genre, wrong: wrong, right: right, seen: seen, distinguishedBy: input, killers: killers,
    equivalence: equivalence, sameAs: sameAs, elementTypes: types, mutation: mutation
  ) { stepCandidate(id, mutation, $0, $1) }
}

/// The reference with replaced steps.
func stepCandidate(
  _ id: String, _ mutation: (inout NormSteps) -> Void, _ convention: Convention, _ type: ElementType
) -> Candidate {
  var steps = NormSteps(type)
  mutation(&steps)
  return switch type {
  case .float32:
    .norm(KernelSubject(StepKernels<Float>(name: id, steps: steps), name: id, convention: convention))
  case .float64:
    .norm(KernelSubject(StepKernels<Double>(name: id, steps: steps), name: id, convention: convention))
  }
}

/// The reference network with replaced steps of batch normalization.
func stepNetwork(_ id: String, _ mutation: (inout NormSteps) -> Void) -> any NetworkSubject {
  var steps = NormSteps()
  mutation(&steps)
  return KernelNetwork(StepKernels<Float>(name: id, steps: steps), name: id)
}

/// A mutant that answers some calls differently from the reference.
///
/// - Parameter declared: the convention that the mutant declares instead of a given one, if that is part of the bug
func callMutant(
  _ id: String, _ genre: Mutant.Genre, wrong: String, right: String, seen: String = "", by input: String,
  killers: [String], declares declared: @escaping @Sendable (Convention) -> Convention = { $0 }, sameAs: String? = nil,
  _ mutation: @escaping @Sendable (inout MutatedSubject) -> Void
) -> Mutant {
  Mutant(
    id, genre, wrong: wrong, right: right, seen: seen, distinguishedBy: input, killers: killers, sameAs: sameAs
  ) { convention, type in .norm(MutatedSubject(on: rightSubject(type, id, declared(convention)), mutation)) }
}

/// A mutant with layers that differ from the reference's.
func layerMutant(
  _ id: String, _ genre: Mutant.Genre, wrong: String, right: String, seen: String = "", by input: String,
  killers: [String], _ mutation: @escaping @Sendable (MutatedLayer) -> Void
) -> Mutant {
  callMutant(id, genre, wrong: wrong, right: right, seen: seen, by: input, killers: killers) {
    $0.layer = { settings, base in MutatedLayer(base, settings, mutation) }
  }
}
