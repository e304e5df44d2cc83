import CommandSupport
import Datasets
import Foundation
import Testing

/// `normcheck train` as a process. Narrow networks on a few of the embedded images keep a run short in debug builds.
struct TrainCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// 200 training images, the other 4,800 set aside.
  private static let small = ["--widths", "784,2,10", "--validation", "4800", "--batch-size", "50"]

  private func train(_ arguments: String..., environment: [String: String] = [:]) throws -> NormCheckRun {
    try NormCheckRun(["train"] + arguments, in: folder, environment: environment)
  }

  private func trainSmall(_ arguments: String...) throws -> NormCheckRun {
    try NormCheckRun(["train"] + Self.small + arguments, in: folder)
  }

  private func record(_ run: NormCheckRun) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any], "\(run)")
  }

  @Test func `help shows an example`() throws {
    let run = try train("--help")
    #expect(run.status == 0)
    #expect(run.output.contains("normcheck train --compare\n"))
    #expect(run.diagnostics == "")
  }

  @Test func `an epoch is a line with its losses, and the last line is the digest`() throws {
    let run = try trainSmall("--epochs", "1")
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 4)
    let setting = "784-2-10 with batch normalization, batch 50, rate 0.01, momentum 0.9, seed 0, kernels "
    #expect(lines[0].hasPrefix(setting))
    #expect(lines[1] == "mnist-mini: 200 training, 4800 validation, 1000 test images")
    let loss = #"\d\.\d{6}"#
    let accuracy = #"accuracy: \d{1,2}\.\d\d %"#
    let figures = "loss: \(loss), \(accuracy)"
    let epoch = try Regex("Epoch 1, Loss: \(loss), validation \(figures), test \(figures)")
    #expect(lines[2].wholeMatch(of: epoch) != nil, "\(lines[2])")
    #expect(lines[3].wholeMatch(of: #/Digest: [0-9a-f]{64}/#) != nil, "\(lines[3])")
  }

  @Test func `the JSON record has the keys of PyTorch's recorded runs and the same digest as the text`() throws {
    let json = try trainSmall("--epochs", "1", "--format", "json", "--no-batch-norm")
    #expect(json.status == 0)
    let record = try record(json)
    let settings = ["seed", "batch_norm", "batch_size"]
    for key in settings + ["initial_fc1_weight_first8", "first_batch_labels", "first_steps_loss"] {
      #expect(record[key] != nil, "\(key)")
    }
    let epochs = try #require(record["epochs"] as? [[String: Any]])
    #expect(epochs.count == 1)
    for key in ["mean_train_loss", "test_loss", "test_correct", "validation_loss", "validation_correct"] {
      #expect(epochs.allSatisfy { $0[key] != nil }, "\(key)")
    }
    #expect(record["batch_norm"] as? Bool == false)
    let digest = try #require(record["digest"] as? String)
    let text = try trainSmall("--epochs", "1", "--no-batch-norm")
    #expect(text.output.hasSuffix("Digest: \(digest)\n"))
  }

  @Test func `the comparison trains both from the same weights and batches`() throws {
    let run = try trainSmall("--epochs", "1", "--compare", "--format", "json")
    #expect(run.status == 0)
    let records = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]])
    #expect(records.map { $0["batch_norm"] as? Bool } == [false, true])
    for key in ["initial_fc1_weight_first8", "first_batch_labels"] {
      #expect(records[0][key] as? [Double] == records[1][key] as? [Double])
      #expect((records[0][key] as? [Double])?.isEmpty == false)
    }
    for (record, option) in zip(records, ["--no-batch-norm", "--batch-norm"]) {
      let alone = try self.record(trainSmall("--epochs", "1", "--format", "json", option))
      #expect(alone["digest"] as? String == record["digest"] as? String)
    }
  }

  /// Kernels that this processor does not run end with 2 and say so; portable ones run everywhere.
  @Test func `kernels and threads leave the record as it is`() throws {
    let arguments = ["train"] + Self.small + ["--epochs", "1", "--format", "json"]
    let expected = try record(NormCheckRun(arguments, in: folder))
    for (kernels, threads) in [("portable", "1"), ("avx2", "2"), ("avx512", "1"), ("neon", "1")] {
      let run = try NormCheckRun(
        arguments + ["--threads", threads], in: folder, environment: ["NORMCHECK_KERNELS": kernels])
      if kernels != "portable", run.status == 2 {
        #expect(run.diagnostics.contains("does not run the \(kernels) kernels"))
      } else {
        #expect(try record(run) as NSDictionary == expected as NSDictionary, "\(kernels)")
      }
    }
  }

  @Test func `kernels of an unknown name end with 2 and the names to choose from`() throws {
    expectRefusal(
      try train("--epochs", "1", environment: ["NORMCHECK_KERNELS": "nonsense"]),
      "There are no kernels called 'nonsense': choose portable, avx2, avx512 or neon, or leave the choice open.")
  }

  @Test(arguments: [
    ["--batch-size", "0"], ["--batch-size", "-3"], ["--batch-size", "x"], ["--epochs", "0"],
    ["--epochs", "9223372036854775807"], ["--learning-rate", "0"],
    ["--learning-rate", "nan"], ["--momentum", "1"], ["--weight-decay", "-1"], ["--nesterov", "--momentum", "0"],
    ["--validation", "-1"], ["--threads", "0"], ["--widths", "784"], ["--widths", "784,,10"], ["--widths", "784,0,10"],
    ["--dataset", "cifar"], ["--format", "xml"], ["--resume"], ["--compare", "--checkpoint", "x"],
    ["--checkpoint-every", "0"], ["--nonsense"],
  ])
  func `wrong usage ends with 64 and prints no result`(arguments: [String]) throws {
    let run = try NormCheckRun(["train"] + arguments, in: folder)
    #expect(run.status == 64)
    #expect(run.output == "")
    #expect(run.diagnostics.hasPrefix("Error: "))
  }

  /// Status 2, one sentence on standard error, nothing on standard output.
  private func expectRefusal(_ run: NormCheckRun, _ sentence: String) {
    #expect(run.status == 2)
    #expect(run.output == "")
    #expect(run.diagnostics == "normcheck: \(sentence)\n")
  }

  @Test func `missing data end with 2 and the remedy`() throws {
    expectRefusal(
      try train("--dataset", "mnist", "--data", "/nowhere"),
      "mnist is incomplete: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, "
        + "t10k-labels-idx1-ubyte not found (plain or .gz) in /nowhere/mnist, /nowhere; run `normcheck data fetch mnist` "
        + "or name their folder with --data.")
  }

  @Test func `damaged data end with 2 and the name of the file`() throws {
    let images = folder.path + "/train-images-idx3-ubyte"
    for file in DatasetFile.allCases { try folder.write([0, 0, 8, 1, 0, 0, 0, 0], to: file.rawValue) }
    try folder.write([0, 0, 8, 3, 0, 0], to: "train-images-idx3-ubyte")
    let truncated = try train("--dataset", "mnist", "--data", folder.path)
    #expect(truncated.status == 2)
    #expect(truncated.diagnostics.hasPrefix("normcheck: \(images) is truncated"), "\(truncated.diagnostics)")
    try folder.write(Array("<!DOCTYPE html>".utf8), to: "train-images-idx3-ubyte")
    expectRefusal(
      try train("--dataset", "mnist", "--data", folder.path),
      "\(images) is an HTML page, but an IDX file of images is expected.")
  }

  @Test func `a configuration that does not fit the data ends with 2 and the remedy`() throws {
    expectRefusal(
      try train("--batch-size", "5001"),
      "a batch of 5001 images is larger than the 5000 training images: give a smaller --batch-size")
    expectRefusal(
      try train("--compare", "--batch-size", "9223372036854775807"),
      "a batch of 9223372036854775807 images is larger than the 5000 training images: give a smaller --batch-size")
    expectRefusal(
      try train("--batch-size", "4999"),
      "5000 training images in batches of 4999 leave a last batch of one, and batch normalization cannot train on one "
        + "value per channel: choose another --batch-size, or set images aside with --validation")
    expectRefusal(
      try train("--widths", "100,10"),
      "widths 100,10 do not fit the data: the first must be 784 (pixels of an image), the last at least 10 (classes)")
    let tooMany = try train("--validation", "5000")
    #expect(tooMany.status == 2 && tooMany.output == "")
  }
}
