import BatchNormReference
import Datasets
import Experiments
import Foundation
import Testing
import TrainingEngine

struct CellTests {
  @Test func `every setting is part of a cell's name`() {
    let changes: [(inout Cell) -> Void] = [
      { $0.dataset = .mnist }, { $0.validationCount = 5 }, { $0.widths = [784, 10] }, { $0.batchNorm = false },
      { $0.batchSize = 32 }, { $0.statisticsBatch = 8 }, { $0.learningRate = 0.1 }, { $0.momentum = 0.5 },
      { $0.weightScale = 2 }, { $0.runningMomentum = 0.2 }, { $0.runningMomentum = nil }, { $0.seed = 1 },
      { $0.budget = .steps(2) }, { $0.budget = .epochs(1) }, { $0.evaluateEvery = 3 }, { $0.detail = .probes },
    ]
    let keys = [tinyCell()] + changes.map { change in tinyCell(change) }
    #expect(Set(keys.map(\.key)).count == keys.count)
    #expect(tinyCell().key == tinyCell().key)
    #expect(tinyCell().key.count == 24)
  }

  @Test func `every setting of a cell survives JSON`() throws {
    let cells = [
      tinyCell(), tinyCell { $0.statisticsBatch = 5 }, tinyCell { $0.runningMomentum = nil },
      tinyCell(budget: .steps(3)) { ($0.detail, $0.weightScale) = (.probes, 2) },
      tinyCell { $0.rule = SGD(learningRate: 0.5, momentum: 0.25, weightDecay: 0.125, direction: .nesterov) },
    ]
    let data = try JSONEncoder().encode(cells)
    #expect(try JSONDecoder().decode([Cell].self, from: data) == cells)
  }

  @Test func `a budget in epochs counts the smaller last batch`() {
    #expect(tinyCell().steps(images: 40) == 8)
    #expect(tinyCell().steps(images: 41) == 10)
    #expect(tinyCell(budget: .steps(7)).steps(images: 41) == 7)
  }

  @Test(arguments: SweepPlan.Tier.allCases) func `every run of a plan occurs once and fits its data`(
    tier: SweepPlan.Tier
  ) throws {
    let cells = SweepPlan(tier).cells
    #expect(Set(cells.map(\.key)).count == cells.count)
    for cell in cells {
      let images = cell.dataset.count(of: .trainingImages) - cell.validationCount
      try cell.configuration.validate(images: images, features: 784, classes: 10)
      // The validation images go through in training mode too.
      #expect(cell.validationCount % cell.batchSize != 1)
    }
  }

  @Test func `the main comparison has the same seeds with and without batch normalization`() throws {
    let grid = try #require(SweepPlan(.full).grids.first { $0.name == "batch-size" && $0.dataset == .mnist })
    for size in [32, 64, 128] {
      let runs = grid.cells.filter { $0.batchSize == size }
      #expect(runs.filter(\.batchNorm).map(\.seed) == Array(0..<30))
      #expect(runs.filter { !$0.batchNorm }.map(\.seed) == Array(0..<30))
    }
  }

  @Test func `shards are parts of the whole`() {
    let cells = SweepPlan(.quick).cells
    let parts = (1...3).map { Sweep.shard($0, of: 3, cells) }
    #expect(parts.map(\.count).reduce(0, +) == cells.count)
    #expect(Set(parts.joined()) == Set(cells))
  }
}
