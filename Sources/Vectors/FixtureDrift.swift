import ReproducibleMath

/// One difference between a fixture as it is pinned and as it comes out now.
public struct FixtureDrift: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    /// Something new: a test, a pin.
    case added
    /// Another value, bound, flag or comment.
    case changed
    /// A test that is gone, has other inputs, or has a retired id: never pinned.
    case renumbered
  }

  public var kind: Kind
  /// File, test or pin, place in it: old and new value, distance.
  public var text: String

  public init(kind: Kind, text: String) {
    self.kind = kind
    self.text = text
  }
}

extension VectorFile {
  /// How `new` differs from this file, in the order of this file.
  public func drift(to new: VectorFile, file: String) -> [FixtureDrift] {
    var drifts: [FixtureDrift] = []
    let fresh = Dictionary(new.tests.map { ($0.test.id, $0) }) { first, _ in first }
    for (group, test) in tests {
      let place = "\(file): \(test.id)"
      guard let (newGroup, newTest) = fresh[test.id] else {
        if !new.retired.contains(test.id) {
          drifts.append(FixtureDrift(kind: .renumbered, text: "\(place) is gone; an id that goes is retired by name"))
        }
        continue
      }
      guard group.operation == newGroup.operation, group.shared + test.inputs == newGroup.shared + newTest.inputs,
        group.convention == newGroup.convention
      else {
        drifts.append(FixtureDrift(kind: .renumbered, text: "\(place) asks another question; a new test has a new id"))
        continue
      }
      drifts += test.drift(to: newTest, place)
    }
    let known = Set(tests.map(\.test.id))
    for (_, test) in new.tests where !known.contains(test.id) {
      drifts.append(
        retired.contains(test.id)
          ? FixtureDrift(kind: .renumbered, text: "\(file): \(test.id) is a retired id")
          : FixtureDrift(kind: .added, text: "\(file): \(test.id) is new: \(test.comment)"))
    }
    if drifts.isEmpty, self != new {
      drifts.append(FixtureDrift(kind: .changed, text: "\(file): header, notes or order of tests differ"))
    }
    return drifts
  }
}

extension VectorTest {
  fileprivate func drift(to new: VectorTest, _ place: String) -> [FixtureDrift] {
    var texts: [String] = []
    if result != new.result { texts.append("result: \(result.rawValue) pinned, \(new.result.rawValue) now") }
    if comment != new.comment { texts.append("comment: \"\(comment)\" pinned, \"\(new.comment)\" now") }
    if flags != new.flags {
      let change =
        flags.filter { !new.flags.contains($0) }.map { "−\($0)" }
        + new.flags.filter { !flags.contains($0) }.map { "+\($0)" }
      texts.append("flags: \(change.joined(separator: " "))")
    }
    for output in outputs where !new.outputs.contains(where: { $0.name == output.name }) {
      texts.append("\(output.name) is gone")
    }
    for output in new.outputs {
      guard let old = outputs.first(where: { $0.name == output.name }) else {
        texts.append("\(output.name) is new")
        continue
      }
      if let text = old.expected.drift(to: output.expected) { texts.append(output.name + text) }
    }
    return texts.map { FixtureDrift(kind: .changed, text: "\(place): \($0)") }
  }
}

extension VectorOutput.Expectation {
  /// nil where nothing differs.
  fileprivate func drift(to new: VectorOutput.Expectation) -> String? {
    switch (self, new) {
    case (.bits(let old), .bits(let new)):
      return valuesDrift(old.values, new.values, Double.self) ?? (old.shape == new.shape ? nil : ": another shape")
    case (.values(let old, let oldBounds, let oldAccuracy), .values(let new, let newBounds, let newAccuracy)):
      return valuesDrift(old.values, new.values, Double.self) ?? boundsDrift("bound", oldBounds, newBounds)
        ?? boundsDrift("accuracy bound", oldAccuracy, newAccuracy)
        ?? (old.shape == new.shape ? nil : ": another shape")
    case (.integers(let old), .integers(let new)): return integersDrift(old, new)
    default: return ": another kind of expectation"
    }
  }

  private func boundsDrift(
    _ name: String, _ old: [VectorProfile: [Double]], _ new: [VectorProfile: [Double]]
  ) -> String? {
    for profile in VectorProfile.allCases {
      switch (old[profile], new[profile]) {
      case (nil, nil): continue
      case (let a?, let b?):
        if let i = zip(a, b).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset {
          return "[\(i)]: \(name) of \(profile.rawValue) \(a[i]) pinned, \(b[i]) now"
        }
      default: return ": the \(name) of \(profile.rawValue) came or went"
      }
    }
    return nil
  }
}

extension PinFile {
  /// How `new` differs from this file.
  public func drift(to new: PinFile, file: String) -> [FixtureDrift] {
    let fresh = Dictionary(new.pins.map { ($0.id, $0.value) }) { first, _ in first }
    var drifts: [FixtureDrift] = []
    for pin in pins {
      guard let value = fresh[pin.id] else {
        drifts.append(FixtureDrift(kind: .changed, text: "\(file): \(pin.id) is gone"))
        continue
      }
      if let text = pin.value.drift(to: value) {
        drifts.append(FixtureDrift(kind: .changed, text: "\(file): \(pin.id)\(text)"))
      }
    }
    let known = Set(pins.map(\.id))
    for pin in new.pins where !known.contains(pin.id) {
      drifts.append(FixtureDrift(kind: .added, text: "\(file): \(pin.id) is new"))
    }
    if drifts.isEmpty, self != new {
      drifts.append(FixtureDrift(kind: .changed, text: "\(file): title or order of pins differ"))
    }
    return drifts
  }
}

extension PinFile.Value {
  /// nil where nothing differs.
  fileprivate func drift(to new: PinFile.Value) -> String? {
    switch (self, new) {
    case (.float32(let old), .float32(let new)):
      return valuesDrift(old.map { Float($0) }, new.map { Float($0) }, Float.self)
    case (.float64(let old), .float64(let new)): return valuesDrift(old, new, Double.self)
    case (.integers(let old), .integers(let new)): return integersDrift(old, new)
    case (.digest(let old), .digest(let new)), (.text(let old), .text(let new)):
      return old == new ? nil : ": \(old) pinned, \(new) now"
    default: return ": another kind of figure"
    }
  }
}

/// The first difference with its distance, and how many there are.
private func valuesDrift<S: Scalar>(_ old: [S], _ new: [S], _ type: S.Type) -> String? {
  let places = zip(old, new).enumerated().filter {
    $0.element.0.encoding != $0.element.1.encoding && !($0.element.0.isNaN && $0.element.1.isNaN)
  }
  guard old.count == new.count else { return ": \(old.count) values pinned, \(new.count) now" }
  guard let first = places.first else { return nil }
  let (a, b) = first.element
  let distance = a.ulpDistance(to: b).map { "\($0) ulp of \(S.name)" } ?? "NaN"
  let more = places.count == 1 ? "" : ", and \(places.count - 1) more"
  return
    "[\(first.offset)]: \(HexadecimalValue.text(Double(a))) (\(a)) pinned, \(HexadecimalValue.text(Double(b))) (\(b)) "
    + "now, \(distance)\(more)"
}

private func integersDrift(_ old: [Int], _ new: [Int]) -> String? {
  guard old.count == new.count else { return ": \(old.count) integers pinned, \(new.count) now" }
  guard let i = old.indices.first(where: { old[$0] != new[$0] }) else { return nil }
  return "[\(i)]: \(old[i]) pinned, \(new[i]) now"
}
