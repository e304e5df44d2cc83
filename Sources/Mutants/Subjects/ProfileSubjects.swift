public import BatchNormTesting
import ReferenceSubjects

/// The subjects of the accuracy profile: right ones of each kind, and the one-pass variance for comparison.
public enum ProfileSubjects {
  /// Those in the published profile, worst last.
  public static let shown: [any Subject] =
    BuiltIn.subjects.filter { ["reference-float32", "engine"].contains($0.profile.name) } + [
      working("two-pass-float", WorkingKernels()), working("folded", WorkingKernels(.twoPass, .folded)),
      working("one-pass-float", WorkingKernels(.onePass)),
    ]

  /// All that can be profiled by name: the shown ones, the built-in ones, and the right ones that are written differently.
  public static let all: [any Subject] = (shown + BuiltIn.subjects + CorrectSubjects.all.map(\.subject)).reduce(into: []
  ) {
    known, subject in
    if !known.contains(where: { $0.profile.name == subject.profile.name }) { known.append(subject) }
  }

  private static func working(_ name: String, _ kernels: WorkingKernels<Float>) -> any Subject {
    KernelSubject(kernels, name: name, accuracy: .working)
  }
}
