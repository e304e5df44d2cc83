import Datasets
import Experiments
import TrainingEngine

/// 784-3-2-10 on the 40 training images that are left where 4,960 of the embedded ones are set aside: four steps an epoch.
func tinyCell(
  batchNorm: Bool = true, seed: UInt64 = 0, budget: Cell.Budget = .epochs(2), _ change: (inout Cell) -> Void = { _ in }
) -> Cell {
  var cell = Cell(
    dataset: .mnistMini, validationCount: 4960, batchNorm: batchNorm, batchSize: 10, seed: seed, budget: budget,
    evaluateEvery: 2)
  cell.widths = [784, 3, 2, 10]
  change(&cell)
  return cell
}

let miniDataset = Result { try Dataset(.mnistMini, in: DataFolders(option: nil)) }

func tinyImages() throws -> CellImages { try CellImages(miniDataset.get(), validationCount: 4960) }

func run(_ cell: Cell) throws -> CellRecord { try cell.run(on: tinyImages(), VectorKernels()) }
