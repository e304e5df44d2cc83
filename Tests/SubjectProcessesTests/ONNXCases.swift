import BatchNormReference
import BatchNormTesting
import Foundation
import ReproducibleMath

/// ONNX's own cases, as `fixtures/external/onnx-batchnorm.json` holds them.
struct ONNXCases: Decodable {
  struct Tensor: Decodable {
    var shape: [Int]
    var data: Data

    /// float32, little-endian.
    var values: [Double] {
      data.withUnsafeBytes { bytes in
        (0..<bytes.count / 4).map {
          Double(Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))))
        }
      }
    }
  }

  struct Case: Decodable {
    var name: String
    var epsilon: Double
    var momentum: Double
    var training: Bool
    var inputs: [String: Tensor]
    var outputs: [String: Tensor]

    func input(_ name: String) -> [Double] { inputs[name]?.values ?? [] }
    func output(_ name: String) -> [Double] { outputs[name]?.values ?? [] }

    var x: BatchNormTesting.Tensor { BatchNormTesting.Tensor(shape: inputs["x"]?.shape ?? [], values: input("x")) }
    var affine: Affine<Double> { Affine<Double>(gamma: input("gamma"), beta: input("beta")) }
    var running: RunningStatistics<Double> {
      RunningStatistics<Double>(mean: input("running_mean"), variance: input("running_var"))
    }
  }

  var version: String
  var cases: [Case]

  static func read() throws -> ONNXCases {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appending(path: "fixtures/external/onnx-batchnorm.json")
    return try JSONDecoder().decode(ONNXCases.self, from: Data(contentsOf: file))
  }
}
