/// The first place where two arrays differ in any bit: −0 from +0, one NaN from another, a missing element.
public struct BitwiseDifference<S: Scalar>: Sendable, Equatable {
  public var index: Int
  /// nil where the observed array has ended.
  public var observed: S?
  /// nil where the expected array has ended.
  public var expected: S?

  /// nil if the arrays are identical to the bit and have the same count.
  public init?(observed: [S], expected: [S]) {
    let shared = min(observed.count, expected.count)
    let index = (0..<shared).first { observed[$0].encoding != expected[$0].encoding } ?? shared
    guard index < max(observed.count, expected.count) else { return nil }
    self.index = index
    self.observed = index < observed.count ? observed[index] : nil
    self.expected = index < expected.count ? expected[index] : nil
  }

  /// By encodings, so that a difference that holds a NaN equals itself.
  public static func == (a: Self, b: Self) -> Bool {
    a.index == b.index && a.observed?.encoding == b.observed?.encoding && a.expected?.encoding == b.expected?.encoding
  }
}
