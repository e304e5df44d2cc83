import BatchNormTesting
import Foundation
import Synchronization

/// The processes of one command that speaks the subject protocol, version 1: newline-delimited JSON, one request a line on
/// standard input, one response a line on standard output.
///
/// Each caller gets a process to itself, so as many run as there are callers at once. A process that commits a fault is
/// killed, and the next request goes to a fresh one; after a refusal the process continues. Faults are counted by
/// kind and method. The command is given up after `timeoutLimit` answers that did not come in time, or `faultLimit`
/// faults in all: then every request throws `.givenUp` at once. So a run ends within (requests answered) + `timeoutLimit`
/// × the time limits, whatever the subject does.
public final class SubjectProcesses: Sendable {
  public static let timeoutLimit = 10
  public static let faultLimit = 200

  public let description: SubjectDescription
  let command: [String]
  private let timeLimit: Duration
  private let startLimit: Duration
  private let state: Mutex<State>

  private struct State {
    var idle: [ChildProcess] = []
    var nextID = 1
    var timeouts = 0
    var faults = 0
    var answers = 0
    var isStopped = false
    var findings: [SubjectFinding] = []
    var isGivenUp: Bool {
      isStopped || timeouts >= SubjectProcesses.timeoutLimit || faults >= SubjectProcesses.faultLimit
    }
  }

  /// Starts the command and asks it what it is.
  ///
  /// - Parameters:
  ///   - command: the program, looked up in PATH, and its arguments; no shell comes between
  ///   - timeLimit: for one answer, from the request to the end of its line
  ///   - startLimit: for the start of a process and its description; frameworks take seconds to load
  /// - Throws: the fault where it gives no usable description.
  public init(
    command: [String], timeLimit: Duration = .seconds(10), startLimit: Duration = .seconds(30)
  ) throws(SubjectFault) {
    precondition(!command.isEmpty, "a command has a first word")
    (self.command, self.timeLimit, self.startLimit) = (command, timeLimit, startLimit)
    let (process, description) = try Self.start(command, startLimit)
    self.description = description
    state = Mutex(State(idle: [process]))
  }

  /// What came up until now, by method and kind.
  public var findings: [SubjectFinding] {
    state.withLock { $0.findings }.sorted {
      ($0.subject, $0.fault.method, $0.fault.kind.rawValue) < ($1.subject, $1.fault.method, $1.fault.kind.rawValue)
    }
  }

  /// The result of one request, checked by `use`, whose mismatch counts as a fault too.
  func request<Result: Decodable, Answer>(
    _ method: String, _ parameters: WireParameters, subject: String,
    _ use: (Result) throws(WireTensor.Mismatch) -> Answer
  ) throws -> Answer {
    let (process, id) = try take(method, subject)
    var request = WireLine(id: id, method: method, parameters)
    request.mayBeDeclined = parameters.mayBeDeclined(method)
    request.mayBeUnsupported = parameters.mayBeUnsupported(method)
    let response: WireResponse<Result>
    let answer: Answer?
    do throws(SubjectFault) {
      response = try Self.answer(to: request, from: process, timeLimit * Self.patience)
      answer = try checked(response, request, process, use)
    } catch {
      // After a refusal the process still keeps to the protocol; after anything else it is not to be trusted.
      if error.kind == .brokenOffer { give(back: process) } else { SubjectSession.current?.drop(key(subject)) }
      throw note(error, subject)
    }
    state.withLock { $0.answers += 1 }
    give(back: process)
    if let answer { return answer }
    let refusal = response.error.flatMap { SubjectError.Refusal(rawValue: $0.code) } ?? .invalidArgument
    throw SubjectError.refused(refusal, response.error?.message ?? "")
  }

  /// The answer in a response; nil where it declines the arguments. What a subject may decline by policy, such as one value a
  /// channel, it may decline by any error.
  private func checked<Result, Answer>(
    _ response: WireResponse<Result>, _ request: WireLine, _ process: ChildProcess,
    _ use: (Result) throws(WireTensor.Mismatch) -> Answer
  ) throws(SubjectFault) -> Answer? {
    if let refusal = response.error {
      if refusal.code == SubjectError.Refusal.invalidArgument.rawValue { return nil }
      if request.mayBeDeclined { return nil }
      if request.mayBeUnsupported, refusal.code == SubjectError.Refusal.unsupported.rawValue { return nil }
      throw request.fault(.brokenOffer, "\(refusal.code): \(refusal.message)", process)
    }
    guard let result = response.result else { throw request.fault(.notAResponse, "neither result nor error", process) }
    do throws(WireTensor.Mismatch) { return try use(result) } catch {
      throw request.fault(error.kind, error.detail, process)
    }
  }

