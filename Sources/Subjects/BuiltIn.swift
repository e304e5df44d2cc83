import BatchNormReference
import ReproducibleMath

/// The subjects that live in this process, by name.
public enum BuiltIn {
  /// Every batch normalization: the plain reference in both types.
  public static let subjects: [any Subject] = [
    KernelSubject(PlainKernels<Float>(), name: "reference-float32"),
    KernelSubject(PlainKernels<Double>(), name: "reference-float64"),
  ]

  /// Every network with its training loop.
  public static let networks: [any NetworkSubject] = [
    KernelNetwork(PlainKernels<Float>(), name: "reference-float32"),
    KernelNetwork(PlainKernels<Double>(), name: "reference-float64"),
  ]
}
