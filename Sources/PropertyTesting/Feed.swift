import ReproducibleMath

/// Where a source's choices come from.
enum Feed {
  case random(SplitMix64)
  case tape(TapeReader)
  case ranks(RankReader)
  case edit(EditReader)
}

/// Reads a stored tape; every choice must fit its draw.
struct TapeReader {
  private let choices: [Choice]
  private var position = 0

  init(_ tape: Tape) { choices = tape.choices }

  mutating func next(_ domain: Domain) throws -> Choice {
    guard position < choices.count else {
      throw SourceError.overrun("The tape ends after \(counted(choices.count, "choice")), but the case draws more.")
    }
    let choice = choices[position]
    position += 1
    guard domain.contains(choice) else {
      throw SourceError.invalid("Item \(position) of the tape is \(choice.phrase), but the case draws \(domain) there.")
    }
    return choice
  }
}

/// Reads a prefix of ranks in the order of simplicity, then always the simplest value.
struct RankReader {
  private let ranks: [Int]
  private var position = 0

  init(_ ranks: [Int]) { self.ranks = ranks }

  mutating func next(_ domain: Domain) throws -> Choice {
    let rank = position < ranks.count ? ranks[position] : 0
    position += 1
    guard let choice = domain.value(rank: rank) else {
      throw SourceError.overrun("The sweep has left the draw's values.")
    }
    return choice
  }
}

/// An edited tape as shrinking proposes it: other values at some places, some ranges removed.
struct Edit: Hashable {
  var choices: [Choice]
  /// Ranges of positions that are skipped, ascending and disjoint.
  var removed: [Range<Int>] = []
}

/// Reads an edit leniently, and keeps it aligned with the spans of the tape it was made from.
///
/// A value that does not fit is adapted. A span that begins where one of the original tape begins may not read past
/// that one's end (it then gets simplest values), and what it leaves unread is skipped: a smaller size drops the
/// elements beyond it and leaves everything after them in place.
struct EditReader {
  private struct Frame {
    let end: Int
    let isMatched: Bool
  }

  let edit: Edit
  private let spans: [Recording.Span]
  private var position = 0
  private var frames: [Frame] = []
  private var nextSpan = 0
  private var drawn = 0

  init(_ edit: Edit, spans: [Recording.Span]) {
    self.edit = edit
    self.spans = Self.remaining(spans, after: edit.removed)
  }

  mutating func next(_ domain: Domain) throws -> Choice {
    drawn += 1
    guard drawn <= edit.choices.count else { throw SourceError.overrun("The edit has become longer than the tape.") }
    skipRemoved()
    guard position < frames.last?.end ?? edit.choices.count else { return domain.simplest }
    defer { position += 1 }
    return domain.adapt(edit.choices[position])
  }

  /// Enters the original span that begins here, or after a removed range that begins here.
  mutating func open() {
    let limit = frames.last?.end ?? edit.choices.count
    var match = span(at: position, endingBy: limit)
    if match == nil {
      skipRemoved()
      match = span(at: position, endingBy: limit)
    }
    if let match { nextSpan = match + 1 }
    frames.append(Frame(end: match.map { spans[$0].end } ?? limit, isMatched: match != nil))
  }

  mutating func close() {
    let frame = frames.removeLast()
    if frame.isMatched { position = max(position, frame.end) }
  }

  private mutating func skipRemoved() {
    for range in edit.removed where range.contains(position) { position = range.upperBound }
  }

  /// The outermost span not yet entered that starts at `start` and does not pass `limit`.
  private func span(at start: Int, endingBy limit: Int) -> Int? {
    var (low, high) = (nextSpan, spans.count)
    while low < high {
      let middle = (low + high) / 2
      if spans[middle].start < start { low = middle + 1 } else { high = middle }
    }
    while low < spans.count, spans[low].start == start, spans[low].end > limit { low += 1 }
    return low < spans.count && spans[low].start == start ? low : nil
  }

  /// The spans that do not lie in a removed range, alone or with a span around them.
  private static func remaining(_ spans: [Recording.Span], after removed: [Range<Int>]) -> [Recording.Span] {
    var hiddenBelow = Int.max
    return spans.filter { span in
      if span.depth > hiddenBelow { return false }
      let isRemoved =
        span.start < span.end && removed.contains { $0.lowerBound <= span.start && span.end <= $0.upperBound }
      hiddenBelow = isRemoved ? span.depth : Int.max
      return !isRemoved
    }
  }
}
