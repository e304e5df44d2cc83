import CommandSupport
import Datasets
import Foundation
import Testing

struct DatasetTests {
  private let folder: TemporaryFolder
  private let mini = DataFolders(environment: [:])

  init() throws { folder = try TemporaryFolder() }

  /// Copies the embedded files into the folder of this test.
  private func copyMini(except absent: [DatasetFile] = []) throws -> DataFolders {
    for file in DatasetFile.allCases where !absent.contains(file) {
      let path = try #require(mini.path(of: file, in: .mnistMini))
      try folder.write(bytes(of: path), to: file.rawValue + ".gz")
    }
    return DataFolders(option: folder.path, environment: [:])
  }

  private func bytes(of path: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: path))) }

  @Test func `the embedded subset is 5000 training and 1000 test images of 28×28`() throws {
    let dataset = try Dataset(.mnistMini, in: mini)
    #expect(dataset.training.count == 5_000)
    #expect(dataset.test.count == 1_000)
    #expect(dataset.training.features == 784)
    #expect(dataset.training.pixels.count == 5_000 * 784)
    #expect(Array(dataset.training.labels.prefix(10)) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect(Array(dataset.test.labels.prefix(10)) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
  }

  @Test func `missing files are named with the searched folders and the remedy`() throws {
    let places = try copyMini(except: [.testImages, .testLabels])
    let subset = #expect(throws: DatasetError.self) { try Dataset(.mnistMini, in: places) }
    #expect(
      subset?.description
        == "mnist-mini is incomplete: t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte not found (plain or .gz) in "
        + "\(folder.path)/mnist-mini, \(folder.path); run inside a clone of the package or name its folder with --data."
    )
    let full = #expect(throws: DatasetError.self) {
      try Dataset(.mnist, in: DataFolders(option: "/nowhere", environment: [:]))
    }
    #expect(full?.description.hasSuffix("run `normcheck data fetch mnist` or name their folder with --data.") == true)
  }

  @Test func `files of another data set are refused with the name of that set`() throws {
    let places = try copyMini()
    let error = #expect(throws: DatasetError.self) { try Dataset(.mnist, in: places) }
    #expect(
      error
        == .wrongChecksum(
          path: folder.path + "/train-images-idx3-ubyte.gz",
          expected: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
          got: DatasetName.mnistMini.checksum(of: .trainingImages), owner: .mnistMini))
  }

  @Test func `a changed label is found by the checksum`() throws {
    let places = try copyMini()
    var content = try IDXArray(path: places.path(of: .testLabels, in: .mnistMini)!, kind: .labels).elements
    content[999] = (content[999] + 1) % 10
    try folder.write(gzip(labels(content)), to: "t10k-labels-idx1-ubyte.gz")
    let error = #expect(throws: DatasetError.self) { try Dataset(.mnistMini, in: places) }
    guard case .wrongChecksum(_, _, _, owner: nil)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try DatasetFile.testLabels.verify(in: places, of: .mnistMini).status == .wrong(#require(error)))
    #expect(try DatasetFile.testImages.verify(in: places, of: .mnistMini).status == .intact)
  }

  @Test func `import copies checked files and leaves no other file`() throws {
    let places = try copyMini()
    let target = try TemporaryFolder()
    let destination = DataFolders(option: target.path, environment: [:])
    let paths = try DatasetName.mnistMini.importFiles(from: folder.path, into: destination)
    #expect(paths == DatasetFile.allCases.map { "\(target.path)/mnist-mini/\($0.rawValue).gz" })
    #expect(target.content.count == 5)
    #expect(throws: Never.self) { try Dataset(.mnistMini, in: destination) }
    #expect(throws: Never.self) { try Dataset(.mnistMini, in: places) }
  }

  @Test func `import of a damaged file names the source and writes nothing`() throws {
    _ = try copyMini()
    let source = try folder.write(gzip(images(count: 5)), to: "train-images-idx3-ubyte.gz")
    let target = try TemporaryFolder()
    let error = #expect(throws: DatasetError.self) {
      try DatasetName.mnistMini.importFiles(from: folder.path, into: DataFolders(option: target.path, environment: [:]))
    }
    #expect(error?.description.hasPrefix(source) == true)
    #expect(target.content == [])
  }

  @Test func `a folder that cannot be created is one sentence`() throws {
    _ = try copyMini()
    let file = try folder.write([0], to: "file")
    let error = #expect(throws: DatasetError.self) {
      try DatasetName.mnistMini.importFiles(from: folder.path, into: DataFolders(option: file, environment: [:]))
    }
    #expect(error == .cannotWrite(path: file + "/mnist-mini", reason: "Not a directory"))
  }
}
