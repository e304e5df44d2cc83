/// All laws, by family and number.
public enum Catalogue {
  public static let laws: [Law] =
    forwardLaws + runningLaws + evaluationLaws + gradientLaws + batchSizeLaws + networkLaws + linearLaws + streamLaws
    + determinismLaws + elementaryLaws

  /// The law of that id; letter case does not matter.
  public static func law(_ id: String) -> Law? { laws.first { $0.id == id.uppercased() } }
}
