import CommandSupport
import Datasets
import Foundation
import Testing

struct DataFoldersTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func folders(option: String? = nil, _ environment: [String: String]) -> [String] {
    DataFolders(option: option, environment: environment).folders(for: .mnist)
  }

  @Test func `with the option only its folder is searched`() {
    #expect(folders(option: "/o", ["NORMCHECK_DATA": "/n", "HOME": "/h"]) == ["/o/mnist", "/o"])
  }

  @Test func `NORMCHECK_DATA comes before the cache`() {
    #expect(
      folders(["NORMCHECK_DATA": "/n", "HOME": "/h"])
        == ["/n/mnist", "/n", "/h/.cache/normcheck/mnist", "/h/.cache/normcheck"])
  }

  @Test func `XDG_CACHE_HOME is used only if it is absolute`() {
    let home = ["/h/.cache/normcheck/mnist", "/h/.cache/normcheck"]
    #expect(folders(["XDG_CACHE_HOME": "/x", "HOME": "/h"]) == ["/x/normcheck/mnist", "/x/normcheck"])
    #expect(folders(["XDG_CACHE_HOME": "x", "HOME": "/h"]) == home)
    #expect(folders(["XDG_CACHE_HOME": "", "NORMCHECK_DATA": "", "HOME": "/h"]) == home)
  }

  @Test func `Debian's package is searched last for Fashion-MNIST and not for MNIST`() {
    let places = DataFolders(environment: ["HOME": "/h"])
    #expect(places.folders(for: .fashionMNIST).last == "/usr/share/datasets/fashion-mnist")
    #expect(!places.folders(for: .mnist).contains("/usr/share/datasets/fashion-mnist"))
  }

  @Test func `fetched files go into the folder that is searched first`() {
    for places in [
      DataFolders(option: "/o", environment: [:]), DataFolders(environment: ["NORMCHECK_DATA": "/n"]),
      DataFolders(environment: ["HOME": "/h"]),
    ] {
      #expect(places.destination(for: .fashionMNIST) == places.folders(for: .fashionMNIST)[0])
    }
  }

  @Test func `a file is found in the subfolder, then directly, plain before gzip`() throws {
    let places = DataFolders(option: folder.path, environment: [:])
    let names = ["mnist/train-images-idx3-ubyte", "mnist/train-images-idx3-ubyte.gz", "train-images-idx3-ubyte.gz"]
    for name in names.reversed() {
      try folder.write([0], to: name)
      #expect(places.path(of: .trainingImages, in: .mnist) == folder.path + "/" + name)
    }
    #expect(places.path(of: .testImages, in: .mnist) == nil)
  }

  @Test func `the embedded subset is found above the working directory, the executable and the source`() throws {
    let inside = try folder.write([0], to: "clone/fixtures/mnist-mini/train-labels-idx1-ubyte")
    let elsewhere = try folder.write([0], to: "other/deep/x")
    let above = DataFolders(environment: [:], workingDirectory: folder.path + "/clone/a/b", executable: nil)
    #expect(above.path(of: .trainingLabels, in: .mnistMini) == inside)
    let executable = folder.path + "/clone/.build/debug/normcheck"
    let beside = DataFolders(environment: [:], workingDirectory: elsewhere, executable: executable)
    #expect(beside.path(of: .trainingLabels, in: .mnistMini) == inside)
    let source = DataFolders(environment: [:], workingDirectory: elsewhere, executable: nil)
    #expect(source.path(of: .trainingLabels, in: .mnistMini)?.hasSuffix("/train-labels-idx1-ubyte.gz") == true)
  }

  @Test func `neither NORMCHECK_DATA nor the cache replaces the embedded subset`() throws {
    try folder.write([0], to: "train-labels-idx1-ubyte")
    let places = DataFolders(environment: ["NORMCHECK_DATA": folder.path, "XDG_CACHE_HOME": folder.path])
    #expect(throws: Never.self) { try Dataset(.mnistMini, in: places) }
  }
}
