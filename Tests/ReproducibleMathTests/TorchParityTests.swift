import ReproducibleMath
import Testing

/// What PyTorch 2.13 (CPU, one thread) printed for three seeds, as bits. The lines that made the table:
///
///     bits = lambda t: [hex(v & 0xffffffff) for v in t.contiguous().view(torch.int32).flatten().tolist()]
///     torch.manual_seed(s); print(bits(torch.rand(5)))
///     torch.manual_seed(s); l = nn.Linear(784, 256); w = l.weight.detach().flatten(); b = l.bias.detach()
///     print(bits(w[:2]), bits(w[-2:]), bits(b[:1]), bits(b[-1:]))
///     torch.manual_seed(s); print(torch.randperm(10).tolist())
///     torch.manual_seed(s); d = DataLoader(TensorDataset(torch.arange(60000)), batch_size=16, shuffle=True)
///     print(next(iter(d))[0].tolist()); print(next(iter(d))[0].tolist())
struct TorchRecord: Sendable {
  var seed: UInt64
  var rand: [UInt32]
  /// First two and last two weights, first and last bias of `Linear(784, 256)`.
  var linear: [UInt32]
  var permutation: [Int32]
  var epochs: [[Int32]]

  static let all = [
    TorchRecord(
      seed: 0,
      rand: [0x3efe1558, 0x3f44aa2f, 0x3db533a8, 0x3e073300, 0x3e9d6686],
      linear: [0xb98c3000, 0x3c9cf2b5, 0xbcd301e5, 0xbc679185, 0xbc3ffbee, 0x3c5cd421],
      permutation: [4, 1, 7, 5, 3, 9, 0, 8, 6, 2],
      epochs: [
        [11226, 15289, 1783, 11687, 36541, 43941, 49263, 7244, 12216, 57916, 25101, 1474, 41786, 52303, 47583, 10503],
        [30872, 45143, 9253, 4193, 40538, 40344, 43989, 42370, 26227, 39363, 21156, 55364, 43284, 54292, 38005, 17326],
      ]),
    TorchRecord(
      seed: 1,
      rand: [0x3f41f425, 0x3e8f01d6, 0x3ece5f18, 0x3f3c1448, 0x3cefdfe0],
      linear: [0x3c96c055, 0xbc81227a, 0xbd01e705, 0x3cb70dbc, 0x3badf0d3, 0xbb3149ca],
      permutation: [5, 6, 1, 2, 0, 8, 9, 3, 7, 4],
      epochs: [
        [24894, 45082, 51850, 25962, 57884, 58887, 59203, 58901, 35538, 53208, 48050, 852, 57127, 16621, 3592, 21865],
        [23224, 52501, 34224, 2252, 41614, 41158, 45584, 22949, 30983, 36947, 44553, 43618, 47691, 17197, 1339, 22109],
      ]),
    TorchRecord(
      seed: (1 << 40) + 5,
      rand: [0x3f548b63, 0x3e012338, 0x3f684fef, 0x3f51e6bd, 0x3f6b8be6],
      linear: [0x3cc13e9a, 0xbcdac74e, 0xbbb680c1, 0xbce3b48e, 0xbc99e0dc, 0xbc14b9dc],
      permutation: [1, 4, 9, 6, 3, 5, 0, 2, 8, 7],
      epochs: [
        [11228, 27444, 36450, 26759, 2461, 53580, 56186, 2829, 45969, 42781, 32909, 37348, 20530, 11830, 19522, 28431],
        [9325, 4200, 3871, 4340, 15635, 6825, 36053, 29242, 35894, 18337, 24140, 27813, 34883, 51692, 18925, 57274],
      ]),
  ]
}

@Suite struct TorchParityTests {
  @Test(arguments: TorchRecord.all)
  func `uniform values are those of torch.rand`(record: TorchRecord) {
    var generator = MersenneTwister(seed: record.seed)
    #expect(generator.uniformFill(count: 5, from: 0, to: 1).map(\.bitPattern) == record.rand)
  }

  @Test(arguments: TorchRecord.all)
  func `weights and biases are those of a new Linear`(record: TorchRecord) {
    var generator = MersenneTwister(seed: record.seed)
    let (weight, bias) = generator.linearParameters(inputs: 784, outputs: 256)
    let chosen = weight.prefix(2) + weight.suffix(2) + bias.prefix(1) + bias.suffix(1)
    #expect(chosen.map(\.bitPattern) == record.linear)
  }

  @Test(arguments: TorchRecord.all)
  func `a permutation is that of torch.randperm`(record: TorchRecord) {
    var generator = MersenneTwister(seed: record.seed)
    #expect(generator.permutation(count: 10) == record.permutation)
  }

  @Test(arguments: TorchRecord.all)
  func `two epochs are visited in the order of a shuffling DataLoader`(record: TorchRecord) {
    var generator = MersenneTwister(seed: record.seed)
    let epochs = (0..<2).map { _ in Array(generator.epochOrder(count: 60_000).prefix(16)) }
    #expect(epochs == record.epochs)
  }
}
