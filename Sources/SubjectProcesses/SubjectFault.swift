import BatchNormTesting

/// A subject in another process broke the protocol: it gave no answer, or one that cannot be used.
///
/// Not a refusal (`SubjectError.refused`), which is an answer. A fault says nothing about any law, so the case in which it
/// came up counts neither for nor against the law; the fault is a finding of its own.
public struct SubjectFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a subject can do wrong, a closed set.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case notStarted = "does not start"
    case noAnswer = "no answer in time"
    case ended = "ended without an answer"
    case lineTooLong = "line too long"
    case notJSON = "not JSON"
    case notAResponse = "not a response"
    case wrongID = "wrong id"
    case unaskedOutput = "unasked output"
    case wrongType = "wrong dtype"
    case wrongShape = "wrong shape"
    case wrongByteCount = "wrong byte count"
    /// A method, dtype or layout that `describe` offers is refused, or fails inside.
    case brokenOffer = "refuses what it offers"
    /// `describe` of a fresh process says something else than before.
    case changedDescription = "changed its description"
    /// Too many faults before: the subject is not asked any more.
    case givenUp = "given up"
  }

  public let kind: Kind
  /// The method asked for.
  public let method: String
  /// What exactly, in one line.
  public let detail: String
  /// The request that caused it, cut to its first 400 characters.
  public let request: String
  /// The end of what the process wrote to standard error, at most 4 KiB.
  public let diagnostics: String

  init(_ kind: Kind, method: String, detail: String, request: String = "", diagnostics: String = "") {
    self.kind = kind
    self.method = method
    self.detail = detail
    self.request = request.count > 400 ? request.prefix(400) + " … (\(request.utf8.count) bytes)" : request
    self.diagnostics = diagnostics
  }

  public var description: String { "\(method): \(kind.rawValue): \(detail)" }

  /// Why a case came to nothing; equal for faults that count as one.
  public var remark: String { "the subject gave no usable answer to \(method): \(kind.rawValue)" }
}

/// A fault of one kind in one method, and how often it came up.
public struct SubjectFinding: Hashable, Sendable {
  /// The first of them.
  public let fault: SubjectFault
  /// The subject's name and element type.
  public let subject: String
  public var count: Int
}
