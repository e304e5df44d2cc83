public import ReproducibleMath

/// What a property draws its case from.
///
/// Every draw appends one choice to the case's tape. Generators are functions on the source; write new ones as
/// extensions:
///
///     extension Source {
///       mutating func channel(batch: Int) throws -> [Double] {
///         let offset = try float(.logUniform(1e-3...1e7))
///         return try floats(count: batch, .uniform(-1...1)).map { $0 + offset }
///       }
///     }
///
/// Draw sizes before what depends on them, and everything that belongs to one element inside one `array` element: then
/// a failure shrinks to few elements, then to simple ones.
public struct Source {
  /// A case that draws more choices than this is an overrun.
  public static let maximumLength = 16_384

  private(set) var recording = Recording()
  /// How large a case is to be drawn; `small` where the property has no scales.
  public internal(set) var scale: Scale
  /// Which part of how many is being drawn, where a case is made of several; else 0 of 1. Draws may be spread over the parts.
  public internal(set) var part = (number: 0, of: 1)
  private var feed: Feed
  private let isTraced: Bool
  private var isLimited = true
  private var depth = 0

  /// - Parameter scale: of the case that is drawn at random; a tape says its own
  init(_ feed: Feed, scale: Scale = .small) {
    self.feed = feed
    self.scale = scale
    if case .random = feed { isTraced = false } else { isTraced = true }
    recording.choices.reserveCapacity(16)
  }

  /// What was drawn up to now.
  package var tape: Tape { Tape(recording.choices) }

  /// Leaves the case as invalid unless `condition` is true; the reason is a sentence about the case.
  public func assume(_ condition: Bool, _ reason: @autoclosure () -> String) throws {
    if !condition { throw SourceError.invalid(reason()) }
  }

  /// An integer between the bounds; the simplest is `towards`, without it 0 or the bound nearest to 0.
  ///
  /// Drawn uniformly, but in a sixteenth of the cases a bound or the simplest value.
  public mutating func integer(in bounds: ClosedRange<Int>, towards: Int? = nil) throws -> Int {
    try integer(bounds, towards) { random in random.integer(in: bounds) }
  }

  /// An integer between the bounds; the simplest is `towards`, without it 0 or the bound nearest to 0. At random it is what
  /// `sample` gives, which must lie between the bounds.
  public mutating func integer(
    in bounds: ClosedRange<Int>, towards: Int? = nil, sample: (inout SplitMix64) -> Int
  ) throws -> Int {
    let (low, high) = (bounds.lowerBound, bounds.upperBound)
    let domain = Domain.integer(low: low, high: high, towards: min(max(towards ?? 0, low), high))
    let choice = try choose(domain) { .integer(sample(&$0)) }
    guard case .integer(let value) = choice else { preconditionFailure("the feed returned a choice of another type") }
    return value
  }

  /// What `draw` draws from a stream of its own: one choice on the tape, a seed, however much is drawn.
  ///
  /// For data of many parts, such as hundreds of channels, that a tape should not hold part by part. The parts drawn first stay
  /// the same when there are fewer of them.
  public mutating func bulk<Value>(_ draw: (inout Source) throws -> Value) throws -> Value {
    var inner = Source(.random(try stream()), scale: scale)
    inner.isLimited = false
    return try draw(&inner)
  }

  /// A size: an integer whose number of binary digits is uniform, so that 2, 17 and 4096 occur alike; simplest the
  /// lower bound.
  ///
  /// Lower bound ≥ 0. Bounds and the simplest value come as often as in `integer(in:)`.
  public mutating func size(in bounds: ClosedRange<Int>) throws -> Int {
    precondition(bounds.lowerBound >= 0, "a size is not negative")
    return try integer(bounds, nil) { random in
      let widths = bounds.lowerBound.binaryDigits...bounds.upperBound.binaryDigits
      let width = random.integer(in: widths)
      let low = width == 0 ? 0 : 1 << (width - 1)
      let high = width == 0 ? 0 : low - 1 + low
      return random.integer(in: max(low, bounds.lowerBound)...min(high, bounds.upperBound))
    }
  }

  /// True with that probability; the simplest is false.
  public mutating func chance(_ probability: Double) throws -> Bool {
    let choice = try choose(.boolean) { .boolean($0.unit() < probability) }
    guard case .boolean(let value) = choice else { preconditionFailure("the feed returned a choice of another type") }
    return value
  }

