/// The first index at which two arrays differ in any bit. −0 differs from +0, and NaNs may differ; so does a missing element.
public struct BitwiseDifference<S: Scalar>: Sendable, Equatable {
  public var index: Int
  /// nil if the observed array is shorter.
  public var observed: S?
  /// nil if the expected array is shorter.
  public var expected: S?

  /// nil if the arrays have the same count and the same bits.
  public init?(observed: [S], expected: [S]) {
    let shared = min(observed.count, expected.count)
    let index = (0..<shared).first { observed[$0].encoding != expected[$0].encoding } ?? shared
    guard index < max(observed.count, expected.count) else { return nil }
    self.index = index
    self.observed = index < observed.count ? observed[index] : nil
    self.expected = index < expected.count ? expected[index] : nil
  }

  /// Compares encodings, so that a difference with a NaN equals itself.
  public static func == (a: Self, b: Self) -> Bool {
    a.index == b.index && a.observed?.encoding == b.observed?.encoding && a.expected?.encoding == b.expected?.encoding
  }
}
