public import BatchNormReference
public import Subjects

/// How a subject behaves where frameworks differ, read off two calls; to be set against what it declares.
///
/// One update of running mean 0 and variance 1 by the batch 1, 2, 3, 4 with momentum ¼ gives another pair of numbers under
/// each of the four conventions, no two of them nearer than 0.02; and a batch of one value is refused, answered by β, or
/// answered by something else.
public struct ConventionProfile: Hashable, Sendable {
  /// nil where the answer fits no convention.
  public let runningVariance: Convention.RunningVariance?
  public let momentum: Convention.MomentumSense?
  /// nil where a batch of one is neither refused nor answered by β.
  public let batchOfOne: Convention.BatchOfOne?
  /// What could not be read, one sentence each.
  public let remarks: [String]

  /// nil where the subject does not offer training.
  public init?(of subject: any Subject) {
    guard subject.profile.methods.contains(.forwardTraining) else { return nil }
    var remarks: [String] = []
    var update: (Convention.RunningVariance, Convention.MomentumSense)?
    do {
      let running = try Self.trained([1, 2, 3, 4], subject).running
      update = running.flatMap(Self.update)
      if update == nil {
        remarks.append(
          "running mean \(list(running?.mean ?? [])) and variance \(list(running?.variance ?? [])) after 1, 2, 3, 4 "
            + "with momentum 0.25 fit no convention" + (running.flatMap(Self.fit).map { ", but \($0)" } ?? ""))
      }
    } catch { remarks.append("the update of running statistics: \(error)") }
    (runningVariance, momentum) = (update?.0, update?.1)
    (batchOfOne, remarks) = Self.batchOfOne(subject, remarks)
    self.remarks = remarks
  }

  /// The frameworks that behave so, as far as this profile reaches; nil for none that is known.
  public var likeness: String? {
    switch (runningVariance, momentum) {
    case (.unbiased, .weightOfNew): "PyTorch"
    case (.biased, .weightOfOld): "ONNX, Keras and Flax"
    case (.biased, .weightOfNew): "mlx-swift"
    case (.unbiased, .weightOfOld): "Caffe2"
    default: nil
    }
  }

  /// Where behaviour and declaration differ: the convention's name in the protocol, and a sentence.
  public func contradictions(of declared: Convention) -> [(name: String, text: String)] {
    var found: [(String, String)] = []
    if let runningVariance, runningVariance != declared.runningVariance {
      found.append(
        ("running_variance", "declared \(declared.runningVariance.rawValue), is \(runningVariance.rawValue)"))
    }
    if let momentum, momentum != declared.momentum {
      found.append(("momentum", "declared \(declared.momentum.rawValue), is \(momentum.rawValue)"))
    }
    if batchOfOne != declared.batchOfOne {
      found.append(
        ("batch_of_one", "declared \(declared.batchOfOne.rawValue), is \(batchOfOne?.rawValue ?? "something else")"))
    }
    return found.map { (name: $0.0, text: $0.1) }
  }

  private static func trained(_ values: [Double], _ subject: any Subject) throws -> TrainingAnswer {
    let axes = TensorLayout.allCases.first(where: subject.profile.layouts.contains)?.spatialAxes ?? 0
    let x = Tensor(shape: [values.count, 1] + Array(repeating: 1, count: axes), values: values)
    return try subject.forwardTraining(
      TrainingCall(
        x: x, affine: AffineValues(gamma: [2], beta: [5]), running: RunningValues(channels: 1), epsilon: 0.5,
        momentum: 0.25))
  }

  /// The convention whose pair of numbers is nearer than 10⁻³, which is far more than any rounding and a twentieth of the
  /// least distance between two of them.
  private static func update(
    _ running: RunningValues
  ) -> (Convention.RunningVariance, Convention.MomentumSense)? {
    for (sense, new) in [(Convention.MomentumSense.weightOfNew, 0.25), (.weightOfOld, 0.75)] {
      for (estimate, variance) in [(Convention.RunningVariance.unbiased, 5.0 / 3), (.biased, 1.25)] {
        let meanError = abs(running.mean[0] - new * 2.5)
        let varianceError = abs(running.variance[0] - (1 - new + new * variance))
        if meanError < 1e-3 && varianceError < 1e-3 { return (estimate, sense) }
      }
    }
    return nil
  }

  /// Weight and estimate that give both numbers, where the momentum of the call is not what they say: the weight of the batch
  /// is (mean' − mean)/(μ − mean).
  private static func fit(_ running: RunningValues) -> String? {
    guard let mean = running.mean.first, let variance = running.variance.first else { return nil }
    if mean == 0, variance == 1 { return "fit weight 0: the state is as it was" }
    let weight = mean / 2.5
    guard weight.isFinite, weight > 0.001, weight <= 1 else { return nil }
    for (name, estimate) in [("unbiased", 5.0 / 3), ("biased", 1.25)]
    where abs(variance - (1 - weight + weight * estimate)) < 1e-3 * weight {
      return "fit weight \((weight * 1e6).rounded() / 1e6) and the \(name) variance"
    }
    return nil
  }

  private static func batchOfOne(
    _ subject: any Subject, _ remarks: [String]
  ) -> (Convention.BatchOfOne?, [String]) {
    do {
      let y = try trained([3], subject).y
      return y == [5] ? (.beta, remarks) : (nil, remarks + ["a batch of the one value 3 with β = 5 gives \(list(y))"])
    } catch SubjectError.refused(.invalidArgument, _) {
      return (.error, remarks)
    } catch { return (nil, remarks + ["a batch of one: \(error)"]) }
  }
}
