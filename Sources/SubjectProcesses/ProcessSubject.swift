public import BatchNormTesting
import ReproducibleMath

/// A batch normalization in another process, in one of the element types that it offers.
///
/// The four methods travel as the subject protocol says; layers with state of their own do not travel. A tensor in a layout
/// that the subject does not offer travels with further axes of extent 1, [N, C] as [N, C, 1, 1], which changes no value.
/// Any fault throws `SubjectFault`; no call takes longer than the time limit.
public struct ProcessSubject: Subject {
  public let profile: SubjectProfile
  private let processes: SubjectProcesses

  /// - Parameters:
  ///   - type: one that the description offers
  ///   - accuracy: the bounds that it is held to
  ///   - layouts: those it is asked in; nil for all that it offers
  public init(
    _ processes: SubjectProcesses, _ type: ElementType, accuracy: SubjectProfile.Accuracy,
    layouts: Set<TensorLayout>? = nil
  ) {
    let description = processes.description
    self.processes = processes
    profile = SubjectProfile(
      name: "\(description.name)-\(type.rawValue)", version: description.version, elementType: type,
      layouts: layouts ?? description.layouts, methods: description.methods, declared: [], accuracy: accuracy
    ).with(declared: description.declared)
  }

  /// The same subject under the policies that it was seen to follow; what it declares wins.
  public func inferring(_ words: [Policy: String]) -> ProcessSubject {
    ProcessSubject(processes, profile.with(declared: processes.description.declared, inferred: words))
  }

  private init(_ processes: SubjectProcesses, _ profile: SubjectProfile) {
    (self.processes, self.profile) = (processes, profile)
  }

  public func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    var parameters = parameters(call.x, call.affine, call.running, call.epsilon)
    parameters.momentum = call.momentum
    return try request(.forwardTraining, parameters) { result throws(WireTensor.Mismatch) in
      let y = try values(result.y, "y", shape(of: call.x))
      guard let running = call.running else { return TrainingAnswer(y: y, running: nil) }
      let channels = [call.x.shape[1]]
      return TrainingAnswer(
        y: y,
        running: RunningStatistics<Double>(
          mean: try values(result.running_mean, "running_mean", channels),
          variance: try values(result.running_var, "running_var", channels),
          batchesTracked: running.batchesTracked + 1))
    }
  }

  public func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    let parameters = parameters(call.x, call.affine, call.running, call.epsilon)
    return try request(.forwardEvaluation, parameters) { result throws(WireTensor.Mismatch) in
      try values(result.y, "y", shape(of: call.x))
    }
  }

  public func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    try backward(.backwardTraining, call, running: nil)
  }

  public func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer {
    try backward(.backwardEvaluation, call, running: call.running)
  }

  private func backward(
    _ method: SubjectProfile.Method, _ call: GradientCall, running: RunningStatistics<Double>?
  ) throws -> GradientAnswer {
    var parameters = parameters(call.x, call.affine, running, call.epsilon)
    parameters.dy = WireTensor(call.gradientY, shape: shape(of: call.x), profile.elementType)
    return try request(method, parameters) { result throws(WireTensor.Mismatch) in
      let gradientX = try values(result.dx, "dx", shape(of: call.x))
      guard call.affine != nil else { return GradientAnswer(gradientX: gradientX, gradientAffine: nil) }
      let channels = [call.x.shape[1]]
      return GradientAnswer(
        gradientX: gradientX,
        gradientAffine: Affine<Double>(
          gamma: try values(result.dgamma, "dgamma", channels), beta: try values(result.dbeta, "dbeta", channels)))
    }
  }

  private func parameters(
    _ x: Tensor, _ affine: Affine<Double>?, _ running: RunningStatistics<Double>?, _ epsilon: Double
  ) -> WireParameters {
    func tensor(_ values: [Double]) -> WireTensor { WireTensor(values, shape: [values.count], profile.elementType) }
    return WireParameters(
      x: WireTensor(x.values, shape: shape(of: x), profile.elementType), gamma: affine.map { tensor($0.gamma) },
      beta: affine.map { tensor($0.beta) }, running_mean: running.map { tensor($0.mean) },
      running_var: running.map { tensor($0.variance) }, batches_tracked: running?.batchesTracked,
      epsilon: epsilon)
  }

  /// The shape that x travels in.
  private func shape(of x: Tensor) -> [Int] {
    let axes = x.layout.spatialAxes
    let layouts = TensorLayout.allCases.filter { profile.layouts.contains($0) && $0.spatialAxes >= axes }
    return x.shape + Array(repeating: 1, count: (layouts.first?.spatialAxes ?? axes) - axes)
  }

  private func request<Answer>(
    _ method: SubjectProfile.Method, _ parameters: WireParameters,
    _ use: (WireResult) throws(WireTensor.Mismatch) -> Answer
  ) throws -> Answer {
    try processes.request(method.rawValue, parameters, subject: profile.name, use)
  }

  private func values(_ tensor: WireTensor?, _ name: String, _ shape: [Int]) throws(WireTensor.Mismatch) -> [Double] {
    guard let tensor else { throw WireTensor.Mismatch(kind: .wrongShape, detail: "\(name) is missing") }
    return try tensor.values(name, shape: shape, profile.elementType)
  }
}
