import ReproducibleMath

extension LabelledImages {
  /// Splits off `validation` images.
  ///
  /// The first `validation` entries of `MersenneTwister(seed:).permutation(count:)` are chosen. Both parts keep the order of
  /// the file; with `validation` 0, `training` is the whole set unchanged. Each image is in exactly one part. Classes are not
  /// balanced. Only the low 32 bits of the seed are used.
  ///
  /// - Throws: `DatasetError.validationTooLarge` unless `validation` is in 0..<count.
  public func split(validation: Int, seed: UInt64) throws -> (training: LabelledImages, validation: LabelledImages) {
    guard (0..<count).contains(validation) else {
      throw DatasetError.validationTooLarge(validation: validation, count: count)
    }
    if validation == 0 { return (self, subset([])) }
    var generator = MersenneTwister(seed: seed)
    var isChosen = [Bool](repeating: false, count: count)
    for index in generator.permutation(count: count).prefix(validation) { isChosen[Int(index)] = true }
    let indices = 0..<count
    return (subset(indices.filter { !isChosen[$0] }), subset(indices.filter { isChosen[$0] }))
  }
}
