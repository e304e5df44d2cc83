public import ReproducibleMath

extension Network {
  /// Visits every array that training changes, in canonical order: layer by layer weight [inputs, outputs], bias, γ, β,
  /// running mean, running variance. Digests and checkpoints use this order, so that neither can miss a part.
  public mutating func visitState<E: Error>(
    _ body: (_ name: String, _ values: inout [Element]) throws(E) -> Void
  ) throws(E) {
    for i in linears.indices {
      try linears[i].visit("fc\(i + 1)", body)
      guard norms.indices.contains(i) else { continue }
      if norms[i].affine != nil { try norms[i].affine!.visit("bn\(i + 1)", body) }
      if norms[i].running != nil {
        try body("bn\(i + 1).running_mean", &norms[i].running!.mean)
        try body("bn\(i + 1).running_var", &norms[i].running!.variance)
      }
    }
  }

  /// How many batches each tracking layer has seen.
  public var batchCounters: [Int] {
    get { norms.compactMap { $0.running?.batchesTracked } }
    set {
      for (i, count) in zip(norms.indices.filter { norms[$0].running != nil }, newValue) {
        norms[i].running!.batchesTracked = count
      }
    }
  }

  /// Adds all state of the network: the arrays, then the batch counters.
  public func update(_ digest: inout StateDigest) {
    var copy = self
    copy.visitState { _, values in digest.update(values) }
    digest.update(integers: batchCounters.map { Int64($0) })
  }
}

extension Gradients {
  /// As `Network.visitState`, without running statistics.
  public mutating func visitState<E: Error>(
    _ body: (_ name: String, _ values: inout [Element]) throws(E) -> Void
  ) throws(E) {
    for i in linears.indices {
      try linears[i].visit("fc\(i + 1)", body)
      if affines.indices.contains(i), affines[i] != nil { try affines[i]!.visit("bn\(i + 1)", body) }
    }
  }

  /// Adds all values, in the order of `visitState`.
  public func update(_ digest: inout StateDigest) {
    var copy = self
    copy.visitState { _, values in digest.update(values) }
  }
}

extension Linear {
  mutating func visit<E: Error>(_ name: String, _ body: (String, inout [Element]) throws(E) -> Void) throws(E) {
    try body("\(name).weight", &weight.elements)
    try body("\(name).bias", &bias)
  }
}

extension Affine {
  mutating func visit<E: Error>(_ name: String, _ body: (String, inout [Element]) throws(E) -> Void) throws(E) {
    try body("\(name).weight", &gamma)
    try body("\(name).bias", &beta)
  }
}
