import BatchNormReference
import Datasets
import Foundation
import Reports
import ReproducibleMath
import TrainingEngine

extension TrainCommand {
  /// The network, the settings and the images of a run.
  func describe(_ configuration: RunConfiguration, _ images: RunImages, _ kernels: String) -> String {
    let widths = configuration.shape.widths.map(String.init).joined(separator: "-")
    let normalization = configuration.shape.normalization == .none ? "without" : "with"
    return """
      \(widths) \(normalization) batch normalization, \(setting(configuration)), kernels \(kernels)
      \(configuration.dataset): \(counts(images))
      """
  }

  private func setting(_ configuration: RunConfiguration) -> String {
    let rule = configuration.rule
    return
      "batch \(configuration.batchSize), rate \(rule.learningRate), momentum \(rule.momentum), seed \(configuration.seed)"
  }

  private func counts(_ images: RunImages) -> String {
    let parts = [
      "\(images.training.count) training", images.validation.map { "\($0.count) validation" },
      counted(images.test.count, "test image"),
    ]
    return parts.compactMap { $0 }.joined(separator: ", ")
  }

  /// The seed experiment's line, then loss and accuracy on validation and test images.
  func epochLine(_ k: Int, _ epoch: RunRecord.Epoch, _ images: RunImages) -> String {
    var line = "Epoch \(k), Loss: \(fixed(epoch.meanTrainLoss, 6))"
    if let loss = epoch.validationLoss, let correct = epoch.validationCorrect, let validation = images.validation {
      line += ", validation loss: \(fixed(loss, 6)), accuracy: \(percent(Double(correct) / Double(validation.count)))"
    }
    return line
      + ", test loss: \(fixed(epoch.testLoss, 6)), accuracy: \(percent(Double(epoch.testCorrect) / Double(images.test.count)))"
  }

  /// Both runs, epoch by epoch and as curves of the training loss.
  func comparison(_ plain: RunRecord, _ normalized: RunRecord, _ images: RunImages) -> String {
    let heldOut = images.validation == nil ? "test" : "validation"
    let count = images.validation?.count ?? images.test.count
    let header = ["epoch", "loss", "\(heldOut) loss", "accuracy", "loss", "\(heldOut) loss", "accuracy"]
    let rows = zip(plain.epochs, normalized.epochs).enumerated().map { k, pair in
      ["\(k + 1)"] + cells(pair.0, count) + cells(pair.1, count)
    }
    return """
      \(plain.widths.map(String.init).joined(separator: "-")), \(setting(options.configuration(.none))), same weights and batches
      \(plain.dataset): \(counts(images))

      \(pad("", 5))\(pad("    without batch normalization", 36, .left))    with batch normalization
      \(([header] + rows).map(row).joined(separator: "\n"))

      Training loss, mean over equal stretches of steps (one mark is \(fixed(Curve.unit, 2))):

      \(Curve(plain.stepsLoss, normalized.stepsLoss).lines.joined(separator: "\n"))

      Digest without: \(plain.digest)
      Digest with:    \(normalized.digest)
      """
  }

  private func cells(_ epoch: RunRecord.Epoch, _ count: Int) -> [String] {
    let correct = epoch.validationCorrect ?? epoch.testCorrect
    return [
      fixed(epoch.meanTrainLoss, 6), fixed(epoch.validationLoss ?? epoch.testLoss, 6),
      percent(Double(correct) / Double(count)),
    ]
  }

  private func row(_ cells: [String]) -> String {
    zip(cells, [5, 10, 15, 11, 10, 15, 11]).map { pad($0, $1) }.joined()
  }
}

/// Two loss curves as bars of text, side by side.
private struct Curve {
  static let unit = 0.1
  let lines: [String]

  init(_ plain: [Double], _ normalized: [Double], stretches: Int = 20) {
    let count = min(plain.count, normalized.count)
    let bins = min(stretches, count)
    lines =
      ["\(pad("step", 6))  \(pad("without", 36, .left))  with"]
      + (0..<bins).map { i in
        let range = (i * count / bins)..<((i + 1) * count / bins)
        let means = [plain, normalized].map { $0[range].reduce(0, +) / Double(range.count) }
        return "\(pad("\(range.upperBound)", 6))  \(pad(Self.bar(means[0]), 36, .left))  \(Self.bar(means[1]))"
      }
  }

  private static func bar(_ mean: Double) -> String {
    let marks = mean.isFinite ? Int((mean / unit).rounded()) : 28
    return fixed(mean, 3) + " " + String(repeating: "▇", count: min(max(marks, 0), 28))
  }
}
