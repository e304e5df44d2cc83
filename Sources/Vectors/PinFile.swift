/// Figures and digests that must not move: what the same code, inputs and seeds give on every machine.
public struct PinFile: Equatable, Sendable {
  /// One figure under a name that stays.
  public struct Pin: Equatable, Sendable {
    public var id: String
    public var value: Value

    public init(_ id: String, _ value: Value) {
      self.id = id
      self.value = value
    }
  }

  public enum Value: Equatable, Sendable {
    /// SHA-256 in hexadecimal.
    case digest(String)
    /// Values of float32, by which their distance is counted.
    case float32([Double])
    case float64([Double])
    case integers([Int])
    case text(String)

    /// By encodings, so that −0 is not +0 and a NaN equals itself.
    public static func == (a: Value, b: Value) -> Bool {
      switch (a, b) {
      case (.digest(let a), .digest(let b)), (.text(let a), .text(let b)): a == b
      case (.integers(let a), .integers(let b)): a == b
      case (.float32(let a), .float32(let b)), (.float64(let a), .float64(let b)):
        VectorTensor(a) == VectorTensor(b)
      default: false
      }
    }
  }

  /// What is pinned, in words.
  public var title: String
  public var pins: [Pin]

  public init(title: String, pins: [Pin]) {
    self.title = title
    self.pins = pins
  }
}

extension PinFile {
  /// The name of the schema that files of pins follow.
  public static let schema = "pins.schema.json"

  public var json: JSON {
    .object([
      .init("title", .text(title)), .init("schema", .text(Self.schema)),
      .init("count", .number(Double(pins.count))), .init("pins", .array(pins.map(\.json))),
    ])
  }

  /// The text of the file.
  public var text: String { json.text }

  /// A file of pins from its bytes, as strictly as files of vectors.
  public init(_ bytes: [UInt8]) throws(FixtureError) {
    var fields = try JSONFields(JSON(bytes), "")
    title = try fields.text("title")
    let schema = try fields.text("schema")
    guard schema == Self.schema else { throw FixtureError("schema: \(schema) is not \(Self.schema)") }
    let count = try fields.integer("count")
    pins = []
    var ids: Set<String> = []
    for (i, json) in try fields.array("pins").enumerated() {
      let pin = try Pin(json, "pins[\(i)]")
      guard ids.insert(pin.id).inserted else { throw FixtureError("the id \(pin.id) stands twice") }
      pins.append(pin)
    }
    try fields.finish()
    guard pins.count == count else { throw FixtureError("count: \(count) is said, there are \(pins.count) pins") }
  }
}

extension PinFile.Pin {
  var json: JSON {
    func numbers(_ type: String, _ values: [Double]) -> [JSON.Member] {
      [
        .init("dtype", .text(type)), .init("hex", .array(values.map { .text(HexadecimalValue.text($0)) })),
        .init("decimal", .array(values.map(JSON.decimal))),
      ]
    }
    let members: [JSON.Member] =
      switch value {
      case .digest(let digest): [.init("digest", .text(digest))]
      case .float32(let values): numbers("float32", values)
      case .float64(let values): numbers("float64", values)
      case .integers(let values): [.init("integers", .array(values.map { .number(Double($0)) }))]
      case .text(let text): [.init("text", .text(text))]
      }
    return .object([.init("id", .text(id))] + members)
  }

  init(_ json: JSON, _ path: String) throws(FixtureError) {
    var fields = try JSONFields(json, path)
    id = try fields.text("id")
    if json["digest"] != nil {
      value = .digest(try fields.text("digest"))
    } else if json["text"] != nil {
      value = .text(try fields.text("text"))
    } else if json["integers"] != nil {
      guard let integers = try fields.value("integers").integers else {
        throw FixtureError("\(path).integers is no list of integers")
      }
      value = .integers(integers)
    } else {
      let type = try fields.text("dtype")
      let values = try exactValues(fields.texts("hex"), fields.array("decimal"), path)
      switch type {
      case "float32": value = .float32(values)
      case "float64": value = .float64(values)
      default: throw FixtureError("\(path).dtype: \(type) is neither float32 nor float64")
      }
    }
    try fields.finish()
  }
}