  /// A float of the range; simplest are 0, 1, −1, 2, …, then halves, then quarters.
  public mutating func float(_ range: FloatRange) throws -> Double {
    let choice = try choose(.float(range)) { .float(range.sampleWithEdges(&$0)) }
    guard case .float(let value) = choice else { preconditionFailure("the feed returned a choice of another type") }
    return value
  }

  /// A stream of its own for data that the tape should not hold value by value; one choice, which shrinks over a few
  /// small seeds.
  ///
  /// For floats prefer `floats(count:_:)`, which can also list its values.
  public mutating func stream() throws -> SplitMix64 {
    let choice = try choose(.seed) { .seed($0.u64()) }
    guard case .seed(let value) = choice else { preconditionFailure("the feed returned a choice of another type") }
    return SplitMix64(seed: value)
  }

  private mutating func integer(
    _ bounds: ClosedRange<Int>, _ towards: Int?, sample: (inout SplitMix64) -> Int
  ) throws -> Int {
    let (low, high) = (bounds.lowerBound, bounds.upperBound)
    let simplest = min(max(towards ?? 0, low), high)
    let choice = try choose(.integer(low: low, high: high, towards: simplest)) { random in
      switch random.integer(below: 48) {
      case 0: .integer(low)
      case 1: .integer(high)
      case 2: .integer(simplest)
      default: .integer(sample(&random))
      }
    }
    guard case .integer(let value) = choice else { preconditionFailure("the feed returned a choice of another type") }
    return value
  }

  private mutating func choose(_ domain: Domain, sample: (inout SplitMix64) -> Choice) throws -> Choice {
    guard recording.choices.count < Self.maximumLength || !isLimited else {
      throw SourceError.overrun("The case draws more than \(Self.maximumLength) choices.")
    }
    let choice: Choice
    switch feed {
    case .random(var random):
      choice = sample(&random)
      feed = .random(random)
    case .tape(var reader):
      choice = try reader.next(domain)
      feed = .tape(reader)
    case .ranks(var reader):
      choice = try reader.next(domain)
      feed = .ranks(reader)
    case .edit(var reader):
      choice = try reader.next(domain)
      feed = .edit(reader)
    }
    recording.choices.append(choice)
    if isTraced { recording.domains.append(domain) }
    return choice
  }
}

// Structure: what belongs together, for shrinking.
extension Source {
  /// Marks what `draw` draws as one span.
  mutating func span<Value>(_ draw: (inout Source) throws -> Value) throws -> Value {
    guard isTraced else { return try draw(&self) }
    let index = recording.spans.count
    let start = recording.choices.count
    recording.spans.append(Recording.Span(start: start, end: start, depth: depth))
    depth += 1
    openInFeed()
    defer {
      depth -= 1
      closeInFeed()
      recording.spans[index].end = recording.choices.count
    }
    return try draw(&self)
  }

  /// `count` draws in a span, each a span of its own.
  mutating func elements<Value>(
    count: Int, lengthPosition: Int?, _ element: (inout Source) throws -> Value
  ) throws -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(count)
    var bounds: [Int] = []
    try span { source in
      for _ in 0..<count {
        if source.isTraced { bounds.append(source.recording.choices.count) }
        values.append(try source.span(element))
      }
    }
    if isTraced {
      bounds.append(recording.choices.count)
      recording.arrays.append(Recording.Elements(lengthPosition: lengthPosition, bounds: bounds))
    }
    return values
  }

  /// Notes that the seed just drawn, and the mode before it, stand for these values.
  mutating func noteBulk(_ values: @autoclosure () -> [Choice]) {
    if isTraced {
      recording.bulks.append(Recording.Bulk(start: recording.choices.count - 2, values: values()))
    }
  }

  private mutating func openInFeed() {
    guard case .edit(var reader) = feed else { return }
    reader.open()
    feed = .edit(reader)
  }

  private mutating func closeInFeed() {
    guard case .edit(var reader) = feed else { return }
    reader.close()
    feed = .edit(reader)
  }
}

extension SplitMix64 {
  fileprivate mutating func integer(in bounds: ClosedRange<Int>) -> Int {
    let span = bounds.upperBound.distanceAbove(bounds.lowerBound)
    let offset = span == .max ? u64() : integer(below: UInt64(span) + 1)
    return bounds.lowerBound &+ Int(bitPattern: UInt(offset))
  }
}

extension Int {
  fileprivate var binaryDigits: Int { Int.bitWidth - leadingZeroBitCount }
}
