/// An exact value of any shape, row-major; all of them are values of float32 in inputs.
public struct VectorTensor: Equatable, Sendable {
  public var shape: [Int]
  public var values: [Double]

  /// - Parameter values: as many as the extents' product
  public init(shape: [Int], _ values: [Double]) {
    precondition(shape.reduce(1, *) == values.count, "a shape fits its values")
    self.shape = shape
    self.values = values
  }

  /// One axis.
  public init(_ values: [Double]) { self.init(shape: [values.count], values) }

  /// By encodings, so that −0 is not +0, and a NaN equals itself.
  public static func == (a: VectorTensor, b: VectorTensor) -> Bool {
    a.shape == b.shape && a.values.elementsEqual(b.values) { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
  }
}

/// An input by its name.
public struct VectorField: Equatable, Sendable {
  public var name: String
  public var value: VectorValue

  public init(_ name: String, _ value: VectorValue) {
    self.name = name
    self.value = value
  }
}

/// What an input holds.
public indirect enum VectorValue: Equatable, Sendable {
  case tensor(VectorTensor)
  /// ε, momentum and the like, a double.
  case number(Double)
  case integer(Int)
  case integers([Int])
  case text(String)
  /// Not affine, not tracked, cumulative.
  case absent
  /// Named values: the arrays of a network, a rule of descent.
  case fields([VectorField])
  /// The calls of a layer, one after another.
  case calls([[VectorField]])

  /// A tensor of one axis, or `absent`.
  public static func row(_ values: [Double]?) -> VectorValue { values.map { .tensor(VectorTensor($0)) } ?? .absent }
}

/// Which bound an implementation has to meet.
public enum VectorProfile: String, CaseIterable, Sendable {
  /// Arithmetic and sums in float32, in any order.
  case float32
  /// Arithmetic and sums in float64, in any order.
  case float64
  /// float32 in and out, sums in float64, each result rounded once.
  case float32Wide = "float32_wide"
}

/// An output by its name, with what is expected of it.
public struct VectorOutput: Equatable, Sendable {
  public enum Expectation: Equatable, Sendable {
    /// Each within the bound of the implementation's profile: one list a profile, one bound a value. A profile without a
    /// list is not judged. Outside `accuracyBounds`, where there are some, a value is right but weaker than the best known: an
    /// accuracy note.
    case values(
      VectorTensor, bounds: [VectorProfile: [Double]], accuracyBounds: [VectorProfile: [Double]] = [:])
    /// Identical bits, −0 apart from +0.
    case bits(VectorTensor)
    /// Counts, orders: equal.
    case integers([Int])
  }

  public var name: String
  public var expected: Expectation

  public init(_ name: String, _ expected: Expectation) {
    self.name = name
    self.expected = expected
  }
}
