import BatchNormReference
import ReproducibleMath

extension VectorFile {
  /// The name of the schema that files of vectors follow.
  public static let schema = "vectors.schema.json"

  /// The file as JSON, members in the order in which a person reads them.
  public var json: JSON {
    .object([
      .init("algorithm", .text(algorithm)),
      .init("schema", .text(Self.schema)),
      .init(
        "generator",
        .object([.init("name", .text(generator.name)), .init("version", .number(Double(generator.version)))])),
      .init("count", .number(Double(tests.count))),
      .init("retired", .array(retired.map(JSON.text))),
      .init("notes", .array(notes.map(\.json))),
      .init("groups", .array(groups.map(\.json))),
    ])
  }

  /// The text of the file.
  public var text: String { json.text }
}

extension VectorNote {
  var json: JSON {
    var members: [JSON.Member] = [
      .init("flag", .text(flag)), .init("bug_type", .text(bugType.rawValue)), .init("description", .text(description)),
    ]
    if !seen.isEmpty { members.append(.init("seen", .text(seen))) }
    return .object(members)
  }
}

extension VectorGroup {
  var json: JSON {
    .object([
      .init("operation", .text(operation.rawValue)),
      .init("convention", convention.json),
      .init("shared", shared.json),
      .init("tests", .array(tests.map(\.json))),
    ])
  }
}

extension VectorConvention {
  var json: JSON {
    var members: [JSON.Member] = []
    if let runningVariance { members.append(.init("running_variance", .text(runningVariance.rawValue))) }
    if let momentum { members.append(.init("momentum", .text(momentum.rawValue))) }
    if let batchOfOne { members.append(.init("batch_of_one", .text(batchOfOne.rawValue))) }
    return .object(members)
  }
}

extension VectorTest {
  var json: JSON {
    .object([
      .init("id", .text(id)),
      .init("comment", .text(comment)),
      .init("flags", .array(flags.map(JSON.text))),
      .init("result", .text(result.rawValue)),
      .init("inputs", inputs.json),
      .init("outputs", .object(outputs.map { .init($0.name, $0.expected.json) })),
    ])
  }
}

extension [VectorField] {
  var json: JSON { .object(map { .init($0.name, $0.value.json) }) }
}

extension VectorTensor {
  fileprivate var members: [JSON.Member] {
    [
      .init("shape", .array(shape.map { .number(Double($0)) })),
      .init("hex", .array(values.map { .text(HexadecimalValue.text($0)) })),
      .init("decimal", .array(values.map(JSON.decimal))),
    ]
  }
}

extension VectorValue {
  var json: JSON {
    switch self {
    case .tensor(let tensor): .object(tensor.members)
    case .number(let value):
      .object([.init("hex", .text(HexadecimalValue.text(value))), .init("decimal", JSON.decimal(value))])
    case .integer(let value): .number(Double(value))
    case .integers(let values): .array(values.map { .number(Double($0)) })
    case .text(let text): .text(text)
    case .absent: .null
    case .fields(let fields): fields.json
    case .calls(let calls): .array(calls.map(\.json))
    }
  }
}

extension VectorOutput.Expectation {
  var json: JSON {
    switch self {
    case .values(let tensor, let bounds, let accuracyBounds):
      .object(
        tensor.members + [.init("bounds", Self.json(bounds))]
          + (accuracyBounds.isEmpty ? [] : [.init("accuracy_bounds", Self.json(accuracyBounds))]))
    case .bits(let tensor): .object(tensor.members + [.init("match", .text("bits"))])
    case .integers(let values): .array(values.map { .number(Double($0)) })
    }
  }

  private static func json(_ bounds: [VectorProfile: [Double]]) -> JSON {
    .object(
      VectorProfile.allCases.compactMap { profile in
        bounds[profile].map { .init(profile.rawValue, .array($0.map(JSON.number))) }
      })
  }
}
