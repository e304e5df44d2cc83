import BatchNormReference
public import BatchNormTesting
import ReproducibleMath
import TrainingEngine

/// The subjects that live in this process, by name.
public enum BuiltIn {
  /// Every batch normalization: the plain reference in both types, and the engine's vector kernels.
  public static let subjects: [any Subject] = [
    KernelSubject(PlainKernels<Float>(), name: "reference-float32", isYardstick: true),
    KernelSubject(PlainKernels<Double>(), name: "reference-float64"),
    KernelSubject(engine, name: "engine"),
  ]

  /// Every network with its training loop.
  public static let networks: [any NetworkSubject] = [
    KernelNetwork(PlainKernels<Float>(), name: "reference-float32", isYardstick: true),
    KernelNetwork(PlainKernels<Double>(), name: "reference-float64"),
    KernelNetwork(engine, name: "engine"),
  ]

  /// The fastest kernels that this processor runs. The choice cannot fail: the portable ones run everywhere.
  private static let engine: VectorKernels = {
    do { return try VectorKernels() } catch { preconditionFailure("\(error)") }
  }()
}
