import CommandSupport
import Datasets
import Foundation
import Testing

/// Runs the built `normcheck` and compares text and exit status.
struct DataCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func normcheck(_ arguments: String..., environment: [String: String] = [:]) throws -> NormCheckRun {
    try NormCheckRun(arguments, in: folder, environment: environment)
  }

  @Test func `verify prints one line per file and ends with 0 when all are intact`() throws {
    let outcome = try normcheck("data", "verify", "mnist-mini")
    #expect(outcome.status == 0)
    #expect(outcome.diagnostics == "")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[0] == "data set    file                     status  path")
    #expect(lines[1].hasPrefix("mnist-mini  train-images-idx3-ubyte  intact  /"))
  }

  @Test func `verify ends with 2 and one sentence when files are missing`() throws {
    let outcome = try normcheck("data", "verify", "mnist", "--data", "/nowhere")
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("t10k-labels-idx1-ubyte   missing  -\n"))
    #expect(
      outcome.diagnostics
        == "normcheck: mnist is incomplete: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, "
        + "t10k-labels-idx1-ubyte not found (plain or .gz) in /nowhere/mnist, /nowhere; run `normcheck data fetch mnist` "
        + "or name their folder with --data.\n")
  }

  @Test func `verify ends with 1 when a file has the wrong content`() throws {
    for file in DatasetFile.allCases { try folder.write([0, 0, 8, 1], to: file.rawValue) }
    let outcome = try normcheck("data", "verify", environment: ["NORMCHECK_DATA": folder.path])
    #expect(outcome.status == 1)
    #expect(outcome.output.split(separator: "\n").count { $0.contains("  wrong   /") } == 4)
    #expect(outcome.diagnostics.split(separator: "\n").count == 4)
  }

  @Test func `fetch ends with 2 and names each mirror with its failure`() throws {
    let server = try LoopbackServer { _, _ in LoopbackServer.Reply(status: 404) }
    defer { server.stop() }
    let arguments = ("--mirror", server.address, folder.path)
    let outcome = try normcheck(
      "data", "fetch", "mnist", arguments.0, arguments.1, arguments.0, arguments.1 + "b", "--data", arguments.2)
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(
      outcome.diagnostics.split(separator: "\n").map(String.init) == [
        "train-images-idx3-ubyte: from \(server.address)",
        "train-images-idx3-ubyte: \(server.address) failed: HTTP status 404",
        "train-images-idx3-ubyte: from \(server.address)b/",
        "train-images-idx3-ubyte: \(server.address)b/ failed: HTTP status 404",
        "normcheck: train-images-idx3-ubyte could not be fetched: \(server.address): HTTP status 404; "
          + "\(server.address)b/: HTTP status 404.",
      ])
    #expect(folder.content == ["mnist"])
  }

  @Test func `fetch without curl ends with 2 and says what to do`() throws {
    let outcome = try normcheck("data", "fetch", "mnist", "--data", folder.path, environment: ["PATH": folder.path])
    #expect(outcome.status == 2)
    #expect(
      outcome.diagnostics.split(separator: "\n").last.map(String.init)
        == "normcheck: The program curl fetches the files and is not installed: install it (ci/setup does), or download "
        + "the files and run `normcheck data import`.")
    #expect(folder.content == ["mnist"])
  }

  @Test func `fetch shows the message of curl where it knows none of its own`() throws {
    let script = "#!/bin/sh\necho 'curl: (60) SSL certificate problem: certificate has expired' >&2\nexit 60\n"
    let curl = try folder.write(Array(script.utf8), to: "bin/curl")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: curl)
    let outcome = try normcheck(
      "data", "fetch", "mnist", "--mirror", "https://example.org/", "--data", folder.path + "/data",
      environment: ["PATH": folder.path + "/bin"])
    #expect(outcome.status == 2)
    #expect(
      outcome.diagnostics.split(separator: "\n").last.map(String.init)
        == "normcheck: train-images-idx3-ubyte could not be fetched: https://example.org/: SSL certificate problem: "
        + "certificate has expired (curl: exit status 60).")
  }

  @Test func `a cache that cannot be written ends with 2 and one sentence`() throws {
    let file = try folder.write([0], to: "file")
    let outcome = try normcheck("data", "fetch", environment: ["XDG_CACHE_HOME": file])
    #expect(outcome.status == 2)
    #expect(outcome.diagnostics == "normcheck: \(file)/normcheck/mnist cannot be written: Not a directory.\n")
  }

  @Test func `import of another data set ends with 1 and of an empty folder with 2`() throws {
    let fixtures = try #require(DataFolders(environment: [:]).path(of: .testLabels, in: .mnistMini))
    let other = URL(filePath: fixtures).deletingLastPathComponent().path
    let wrong = try normcheck("data", "import", other, "--dataset", "mnist", "--data", folder.path)
    #expect(wrong.status == 1)
    #expect(wrong.diagnostics.contains("(a file of mnist-mini)"))
    let empty = try normcheck("data", "import", folder.path, "--dataset", "fashion-mnist", "--data", folder.path)
    #expect(empty.status == 2)
    #expect(folder.content == [])
  }

  @Test(arguments: [
    ["data", "fetch", "mnist-mini"], ["data", "fetch", "--mirror", "ftp://x/"], ["data", "verify", "cifar"],
    ["data", "fetch", "--timeout", "0"], ["nonsense"], ["data", "import"],
  ])
  func `wrong usage ends with 64`(arguments: [String]) throws {
    let run = try NormCheckRun(arguments, in: folder)
    #expect(run.status == 64)
  }

  @Test(arguments: ["fetch", "verify", "import"])
  func `help shows an example`(name: String) throws {
    let outcome = try normcheck("data", name, "--help")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("Example: normcheck data \(name) "))
  }
}