  private func key(_ subject: String) -> SubjectSession.Key {
    SubjectSession.Key(processes: ObjectIdentifier(self), subject: subject)
  }

  private func take(_ method: String, _ subject: String) throws(SubjectFault) -> (ChildProcess, Int) {
    let session = SubjectSession.current
    let (idle, id, isGivenUp) = state.withLock { state in
      state.nextID += 1
      return (session == nil ? state.idle.popLast() : nil, state.nextID, state.isGivenUp)
    }
    guard !isGivenUp else { throw SubjectFault(.givenUp, method: method, detail: "too many faults before") }
    if let idle = idle ?? session?.process(key(subject)) { return (idle, id) }
    do throws(SubjectFault) {
      let (process, again) = try Self.start(command, startLimit)
      guard again == description else {
        throw SubjectFault(.changedDescription, method: "describe", detail: "a fresh process says something else")
      }
      session?.keep(process, key(subject))
      return (process, id)
    } catch { throw note(error, subject) }
  }

  /// A process of a session stays with it.
  private func give(back process: ChildProcess) {
    if SubjectSession.current == nil { state.withLock { $0.idle.append(process) } }
  }

  /// From now on every request throws `.givenUp` at once: the run is to end.
  public func stop() { state.withLock { $0.isStopped = true } }

  /// Requests that were answered, or refused for their arguments.
  var answers: Int { state.withLock { $0.answers } }

  /// Takes back one fault of that kind and method.
  func forgive(_ fault: SubjectFault) {
    state.withLock { state in
      state.faults -= 1
      if fault.kind == .noAnswer { state.timeouts -= 1 }
      guard
        let known = state.findings.lastIndex(where: {
          $0.fault.kind == fault.kind && $0.fault.method == fault.method
        })
      else { return }
      state.findings[known].count -= 1
      if state.findings[known].count == 0 { state.findings.remove(at: known) }
    }
  }

  private func note(_ fault: SubjectFault, _ subject: String) -> SubjectFault {
    state.withLock { state in
      state.faults += 1
      if fault.kind == .noAnswer { state.timeouts += 1 }
      let known = state.findings.firstIndex {
        $0.subject == subject && $0.fault.kind == fault.kind && $0.fault.method == fault.method
      }
      if let known {
        state.findings[known].count += 1
      } else {
        state.findings.append(SubjectFinding(fault: fault, subject: subject, count: 1))
      }
    }
    return fault
  }

  private static func start(
    _ command: [String], _ timeLimit: Duration
  ) throws(SubjectFault) -> (ChildProcess, SubjectDescription) {
    let process: ChildProcess
    do throws(ChildProcess.StartError) { process = try ChildProcess(command) } catch {
      throw SubjectFault(.notStarted, method: "describe", detail: "\(command[0]): \(error.text)")
    }
    let request = WireLine(id: 0, method: "describe", WireProtocol())
    let response: WireResponse<WireDescription> = try answer(to: request, from: process, timeLimit)
    if let refusal = response.error {
      throw request.fault(.brokenOffer, "\(refusal.code): \(refusal.message)", process)
    }
    guard let result = response.result else { throw request.fault(.notAResponse, "neither result nor error", process) }
    do throws(WireDescription.Misnomer) { return (process, try result.checked()) } catch {
      throw request.fault(.notAResponse, error.text, process)
    }
  }

  /// One line there and one back.
  private static func answer<Result: Decodable>(
    to request: WireLine, from process: ChildProcess, _ timeLimit: Duration
  ) throws(SubjectFault) -> WireResponse<Result> {
    let line: [UInt8]
    do throws(ChildProcess.Interruption) {
      line = try process.exchange(request.bytes, until: .now + timeLimit)
    } catch {
      switch error {
      case .deadline: throw request.fault(.noAnswer, "none within \(timeLimit)", process)
      case .outputClosed: throw request.fault(.ended, process.end(patience: .milliseconds(500)), process)
      case .lineTooLong: throw request.fault(.lineTooLong, "more than \(ChildProcess.lineLimit) bytes", process)
      case .surplus: throw request.fault(.unaskedOutput, "more than one line for one request", process)
      }
    }
    return try request.response(line, process)
  }
}
