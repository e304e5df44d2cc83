import BatchNormReference
import ReproducibleMath
import TrainingEngine

/// Steps, epochs, and runs side by side.
extension Benchmark {
  /// Everything once, so that no first touch is measured; and whether the peer can use two threads here at all.
  func warmUp() throws {
    _ = try epoch(training(64), one, steps: min(20, steps(ofEpochWith: 64)))
    guard let peer else { return }
    let single = try peer.seconds(request(training(64), steps: 60))
    guard plan.threads.contains(2) else { return }
    let double = try? peer.seconds(request(training(64, threads: 2), steps: 60))
    peerThreads = [1, 2]
    if !((double ?? .infinity) < 2 * single) { leaveOutSecondThread() }
    do {
      _ = try peer.seconds(request(training(64), steps: steps(ofEpochWith: 64), compiled: true))
      isCompiling = true
    } catch {
      remarks.append("torch.compile was skipped: \(error)")
    }
  }

  /// The steps of one instruction set each: what AVX2 and plain vectors make of it.
  func measureSteps() throws {
    let training = training(64)
    for kernels in [one] + others {
      let steps = kernels.name == "portable" ? (plan.variantSteps + 9) / 10 : plan.variantSteps
      let seconds = try epoch(training, kernels, steps: steps)
      record(.normcheck(kernels: kernels.name), .steps(training), amount: Double(steps), seconds: seconds)
    }
  }

  func measureEpochs() throws {
    // What one core keeps up for tens of milliseconds, before and after an epoch: less than in a short stretch, where the
    // clock is higher for a moment.
    let sustained = Burst(one, operations: plan.stretches == 1 ? 1e6 : 1e10)
    for training in trainings {
      let steps = steps(ofEpochWith: training.batch)
      let before = training.threads == 1 ? sustained.seconds() : 0
      let seconds = try epoch(training, kernels[training.threads]!, steps: steps)
      record(subject, .epoch(training), amount: Double(steps), seconds: seconds)
      if training.threads == 1 {
        record(
          .limit, .epoch(training), amount: 2 * sustained.operations, seconds: before + sustained.seconds())
      }
      guard let peer, peerThreads.contains(training.threads) else { continue }
      do {
        let seconds = try peer.seconds(request(training, steps: steps))
        record(.pytorch, .epoch(training), amount: Double(steps), seconds: seconds)
      } catch let failure where training.threads == 1 {
        throw failure
      } catch {
        leaveOutSecondThread()
      }
      guard isCompiling, training == self.training(64) else { continue }
      record(
        .compiledPyTorch, .epoch(training), amount: Double(steps),
        seconds: try peer.seconds(request(training, steps: steps, compiled: true)))
    }
  }

  /// Independent runs on one worker and on two; the standard comparison on two.
  func measureSweep() throws {
    guard plan.threads.contains(2) else { return }
    let runs = [training(64), training(64)]
    for workers in [1, 2] {
      let amount = Double(runs.map { steps(ofEpochWith: $0.batch) }.reduce(0, +))
      record(subject, .sweep(workers: workers), amount: amount, seconds: try sideBySide(runs, workers: workers))
    }
    let standard = trainings.filter { $0.threads == 1 && $0.batch <= 128 }
    let amount = Double(standard.map { steps(ofEpochWith: $0.batch) }.reduce(0, +))
    record(subject, .comparison, amount: amount, seconds: try sideBySide(standard, workers: 2))
    // The peer has no workers: its runs follow one another, each on two threads.
    let peers = standard.compactMap { latest(.pytorch, .epoch(training($0.batch, $0.isNormalized, threads: 2))) }
    if peers.count == standard.count {
      record(.pytorch, .comparison, amount: amount, seconds: peers.reduce(0, +))
    }
  }

  /// A team whose second thread gets no processor waits at every barrier, for minutes; such figures would say nothing.
  private func leaveOutSecondThread() {
    peerThreads = [1]
    remarks.append("PyTorch with two threads was skipped: the second core was busy and the run did not end.")
  }

  func training(_ batch: Int, _ isNormalized: Bool = true, threads: Int = 1) -> BenchmarkWork.Training {
    BenchmarkWork.Training(batch: batch, isNormalized: isNormalized, threads: threads)
  }

  /// Every batch size with and without batch normalization on every number of threads, the longest batches with only.
  var trainings: [BenchmarkWork.Training] {
    plan.batchSizes.flatMap { batch in
      [true, false].filter { $0 || batch <= 128 }.flatMap { isNormalized in
        plan.threads.map { training(batch, isNormalized, threads: $0) }
      }
    }
  }

  private func request(
    _ training: BenchmarkWork.Training, steps: Int, compiled: Bool = false
  ) -> [String: any Sendable] {
    [
      "do": "epoch", "batch": training.batch, "norm": training.isNormalized, "threads": training.threads,
      "steps": steps,
      "compiled": compiled, "limit": compiled ? 120 : training.threads == 1 ? 60 : 15,
    ]
  }

  private func configuration(_ training: BenchmarkWork.Training) -> RunConfiguration {
    let shape = NetworkShape(training.isNormalized ? .batchNorm : .none)
    return RunConfiguration(shape: shape, batchSize: training.batch, dataset: dataset)
  }

  /// A fresh run.
  func trainer(
    _ training: BenchmarkWork.Training, _ kernels: VectorKernels? = nil
  ) throws -> Trainer<VectorKernels> {
    try Trainer(configuration(training), images: images, kernels: kernels ?? one)
  }

  /// Seconds of the first `steps` steps of a fresh run, drawing the order of its images included.
  private func epoch(_ training: BenchmarkWork.Training, _ kernels: VectorKernels, steps: Int) throws -> Double {
    let trainer = try trainer(training, kernels)
    let time = try seconds { for _ in 0..<steps { try trainer.step() } }
    note(trainer.digest, training, steps)
    return time
  }

  /// Seconds until all runs are done, drawing of weights included, when `workers` take one after the other.
  private func sideBySide(_ runs: [BenchmarkWork.Training], workers: Int) throws -> Double {
    let (images, kernels) = (images, one)
    let plans = runs.map { (configuration: configuration($0), steps: steps(ofEpochWith: $0.batch)) }
    var digests: [String] = []
    let time = try seconds {
      digests = try concurrently(plans, workers: workers) { plan in
        let trainer = try Trainer(plan.configuration, images: images, kernels: kernels)
        for _ in 0..<plan.steps { try trainer.step() }
        return trainer.digest
      }
    }
    for (i, digest) in digests.enumerated() { note(digest, runs[i], plans[i].steps) }
    return time
  }

  /// Runs of one configuration and length have one digest, whatever the kernels and threads.
  private func note(_ digest: String, _ training: BenchmarkWork.Training, _ steps: Int) {
    digests["\(training.batch) \(training.isNormalized) \(steps)", default: []].insert(digest)
    digestedRuns += 1
  }
}
