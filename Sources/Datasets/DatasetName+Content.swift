/// The known content of each file. Files from a mirror or a folder must match it.
extension DatasetName {
  /// Height and width of every image of every set.
  public static let imageSide = 28
  /// The number of classes: labels are in 0..<10.
  public static let classes = 10

  /// The number of images, or of labels, in `file`.
  public func count(of file: DatasetFile) -> Int {
    switch (self, file) {
    case (.mnistMini, .trainingImages), (.mnistMini, .trainingLabels): 5_000
    case (.mnistMini, .testImages), (.mnistMini, .testLabels): 1_000
    case (_, .trainingImages), (_, .trainingLabels): 60_000
    case (_, .testImages), (_, .testLabels): 10_000
    }
  }

  /// The size of the uncompressed `file` in bytes: the IDX header and one byte a pixel or a label.
  public func byteCount(of file: DatasetFile) -> Int {
    let item = file.kind == .images ? Self.imageSide * Self.imageSide : 1
    return file.kind.headerSize + count(of: file) * item
  }

  /// SHA-256 of the uncompressed `file` as 64 lower-case hexadecimal digits.
  ///
  /// It is that of the content and not of the gzip file, because mirrors compress the same content differently.
  public func checksum(of file: DatasetFile) -> String {
    switch (self, file) {
    case (.mnistMini, .trainingImages): "1e3ffdb2f57e22d9e5363dde25c2d057542c2e72baa312f0f3b03948bb3802b7"
    case (.mnistMini, .trainingLabels): "685aeb7baef68233efa643639a5e9c15bb48be09a628f96fb7f606ca2a1ea7bc"
    case (.mnistMini, .testImages): "de7c252b04f05e1f8309634180ccdf286dc6dbac8c579b74e76e02ae0331ca52"
    case (.mnistMini, .testLabels): "832c0d20f0dc42e575488c75a83a970787d4c8d4d05831b2ef03701b4a478a90"
    case (.mnist, .trainingImages): "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    case (.mnist, .trainingLabels): "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    case (.mnist, .testImages): "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    case (.mnist, .testLabels): "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    case (.fashionMNIST, .trainingImages): "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"
    case (.fashionMNIST, .trainingLabels): "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"
    case (.fashionMNIST, .testImages): "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"
    case (.fashionMNIST, .testLabels): "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"
    }
  }

  /// The set with a file of SHA-256 `checksum`, nil if there is none.
  static func owner(ofChecksum checksum: String) -> DatasetName? {
    allCases.first { name in DatasetFile.allCases.contains { name.checksum(of: $0) == checksum } }
  }
}
