import BatchNormReference

extension VectorFile {
  /// A file of vectors from its bytes.
  ///
  /// Strict: unknown and missing fields, hexadecimal and decimal values that differ, counts that do not fit, an id that stands
  /// twice, a flag without a note are errors, each with its place.
  public init(_ bytes: [UInt8]) throws(FixtureError) {
    var fields = try JSONFields(JSON(bytes), "")
    algorithm = try fields.text("algorithm")
    let schema = try fields.text("schema")
    guard schema == Self.schema else { throw FixtureError("schema: \(schema) is not \(Self.schema)") }
    var generator = try JSONFields(fields.value("generator"), "generator")
    self.generator = Generator(name: try generator.text("name"), version: try generator.integer("version"))
    try generator.finish()
    let count = try fields.integer("count")
    retired = try fields.texts("retired")
    notes = []
    for (i, note) in try fields.array("notes").enumerated() { notes.append(try VectorNote(note, "notes[\(i)]")) }
    groups = []
    for (i, group) in try fields.array("groups").enumerated() { groups.append(try VectorGroup(group, "groups[\(i)]")) }
    try fields.finish()
    try check(count: count)
  }

  /// What holds between the parts of a file.
  private func check(count: Int) throws(FixtureError) {
    guard tests.count == count else { throw FixtureError("count: \(count) is said, there are \(tests.count) tests") }
    var ids = Set(retired)
    let flags = Set(notes.map(\.flag))
    guard flags.count == notes.count else { throw FixtureError("notes: a flag has two notes") }
    for (group, test) in tests {
      guard ids.insert(test.id).inserted else { throw FixtureError("the id \(test.id) stands twice, or was retired") }
      if let flag = test.flags.first(where: { !flags.contains($0) }) {
        throw FixtureError("\(test.id): the flag \(flag) has no note")
      }
      guard test.outputs.isEmpty == (test.result == .invalid) else {
        throw FixtureError("\(test.id): outputs belong to valid and convention, and to them only")
      }
      let given = (group.shared + test.inputs).map(\.name)
      guard given.sorted() == group.operation.inputs.sorted() else {
        let odd = Set(given).symmetricDifference(group.operation.inputs).sorted()
        throw FixtureError("\(test.id): inputs of \(group.operation.rawValue): \(odd.joined(separator: ", "))")
      }
    }
  }
}

extension VectorNote {
  init(_ json: JSON, _ path: String) throws(FixtureError) {
    var fields = try JSONFields(json, path)
    flag = try fields.text("flag")
    bugType = try fields.choice("bug_type")
    description = try fields.text("description")
    seen = json["seen"] == nil ? "" : try fields.text("seen")
    try fields.finish()
  }
}

extension VectorGroup {
  init(_ json: JSON, _ path: String) throws(FixtureError) {
    var fields = try JSONFields(json, path)
    operation = try fields.choice("operation")
    var convention = try JSONFields(fields.value("convention"), fields.path("convention"))
    self.convention = VectorConvention(
      runningVariance: try convention.optionalChoice("running_variance"),
      momentum: try convention.optionalChoice("momentum"), batchOfOne: try convention.optionalChoice("batch_of_one"))
    try convention.finish()
    shared = try [VectorField](fields.value("shared"), fields.path("shared"))
    tests = []
    for (i, test) in try fields.array("tests").enumerated() {
      tests.append(try VectorTest(test, "\(path).tests[\(i)]"))
    }
    try fields.finish()
  }
}

extension VectorTest {
  init(_ json: JSON, _ path: String) throws(FixtureError) {
    var fields = try JSONFields(json, path)
    id = try fields.text("id")
    comment = try fields.text("comment")
    flags = try fields.texts("flags")
    result = try fields.choice("result")
    inputs = try [VectorField](fields.value("inputs"), fields.path("inputs"))
    outputs = []
    var expected = try JSONFields(fields.value("outputs"), fields.path("outputs"))
    for member in expected.rest() {
      outputs.append(VectorOutput(member.name, try .init(member.value, expected.path(member.name))))
    }
    try fields.finish()
  }
}

extension [VectorField] {
  init(_ json: JSON, _ path: String) throws(FixtureError) {
    var fields = try JSONFields(json, path)
    self = []
    for member in fields.rest() {
      append(VectorField(member.name, try VectorValue(member.value, fields.path(member.name))))
    }
  }
}

extension VectorValue {
  init(_ json: JSON, _ path: String) throws(FixtureError) {
    switch json {
    case .null: self = .absent
    case .text(let text): self = .text(text)
    case .number:
      guard let integer = json.integer else { throw FixtureError("\(path): a number is given as hex and decimal") }
      self = .integer(integer)
    case .array(let values):
      if let integers = json.integers {
        self = .integers(integers)
        return
      }
      var calls: [[VectorField]] = []
      for (i, value) in values.enumerated() { calls.append(try [VectorField](value, "\(path)[\(i)]")) }
      self = .calls(calls)
    case .object:
      var fields = try JSONFields(json, path)
      if json["shape"] != nil {
        self = .tensor(try VectorTensor(&fields))
      } else if json["hex"] != nil {
        self = .number(try exactValues([fields.text("hex")], [fields.value("decimal")], path)[0])
      } else {
        self = .fields(try [VectorField](json, path))
        return
      }
      try fields.finish()
    case .bool: throw FixtureError("\(path): there are no booleans in vectors")
    }
  }
}

extension VectorOutput.Expectation {
  init(_ json: JSON, _ path: String) throws(FixtureError) {
    if let integers = json.integers {
      self = .integers(integers)
      return
    }
    var fields = try JSONFields(json, path)
    let tensor = try VectorTensor(&fields)
    if json["match"] != nil {
      let match = try fields.text("match")
      guard match == "bits" else { throw FixtureError("\(path).match: \(match) is not bits") }
      self = .bits(tensor)
    } else {
      let bounds = try Self.bounds(fields.value("bounds"), fields.path("bounds"), of: tensor)
      var accuracyBounds: [VectorProfile: [Double]] = [:]
      if let json = fields.optional("accuracy_bounds") {
        accuracyBounds = try Self.bounds(json, fields.path("accuracy_bounds"), of: tensor)
      }
      self = .values(tensor, bounds: bounds, accuracyBounds: accuracyBounds)
    }
    try fields.finish()
  }
  /// One list of bounds a profile.
  private static func bounds(
    _ json: JSON, _ path: String, of tensor: VectorTensor
  ) throws(FixtureError) -> [VectorProfile: [Double]] {
    var lists = try JSONFields(json, path)
    var bounds: [VectorProfile: [Double]] = [:]
    for profile in VectorProfile.allCases {
      guard let list = lists.optional(profile.rawValue) else { continue }
      guard case .array(let values) = list else { throw FixtureError("\(lists.path): a list is expected") }
      let numbers = values.compactMap { if case .number(let bound) = $0, bound >= 0 { bound } else { nil } }
      guard numbers.count == tensor.values.count, values.count == numbers.count else {
        throw FixtureError("\(lists.path(profile.rawValue)): one bound of 0 or more is expected for each value")
      }
      bounds[profile] = numbers
    }
    try lists.finish()
    return bounds
  }
}
