/// When one part of a subject's answers is wrong: what separates the calls in which it is from those in which it is not.
public struct Condition: Hashable, Codable, Sendable {
  public struct Count: Hashable, Codable, Sendable {
    public var wrong: Int
    public var of: Int

    public init(wrong: Int, of: Int) { (self.wrong, self.of) = (wrong, of) }
  }

  public var part: AnswerPart
  /// One or two statements that hold together; none where only the channels tell.
  public var terms: [ConditionTerm]
  /// Other statements that separate the same calls, and that no further call could tell apart.
  public var alternatives: [[ConditionTerm]]
  /// Which channels of the wrong answers are wrong, where their index tells.
  public var channels: ChannelPattern?
  /// The calls in which the statements hold.
  public var inside: Count
  /// All others.
  public var outside: Count

  public init(
    part: AnswerPart, terms: [ConditionTerm], alternatives: [[ConditionTerm]] = [], channels: ChannelPattern? = nil,
    inside: Count, outside: Count
  ) {
    (self.part, self.terms, self.alternatives, self.channels) = (part, terms, alternatives, channels)
    (self.inside, self.outside) = (inside, outside)
  }

  /// One line in plain English.
  public var text: String {
    guard !terms.isEmpty else { return "\(part.rawValue) is wrong in \(channels?.text ?? "every call")" }
    var line = "\(part.rawValue) is wrong in \(grouped(inside.wrong)) of \(grouped(inside.of)) \(calls)"
    line += ", in \(grouped(outside.wrong)) of \(grouped(outside.of)) \(others)"
    if !alternatives.isEmpty {
      line += "; not told apart: " + ([terms] + alternatives).map(Self.text).joined(separator: ", or ")
    }
    if let channels { line += "; \(channels.text)" }
    return line
  }

  private static func text(_ terms: [ConditionTerm]) -> String { terms.map(\.text).joined(separator: " and ") }

  private var calls: String {
    if terms.count == 1, terms[0].feature == .tracked || terms[0].feature == .affine, terms[0].relation == .isTrue {
      return "\(terms[0].text) calls"
    }
    if terms == [ConditionTerm(.tracked, .isFalse)] { return "untracked calls" }
    if terms == [ConditionTerm(.affine, .isFalse)] { return "calls without γ and β" }
    let isSentence = terms.contains { $0.relation == .divisible || $0.relation == .notDivisible }
    return "calls \(isSentence ? "where" : "with") \(Self.text(terms))"
  }

  private var others: String {
    if terms == [ConditionTerm(.tracked, .isFalse)] { return "tracked ones" }
    if terms == [ConditionTerm(.tracked, .isTrue)] { return "untracked ones" }
    return "others"
  }
}
