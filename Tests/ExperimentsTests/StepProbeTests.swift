import BatchNormReference
import Datasets
import Experiments
import Testing
import TrainingEngine

struct StepProbeTests {
  @Test func `looking into a run changes nothing of it`() throws {
    let (curves, probes) = (try run(tinyCell()), try run(tinyCell { $0.detail = .probes }))
    #expect(probes.digest == curves.digest)
    #expect(probes.milestones == curves.milestones && probes.curve == curves.curve)
    #expect(curves.probes.isEmpty)
    #expect(probes.probes.map(\.step) == [0, 1, 2, 5])
  }

  @Test(arguments: [false, true]) func `norms are those of the weights and of their first step over the rate`(
    batchNorm: Bool
  ) throws {
    let cell = tinyCell(batchNorm: batchNorm) { $0.detail = .probes }
    let probe = try run(cell).probes[0]
    let trainer = try Trainer(cell.configuration, images: tinyImages().training, kernels: VectorKernels())
    let before = trainer.network
    try trainer.step()
    for (i, (old, new)) in zip(before.linears, trainer.network.linears).enumerated() {
      let squares = old.weight.elements.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(probe.weightNorms[i] - squares.squareRoot()) <= 1e-12 * squares.squareRoot())
      // The velocity of the first step is the gradient itself. A weight is rounded by u·|w| ≤ 2⁻²⁵, over a rate of 0.01.
      let moved = zip(old.weight.elements, new.weight.elements).reduce(0.0) { sum, pair in
        let gradient = (Double(pair.0) - Double(pair.1)) / 0.01
        return sum + gradient * gradient
      }.squareRoot()
      let bound = 0x1p-25 / 0.01 * Double(old.weight.elements.count).squareRoot()
      #expect(abs(probe.gradientNorms[i] - moved) <= bound + 1e-6 * moved)
    }
  }

  @Test func `a step that moves nothing shifts nothing`() throws {
    let cell = tinyCell { ($0.detail, $0.learningRate) = (.probes, 1e-30) }
    let probe = try run(cell).probes[0]
    #expect(probe.covariateShift.count == 2)
    for shift in probe.covariateShift {
      #expect(shift.distance == 0 && shift.relative == 0)
      #expect(abs(shift.cosine - 1) <= 1e-12)
    }
    #expect(probe.preactivations.allSatisfy { $0.meanDrift == 0 && $0.deviationDrift == 0 })
    #expect(probe.landscape.leastLoss == probe.landscape.greatestLoss)
  }

  @Test func `a short step along the gradient lowers the loss`() throws {
    let cell = tinyCell { ($0.detail, $0.learningRate) = (.probes, 0.001) }
    let record = try run(cell)
    let probe = record.probes[0]
    #expect(probe.landscape.greatestLoss < record.lossBins[0].mean)
    #expect(probe.landscape.leastLoss < probe.landscape.greatestLoss)
    #expect(probe.landscape.leastChange > 0 && probe.landscape.leastChange <= probe.landscape.greatestChange)
    #expect(probe.landscape.smoothness > 0)
  }

  @Test func `normalized pre-activations have percentiles about 0 at the start`() throws {
    let probe = try run(tinyCell { $0.detail = .probes }).probes[0]
    for layer in probe.preactivations {
      // The 15th and 85th percentile of a normal distribution are ∓1.04; here a layer has 3 or 2 units.
      #expect((-1.6)...(-0.5) ~= layer.percentiles[0])
      #expect((0.5)...1.6 ~= layer.percentiles[2])
    }
  }
}
