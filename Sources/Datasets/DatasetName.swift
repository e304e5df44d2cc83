/// The known data sets.
public enum DatasetName: String, CaseIterable, Sendable {
  /// The first 5,000 training and 1,000 test images of MNIST, kept in `fixtures/mnist-mini`.
  case mnistMini = "mnist-mini"
  /// MNIST: 60,000 training and 10,000 test images of handwritten digits (LeCun, Cortes, Burges).
  case mnist
  /// Fashion-MNIST: the same shape with ten kinds of clothing (Xiao, Rasul, Vollgraf, 2017).
  case fashionMNIST = "fashion-mnist"

  /// Whether the set is part of the source; such a set is neither fetched nor imported.
  public var isEmbedded: Bool { self == .mnistMini }
}

/// One of the four files of a data set, with its name in MNIST.
public enum DatasetFile: String, CaseIterable, Sendable {
  case trainingImages = "train-images-idx3-ubyte"
  case trainingLabels = "train-labels-idx1-ubyte"
  case testImages = "t10k-images-idx3-ubyte"
  case testLabels = "t10k-labels-idx1-ubyte"

  /// What the file holds.
  public var kind: IDXKind {
    switch self {
    case .trainingImages, .testImages: .images
    case .trainingLabels, .testLabels: .labels
    }
  }
}
