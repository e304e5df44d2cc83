/// How large a case its generators are to draw.
///
/// This module only records it, as the first choice of a tape; what it means is up to the generators.
public enum Scale: Int, CaseIterable, Comparable, Sendable {
  /// Small sizes, which shrink to cases that a person can read.
  case small
  /// Sizes of real data, kept short so that many cases are affordable.
  case real
  /// Sizes of real data.
  case wide
  /// About 10⁵ values.
  case large
  /// About 10⁶ values.
  case huge

  public static func < (left: Scale, right: Scale) -> Bool { left.rawValue < right.rawValue }
}

/// Which of a property's random cases have which scale.
public struct Scales: Sendable {
  private let scale: @Sendable (_ index: Int) -> Scale

  public init(_ scale: @escaping @Sendable (_ index: Int) -> Scale) { self.scale = scale }

  /// The scale of random case `index`.
  public func scale(of index: Int) -> Scale { scale(index) }
}

extension Source {
  /// Draws the case's scale as its first choice.
  mutating func drawScale() throws {
    let planned = scale
    let bounds = 0...Scale.allCases.count - 1
    guard let drawn = Scale(rawValue: try integer(in: bounds, towards: 0, sample: { _ in planned.rawValue })) else {
      preconditionFailure("a drawn integer lies in its bounds")
    }
    scale = drawn
  }
}
