/// The tensors and integers of a file of vectors, flat and named, for tools that read arrays.
///
/// `ID/in/NAME`, `ID/out/NAME` and `ID/bound/PROFILE/NAME`, all as float64, which holds every value exactly; integers as
/// int64. Members of nested inputs stand behind a dot, calls of layers behind their index: `layers-002/in/steps[0].x`. Texts
/// (mode, direction) and null have no array: they stand in the JSON alone.
public struct NamedArrays: Equatable, Sendable {
  public enum Values: Equatable, Sendable {
    case float64(VectorTensor)
    case int64([Int])

    public var shape: [Int] {
      switch self {
      case .float64(let tensor): tensor.shape
      case .int64(let values): [values.count]
      }
    }

    /// Little-endian, row-major.
    var bytes: [UInt8] {
      switch self {
      case .float64(let tensor): tensor.values.flatMap { littleEndian($0.bitPattern) }
      case .int64(let values): values.flatMap { littleEndian(UInt64(bitPattern: Int64($0))) }
      }
    }
  }

  public private(set) var arrays: [(name: String, values: Values)] = []

  public init(_ file: VectorFile) {
    for (group, test) in file.tests {
      for field in group.shared + test.inputs { add(field.value, "\(test.id)/in/\(field.name)") }
      for output in test.outputs {
        let name = "\(test.id)/out/\(output.name)"
        switch output.expected {
        case .bits(let tensor): add(.float64(tensor), name)
        case .integers(let values): add(.int64(values), name)
        case .values(let tensor, let bounds, _):
          add(.float64(tensor), name)
          for profile in VectorProfile.allCases {
            guard let bound = bounds[profile] else { continue }
            add(
              .float64(VectorTensor(shape: tensor.shape, bound)),
              "\(test.id)/bound/\(profile.rawValue)/\(output.name)")
          }
        }
      }
    }
  }

  public static func == (a: NamedArrays, b: NamedArrays) -> Bool {
    a.arrays.elementsEqual(b.arrays) { $0.name == $1.name && $0.values == $1.values }
  }

  private mutating func add(_ values: Values, _ name: String) { arrays.append((name, values)) }

  private mutating func add(_ value: VectorValue, _ name: String) {
    switch value {
    case .tensor(let tensor): add(.float64(tensor), name)
    case .number(let number): add(.float64(VectorTensor(shape: [], [number])), name)
    case .integer(let integer): add(.int64([integer]), name)
    case .integers(let integers): add(.int64(integers), name)
    case .text, .absent: break
    case .fields(let fields): for field in fields { add(field.value, "\(name).\(field.name)") }
    case .calls(let calls):
      for (i, call) in calls.enumerated() {
        for field in call { add(field.value, "\(name)[\(i)].\(field.name)") }
      }
    }
  }
}

/// The bytes of an integer, least significant first.
func littleEndian<I: FixedWidthInteger>(_ integer: I) -> [UInt8] {
  withUnsafeBytes(of: integer.littleEndian) { Array($0) }
}
