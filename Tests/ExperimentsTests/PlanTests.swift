import Experiments
import Foundation
import Testing
import TrainingEngine

struct PlanTests {
  private func plan(_ text: String) throws(PlanError) -> SweepPlan { try SweepPlan(readingJSON: Data(text.utf8)) }

  private static let required = #""name": "a", "dataset": "mnist-mini", "validationCount": 500, "seeds": 2"#

  @Test func `a plan that names little is the seed experiment`() throws {
    let cells = try plan("[{\(Self.required), \"epochs\": 5}]").cells
    #expect(cells.count == 4)
    #expect(cells[0].widths == [784, 256, 128, 10] && cells[0].batchSize == 64 && cells[0].learningRate == 0.01)
    #expect(cells.map(\.seed) == [0, 1, 0, 1] && cells.map(\.batchNorm) == [false, false, true, true])
  }

  @Test func `zeros mean the whole batch and the cumulative mean`() throws {
    let cells = try plan(
      "[{\(Self.required), \"steps\": 3, \"statisticsBatches\": [0, 8], \"runningMomenta\": [0, 0.5], \"batchNorm\": [true]}]"
    ).cells
    #expect(cells.count == 8)
    #expect(Set(cells.map(\.statisticsBatch)) == [nil, 8] && Set(cells.map(\.runningMomentum)) == [nil, 0.5])
    #expect(cells.allSatisfy { $0.budget == .steps(3) })
  }

  @Test(arguments: [
    ("{", "the plan is not an array of grids"), ("[{}]", "lacks name"),
    ("[{\(required), \"epochs\": 1, \"batchsizes\": [3]}]", "the unknown field batchsizes"),
    ("[{\(required)}]", "grid a: give either epochs or steps"),
    ("[{\(required), \"epochs\": 1, \"steps\": 1}]", "grid a: give either epochs or steps"),
    ("[{\(required), \"epochs\": 0}]", "must be 1 or more"),
    ("[{\(required), \"epochs\": 1, \"batchSizes\": [4501]}]", "batchSizes do not fit the data"),
    ("[{\(required), \"epochs\": 1, \"learningRates\": [0]}]", "must be above 0"),
    ("[{\(required), \"epochs\": 1, \"widths\": [[784]]}]", "widths must begin with 784"),
    ("[{\(required), \"epochs\": 1, \"runningMomenta\": [1.5]}]", "runningMomenta must be 0 to 1"),
    (#"[{"name": "a", "dataset": "cifar", "validationCount": 1, "seeds": 1, "epochs": 1}]"#, "dataset"),
    (#"[{"name": "a", "dataset": "mnist", "validationCount": 0, "seeds": 1, "epochs": 1}]"#, "validationCount must be"),
  ]) func `a plan that cannot be run is refused in one sentence`(text: String, reason: String) {
    #expect {
      try plan(text)
    } throws: { error in
      let sentence = "\(error)"
      return sentence.contains(reason) && !sentence.contains("\n")
    }
  }
}
