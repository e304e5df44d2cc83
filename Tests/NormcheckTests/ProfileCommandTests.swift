import CommandSupport
import Foundation
import NetworkLaws
import NormLaws
import Testing
import TrainingEngine

/// `normcheck profile` as a process, on little data.
struct ProfileCommandTests {
  private let folder: TemporaryFolder
  private static let little = ["--values", "8", "--channels", "1", "--largest", "10", "--subject", "reference-float32"]

  init() throws { folder = try TemporaryFolder() }

  private func profile(_ arguments: String..., environment: [String: String] = [:]) throws -> NormCheckRun {
    try NormCheckRun(["profile"] + Self.little + arguments, in: folder, environment: environment)
  }

  @Test func `help shows an example`() throws {
    let run = try profile("--help")
    #expect(run.status == 0)
    #expect(run.output.contains("normcheck profile --output reports\n"))
  }

  @Test func `a subject that is not there is wrong usage`() throws {
    let run = try profile("--subject", "nobody")
    #expect(run.status == 64)
    #expect(run.diagnostics.contains("Unknown subject nobody. Choose one of reference-float32, engine,"))
    #expect(run.output == "")
  }

  @Test func `the same options print the same table`() throws {
    let first = try profile()
    #expect(first.status == 0)
    #expect(first.output.hasPrefix("subject            quantity          κ = 1"), "\(first.output)")
    #expect(try profile().output == first.output)
  }

  @Test func `its JSON reads back as profiles and writes out the same`() throws {
    let run = try profile("--subject", "one-pass-float", "--format", "json")
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .words
    let profiles = try decoder.decode([AccuracyProfile].self, from: Data(run.output.utf8))
    #expect(profiles.map(\.subject) == ["reference-float32", "one-pass-float"])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .words
    #expect(String(decoding: try encoder.encode(profiles), as: UTF8.self) + "\n" == run.output)
  }

  @Test func `without gnuplot the page says so, and so does the command`() throws {
    let run = try profile("--output", "made", environment: ["PATH": folder.path])
    #expect(run.status == 0)
    #expect(run.diagnostics.contains("gnuplot is not on the PATH"))
    #expect(folder.content == ["made", "made/accuracy-profile.md", "made/data", "made/data/accuracy-profile.json"])
    let page = String(decoding: try folder.bytes(of: "made/accuracy-profile.md"), as: UTF8.self)
    #expect(page.contains("No figure: gnuplot was not there to draw it."))
    let line = "normcheck profile --subject reference-float32 --values 8 --channels 1 --largest 10 --output made\n"
    #expect(page.contains(line), "\(page)")
  }

  @Test func `a gnuplot that fails leaves nothing behind`() throws {
    let path = try folder.write(Array("#!/bin/sh\nexit 3\n".utf8), to: "bin/gnuplot")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    let run = try profile("--output", "made", environment: ["PATH": folder.path + "/bin"])
    #expect(run.status == 2)
    #expect(run.diagnostics.contains("gnuplot could not draw the figure: it ended with 3."))
    #expect(folder.content == ["bin", "bin/gnuplot"])
  }

  @Test func `what gnuplot draws is the figure`() throws {
    let path = try folder.write(Array("#!/bin/sh\necho '<svg/>'\n".utf8), to: "bin/gnuplot")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    let run = try profile("--output", "made", environment: ["PATH": folder.path + "/bin"])
    #expect(run.status == 0)
    #expect(String(decoding: try folder.bytes(of: "made/figures/accuracy-profile.svg"), as: UTF8.self) == "<svg/>\n")
    let page = String(decoding: try folder.bytes(of: "made/accuracy-profile.md"), as: UTF8.self)
    #expect(page.contains("](figures/accuracy-profile.svg)"))
  }
}
