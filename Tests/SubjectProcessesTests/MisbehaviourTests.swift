import BatchNormTesting
import CommandSupport
import ReproducibleMath
import SubjectProcesses
import Testing

/// Each way to break the protocol gives the finding that says so, within the time limit, and the next request is served.
@Suite struct MisbehaviourTests {
  private static let call = TrainingCall(
    x: Tensor(shape: [2, 2], values: [1, -0.0, .nan, .infinity]),
    affine: Affine<Double>(gamma: [1, 1], beta: [0, 0]), running: RunningStatistics<Double>(channels: 2))

  private static func processes(
    _ way: String, seconds: Double = 20, start: Double = 30
  ) throws -> SubjectProcesses {
    try SubjectProcesses(
      command: [BuiltExecutable.path("MisbehavingSubject"), way], timeLimit: .seconds(seconds),
      startLimit: .seconds(start))
  }

  private func fault(_ way: String, seconds: Double = 20) throws -> SubjectFault? {
    let processes = try Self.processes(way, seconds: seconds)
    let subject = ProcessSubject(processes, .float32, accuracy: .working)
    let fault = #expect(throws: SubjectFault.self) { try subject.forwardTraining(Self.call) }
    #expect(processes.findings.map(\.fault) == [fault].compactMap { $0 })
    #expect(processes.findings.first?.subject == "misbehaving-float32")
    #expect(fault?.request.contains("\"method\":\"forward_training\"") == true)
    return fault
  }

  @Test(arguments: [
    ("exit", SubjectFault.Kind.ended, "exited with status 3"),
    ("signal", .ended, "ended by signal 9"),
    ("close-output", .ended, "closed its output"),
    ("not-json", .notJSON, "Segmentation fault"),
    ("not-utf8", .notJSON, ""),
    ("deep", .notJSON, "[["),
    ("not-a-response", .notAResponse, "wrong type"),
    ("neither", .notAResponse, "neither result nor error"),
    ("wrong-id", .wrongID, "3 for 2"),
    ("twice", .unaskedOutput, "more than one line"),
    ("flood-lines", .unaskedOutput, "more than one line"),
    ("wrong-dtype", .wrongType, "y is float64, not float32"),
    ("wrong-shape", .wrongShape, "y has shape [1, 1, 1], not [2, 2]"),
    ("missing", .wrongShape, "y is missing"),
    ("short-data", .wrongByteCount, "y holds 3 bytes, not 16 bytes"),
    ("no-base64", .wrongByteCount, "y holds something else than base64"),
    ("refuse", .brokenOffer, "unsupported: no"),
  ])
  func `an answer against the protocol is named`(_ way: String, _ kind: SubjectFault.Kind, _ detail: String) throws {
    let fault = try fault(way)
    #expect(fault?.kind == kind)
    #expect(fault?.detail.contains(detail) == true, "\(fault?.detail ?? "")")
  }

  @Test(arguments: ["hang", "trickle", "flood-errors", "stop-reading"])
  func `no answer in time is named in time`(_ way: String) throws {
    let clock = ContinuousClock()
    let start = clock.now
    let fault = try fault(way, seconds: 0.5)
    #expect(fault?.kind == .noAnswer)
    // Start, half a second, and the end of the process; generous, for the machine may be busy.
    #expect(clock.now - start < .seconds(15))
    if way == "flood-errors" { #expect((fault?.diagnostics.utf8.count ?? 0) <= 4096) }
  }

  @Test func `a line beyond 64 MiB is given up`() throws {
    let fault = try fault("flood", seconds: 60)
    #expect(fault?.kind == .lineTooLong)
  }

  @Test func `standard error is shown with a fault`() throws {
    #expect(try fault("exit")?.diagnostics == "warming up\n")
  }

  @Test func `faults of one kind are one finding with a count, and the command is given up in the end`() throws {
    let processes = try Self.processes("hang", seconds: 0.02)
    let subject = ProcessSubject(processes, .float32, accuracy: .working)
    for _ in 0..<SubjectProcesses.timeoutLimit {
      #expect(throws: SubjectFault.self) { try subject.forwardTraining(Self.call) }
    }
    let last = #expect(throws: SubjectFault.self) { try subject.forwardTraining(Self.call) }
    #expect(last?.kind == .givenUp)
    #expect(processes.findings.reduce(0) { $0 + $1.count } == SubjectProcesses.timeoutLimit)
  }

  @Test(arguments: [
    ("describe-hang", SubjectFault.Kind.noAnswer), ("describe-exit", .ended), ("describe-nonsense", .notAResponse),
  ])
  func `a subject that does not describe itself is refused`(_ way: String, _ kind: SubjectFault.Kind) {
    let fault = #expect(throws: SubjectFault.self) { try Self.processes(way, start: way == "describe-hang" ? 0.5 : 30) }
    #expect(fault?.kind == kind)
  }

  @Test func `a command that does not exist does not start`() {
    let fault = #expect(throws: SubjectFault.self) { try SubjectProcesses(command: ["/nowhere/subject"]) }
    #expect(fault?.kind == .notStarted)
  }

  @Test func `declined arguments are an answer, not a fault`() throws {
    let processes = try Self.processes("decline")
    let subject = ProcessSubject(processes, .float32, accuracy: .working)
    #expect(throws: SubjectError.refused(.invalidArgument, "not this")) { try subject.forwardTraining(Self.call) }
    #expect(processes.findings.isEmpty)
  }

  @Test func `NaN, infinity and signed zero travel exactly`() throws {
    let subject = ProcessSubject(try Self.processes("none"), .float32, accuracy: .working)
    let answer = try subject.forwardTraining(Self.call)
    #expect(answer.y[0] == 1 && answer.y[1].sign == .minus && answer.y[2].isNaN && answer.y[3] == .infinity)
    #expect(answer.running == RunningStatistics<Double>(mean: [0, 0], variance: [1, 1], batchesTracked: 1))
  }
}
