import CommandSupport
import Foundation
import Testing

/// The laws on candidates of this process, by the command.
@Suite struct VerifyCommandTests {
  @Test func `a failure says which slip the subject behaves like`() throws {
    let folder = try TemporaryFolder()
    let run = try NormCheckRun(
      ["verify", "--subject", "M-FWD-09", "--property", "FWD-01", "--cases", "3", "--brief"], in: folder)
    #expect(run.status == 1)
    let parts = "y, state of layers, y of a constant channel"
    #expect(run.output.contains("    behaves like: \(parts): like M-FWD-09: γ(x̂ + β) instead of"))
    let lines = run.output.split(separator: "\n")
    let place = try #require(lines.firstIndex { $0.contains("behaves like: ") })
    #expect(lines[place + 1].contains("replay: "))
  }

  @Test func `the record holds the diagnosis`() throws {
    let run = try NormCheckRun(
      ["verify", "--subject", "M-GRD-03", "--property", "GRD-02", "--cases", "3", "--format", "json", "--brief"],
      in: try TemporaryFolder())
    let record = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    let diagnosis = try #require((record?["diagnoses"] as? [[String: Any]])?.first)
    #expect(diagnosis["verdict"] as? String == "named")
    #expect((diagnosis["slips"] as? [[String: Any]])?.first?["ids"] as? [String] == ["M-GRD-03"])
  }

  @Test func `right subjects written differently can be chosen together`() throws {
    let run = try NormCheckRun(
      ["verify", "--among", "right", "--property", "FWD-05", "--cases", "4"], in: try TemporaryFolder())
    #expect(run.status == 0)
    #expect(run.output.contains("welford-float64"))
    #expect(run.output.contains("All 48 rows hold."))
  }

  @Test func `the run says how often GSL was consulted`() throws {
    let folder = try TemporaryFolder()
    let arguments = ["verify", "--subject", "reference-float32", "--property", "GRD-02", "--cases", "4"]
    let text = try NormCheckRun(arguments, in: folder)
    let line = try #require(text.output.split(separator: "\n").last { $0.hasPrefix("GSL agreed ") })
    #expect(line.contains(" times in 4 of 4 cases (means ") && line.contains("not consultable: "))

    let json = try NormCheckRun(arguments + ["--format", "json"], in: folder)
    let record = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let gsl = try #require(record?["gsl"] as? [String: Any])
    #expect(gsl["consultedCases"] as? Int == 4)
    #expect((gsl["agreements"] as? [String: Int])?["dγ"] ?? 0 >= 4)
    #expect((gsl["largestGapOverBound"] as? Double ?? 2) <= 1)
  }
}
