import BatchNormReference
import CKernels
import Datasets
import TrainingEngine

/// What of the nominal work of an epoch is executed.
extension Benchmark {
  /// The multiply-adds that the products execute over those of the plain algorithm, counted in the full batches of an
  /// epoch with batch normalization, for each batch size. Below 1 because rows that begin alike share steps of chains, and
  /// because steps on zeros from ReLU are skipped.
  func executedShares() throws -> [Int: Double] {
    var shares: [Int: Double] = [:]
    for batch in plan.batchSizes where batch <= images.count {
      let run = try trainer(training(batch))
      var (executed, nominal) = (0, 0)
      for _ in 0..<max(1, min(steps(ofEpochWith: batch), images.count / batch)) {
        try run.step()
        let step = work(of: run)
        executed += step.executed
        nominal += step.nominal
      }
      shares[batch] = Double(executed) / Double(nominal)
    }
    return shares
  }

  /// Multiply-adds of the latest step's products: as many as the kernels execute, and as many as the matrices have.
  private func work(of run: Trainer<VectorKernels>) -> (executed: Int, nominal: Int) {
    var variant = nc_variant.portable
    guard nc_select(kernelsName, &variant) == .selected else { return (1, 1) }
    var (executed, nominal) = (0, 0)
    for (i, linear) in run.network.linears.enumerated() {
      let x = i == 0 ? run.inputs : run.workspace.hidden[i - 1].activation
      let (inputs, outputs) = (x.columns, linear.weight.columns)
      executed += nc_product_work(variant, x.elements, x.rows, inputs, outputs)
      executed += nc_weight_gradient_work(variant, x.elements, x.rows, inputs, outputs)
      nominal += 2 * x.rows * inputs * outputs
      // The first layer has no input gradient; those of the others skip nothing.
      guard i > 0 else { continue }
      executed += x.rows * inputs * outputs
      nominal += x.rows * inputs * outputs
    }
    return (executed, nominal)
  }
}
