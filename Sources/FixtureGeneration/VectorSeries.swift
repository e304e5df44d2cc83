import Vectors

/// Gives the tests of a file their ids in the order in which they are made.
///
/// A new test goes to the end of the series: one in between would give others its neighbours' ids, which `fixtures pin` refuses.
struct VectorSeries {
  private let prefix: String
  private var count = 0

  init(_ prefix: String) { self.prefix = prefix }

  mutating func next() -> String {
    count += 1
    let number = "\(count)"
    return "\(prefix)-" + String(repeating: "0", count: max(0, 3 - number.count)) + number
  }

  mutating func test(
    _ comment: String, _ flags: [String], _ result: VectorTest.Result = .valid, inputs: [VectorField],
    outputs: [VectorOutput]
  ) -> VectorTest {
    VectorTest(id: next(), comment: comment, flags: flags, result: result, inputs: inputs, outputs: outputs)
  }
}
