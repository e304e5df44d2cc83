import Benchmarks

extension BenchmarkText {
  var goalsTable: TextTable {
    TextTable(
      ["figure", "goal", "measured", "verdict"], alignments: [.left, .right, .right, .left],
      rows: figures.goals.map(\.cells))
  }

  var epochsTable: TextTable {
    let rows = record.series.compactMap { series -> [String]? in
      guard series.subject == figures.own, case .epoch(let training) = series.work else { return nil }
      return [
        "\(training.batch)", training.isNormalized ? "yes" : "no", "\(training.threads)",
        figures.epochSpeedup(training)?.times ?? "–",
        training.threads == 1 ? figures.epochPeakShare(training)?.percent ?? "–" : "",
        training.threads == 1 && training.isNormalized ? figures.epochExecutedShare(training)?.percent ?? "–" : "",
      ]
    }
    return TextTable(
      ["batch", "batch norm", "threads", "over PyTorch", "of the peak, nominal", "executed"],
      alignments: [.right, .left, .right, .right, .right, .right], rows: rows)
  }

  var productsTable: TextTable {
    let rows = record.series.compactMap { series -> [String]? in
      guard series.subject == figures.own, case .product(let product) = series.work else { return nil }
      return [
        name(product.form), "\(product.inputs) × \(product.outputs)",
        figures.peakShare(product, of: figures.own)?.percent ?? "–",
        figures.peakShare(product, of: .openBLAS)?.percent ?? "–", figures.productSpeedup(product)?.times ?? "–",
      ]
    }
    return TextTable(
      ["product", "inputs × outputs", "ours, of the peak", "OpenBLAS, of the peak", "over OpenBLAS"],
      alignments: [.left, .right, .right, .right, .right], rows: rows)
  }

  var determinismTable: TextTable {
    TextTable(
      ["work", "over OpenBLAS"], alignments: [.left, .right],
      rows: [
        ["products of a step, batch 64", figures.productsSpeedup?.times ?? "–"],
        ["epoch, batch 64, computed", figures.epochWithOpenBLAS?.times ?? "–"],
      ])
  }

  var memoryTable: TextTable {
    TextTable(
      ["work", "of the copy's speed"], alignments: [.left, .right],
      rows: [
        ["means and variances of 64 × 256 values", figures.momentsBandwidth?.times ?? "–"],
        ["weights and velocities of a step, read and written once", figures.stepBandwidth?.times ?? "–"],
      ])
  }

  /// Batch normalization's share, ours and the peer's.
  var normalizationTable: TextTable {
    let batches = [32, 64, 128].filter { figures.normalizationCost(batch: $0, threads: 1, of: figures.own) != nil }
    return TextTable(
      ["batch", "ours", "our passes alone", "PyTorch"], alignments: [.right, .right, .right, .right],
      rows: batches.map { batch in
        let costs = [figures.own, .pytorch].map { figures.normalizationCost(batch: batch, threads: 1, of: $0) }
        return ["\(batch)"] + [costs[0], figures.normalizationShare(batch: batch), costs[1]].map { $0?.percent ?? "–" }
      })
  }

  var kernelsTable: TextTable {
    let names = record.series.compactMap { series -> String? in
      if case (.normcheck(let kernels), .steps) = (series.subject, series.work) { kernels } else { nil }
    }
    return TextTable(
      ["kernels", "over PyTorch", "of the speed of \(record.kernels)"], alignments: [.left, .right, .right],
      rows: names.map { name in
        [name, figures.stepSpeedup(kernels: name)?.times ?? "–", figures.stepShare(kernels: name)?.percent ?? "–"]
      })
  }

  private func name(_ form: BenchmarkWork.Product.Form) -> String {
    switch form {
    case .forward: "forward"
    case .weight: "weight gradient"
    case .input: "input gradient"
    case .step: "weight gradient with descent"
    }
  }
}
