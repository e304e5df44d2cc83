public import BatchNormReference
import CKernels
public import ReproducibleMath

/// The kernels for training: the steps of the network in vector instructions, bit for bit those of `PlainKernels<Float>`.
///
/// Columns of the output are dealt to the team's threads; the bits depend neither on the instruction set nor on the number
/// of threads. Steps that have no vector form here (cross-entropy, running statistics) are the plain ones.
/// A call allocates nothing, except for layers that are not affine. Shapes are checked, as the C functions check nothing.
///
/// Values may be shared: while a team works for one caller, another caller's steps run on that caller's thread alone.
public struct VectorKernels: Kernels {
  let variant: nc_variant
  let team: ThreadTeam

  /// - Parameters:
  ///   - name: `portable`, `avx2`, `avx512` or `neon`; nil or empty for the fastest that this processor runs
  ///   - threads: at least 1, the caller's included
  public init(named name: String? = nil, threads: Int = 1) throws(KernelSelectionError) {
    var selected = nc_variant.portable
    switch nc_select(name, &selected) {
    case .selected: variant = selected
    case .unknownName: throw .unknown(name ?? "")
    case .unsupported: throw .unsupported(name ?? "")
    }
    team = try ThreadTeam(threads: threads)
  }

  public var name: String { String(cString: nc_variant_name(variant)) }

  /// Threads that share one step.
  public var threads: Int { team.threads }
}

/// Why vector kernels cannot be made; `description` is the sentence for a person.
public enum KernelSelectionError: Error, Equatable, CustomStringConvertible {
  case unknown(String)
  case unsupported(String)
  case threads(Int)

  public var description: String {
    switch self {
    case .unknown(let name):
      "There are no kernels called '\(name)': choose portable, avx2, avx512 or neon, or leave the choice open."
    case .unsupported(let name):
      "This processor does not run the \(name) kernels: choose portable, or leave the choice open."
    case .threads(let count): "A team of \(count) threads cannot be started: choose fewer, and at least 1."
    }
  }
}
