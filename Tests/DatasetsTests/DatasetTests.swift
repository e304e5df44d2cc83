import Datasets
import Testing

struct DatasetTests {
  @Test func `the embedded subset is 5000 training and 1000 test images of 28×28`() throws {
    let dataset = try Dataset(.mnistMini, in: DataFolders(environment: [:]))
    #expect(dataset.training.count == 5_000)
    #expect(dataset.test.count == 1_000)
    #expect(dataset.training.features == 784)
    #expect(dataset.training.pixels.count == 5_000 * 784)
    #expect(Array(dataset.training.labels.prefix(10)) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect(Array(dataset.test.labels.prefix(10)) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
  }
}
