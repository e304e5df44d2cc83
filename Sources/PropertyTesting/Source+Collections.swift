import ReproducibleMath

extension Source {
  /// One of the elements; the simplest is the first.
  public mutating func element<Value>(of elements: [Value]) throws -> Value {
    precondition(!elements.isEmpty, "elements must not be empty")
    return elements[try integer(in: 0...elements.count - 1)]
  }

  /// What one of the draws gives, each as likely; the simplest is the first.
  public mutating func oneOf<Value>(_ draws: [(inout Source) throws -> Value]) throws -> Value {
    try span { source in try source.element(of: draws)(&source) }
  }

  /// An array whose length is drawn like a `size`; shrinking removes elements anywhere in it.
  public mutating func array<Value>(
    length: ClosedRange<Int>, _ element: (inout Source) throws -> Value
  ) throws -> [Value] {
    let position = recording.choices.count
    let count = try size(in: length)
    return try elements(count: count, lengthPosition: position, element)
  }

  /// An array of a length drawn before; shrinking removes an element from every array of that length at once.
  public mutating func array<Value>(count: Int, _ element: (inout Source) throws -> Value) throws -> [Value] {
    try elements(count: count, lengthPosition: nil, element)
  }

  /// `count` floats, for bulk data: two choices on the tape, whatever the count.
  ///
  /// The first choice is the mode. *From a seed*: all values come from one stream with the range's spread;
  /// a shorter array is a prefix of a longer one. *Listed*: each value is a choice like
  /// `float(_:)`. Up to 16 values are listed in half of the random cases, more never. Shrinking lists up to 256 values,
  /// so that what fails on few values ends with few simple ones; a failure that needs more stays with a seed.
  public mutating func floats(count: Int, _ range: FloatRange) throws -> [Double] {
    try span { source in
      guard try source.chance(count > 16 ? 1 : 0.5) else {
        return try source.elements(count: count, lengthPosition: nil) { try $0.float(range) }
      }
      var stream = try source.stream()
      let values = (0..<count).map { _ in range.sample(&stream) }
      if count <= 256 { source.noteBulk(values.map(Choice.float)) }
      return values
    }
  }
}
