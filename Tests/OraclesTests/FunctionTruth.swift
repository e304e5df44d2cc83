import Oracles
import Testing

// Computed with mpmath 1.3.0 at 60 to 80 digits: exp, log; "kolmogorov" is 2Σ_{k=1}^{1999} (−1)^(k−1) e^(−2k²x²);
// normal by ncdf, t and F by the regularized incomplete beta, chi-square by the regularized incomplete gamma function.

/// f(argument) = value + rest.
struct FunctionTruth: Sendable {
  let name: String
  let argument, value, rest: Double

  static func named(_ name: String) -> [FunctionTruth] { all.filter { $0.name == name } }

  static let all: [FunctionTruth] = [
    FunctionTruth(name: "exp", argument: -0x1.5ep+9, value: 0x1.14f2b0fb9307fp-1010, rest: 172 * least),
    FunctionTruth(name: "exp", argument: -0x1.48p+4, value: 0x1.57a3afeed00abp-30, rest: 0x1.3f4d19cefc8abp-84),
    FunctionTruth(name: "exp", argument: -0x1p+0, value: 0x1.78b56362cef38p-2, rest: -0x1.ca8a4270fadf5p-57),
    FunctionTruth(
      name: "exp", argument: -0x1.b7cdfd9d7bdbbp-34, value: 0x1.ffffffff2419p-1, rest: 0x1.31714b6a191dcp-57),
    FunctionTruth(name: "exp", argument: 0x1.56e1fc2f8f359p-997, value: 0x1p+0, rest: 0),
    FunctionTruth(
      name: "exp", argument: 0x1.999999999999ap-4, value: 0x1.1aec7b35a00d4p+0, rest: -0x1.77d498b0e382ap-54),
    FunctionTruth(name: "exp", argument: 0x1p+0, value: 0x1.5bf0a8b145769p+1, rest: 0x1.4d57ee2b1013ap-53),
    FunctionTruth(name: "exp", argument: 0x1.ep+1, value: 0x1.542b2d0a266e7p+5, rest: -0x1.75385b2cb4478p-52),
    FunctionTruth(name: "exp", argument: 0x1.908p+6, value: 0x1.5daaf24221d5ep+144, rest: 0x1.9218a95484efcp+90),
    FunctionTruth(name: "exp", argument: 0x1.62cp+9, value: 0x1.81e9b4b52d0c9p+1023, rest: -0x1.40367ff946b15p+964),
    FunctionTruth(name: "log", argument: 1 * least, value: -0x1.74385446d71c3p+9, rest: -0x1.8e569fa8ee781p-45),
    FunctionTruth(
      name: "log", argument: 0x1.56e1fc2f8f359p-997, value: -0x1.5963447f87fb5p+9, rest: -0x1.aa670d35324e6p-46),
    FunctionTruth(
      name: "log", argument: 0x1.999999999999ap-4, value: -0x1.26bb1bbb55515p+1, rest: -0x1.8b752b6b15c17p-53),
    FunctionTruth(name: "log", argument: 0x1p-1, value: -0x1.62e42fefa39efp-1, rest: -0x1.abc9e3b39803fp-56),
    FunctionTruth(
      name: "log", argument: 0x1.ffffffff2419p-1, value: -0x1.b7ce00005e728p-34, rest: -0x1.4e26c2c41bcddp-88),
    FunctionTruth(
      name: "log", argument: 0x1.000000006df38p+0, value: 0x1.b7cdffffa18d8p-34, rest: -0x1.4e193d3be4369p-88),
    FunctionTruth(name: "log", argument: 0x1p+1, value: 0x1.62e42fefa39efp-1, rest: 0x1.abc9e3b39803fp-56),
    FunctionTruth(name: "log", argument: 0x1.4p+3, value: 0x1.26bb1bbb55516p+1, rest: -0x1.f48ad494ea3e9p-53),
    FunctionTruth(
      name: "log", argument: 0x1.81cd6c8b43958p+13, value: 0x1.2d79559791e31p+3, rest: -0x1.b815cbf5bdc23p-53),
    FunctionTruth(
      name: "log", argument: 0x1.e42d130773b76p+1023, value: 0x1.62dd08fdc6f88p+9, rest: 0x1.16a687db2877dp-45),
    FunctionTruth(
      name: "kolmogorov", argument: 0x1.999999999999ap-3, value: 0x1.fffffffffee3bp-1, rest: -0x1.4a863ca2492bap-62),
    FunctionTruth(name: "kolmogorov", argument: 0x1p-1, value: 0x1.ed8a3b2159ccbp-1, rest: -0x1.c1f261aa315bap-57),
    FunctionTruth(
      name: "kolmogorov", argument: 0x1.a7bb2fec56d5dp-1, value: 0x1.fff519620063bp-2, rest: -0x1.39c9ff2ce077dp-58),
    FunctionTruth(
      name: "kolmogorov", argument: 0x1.fae147ae147aep-1, value: 0x1.1f9d64471a4fbp-2, rest: -0x1.7b2e8992ad6f8p-58),
    FunctionTruth(name: "kolmogorov", argument: 0x1p+0, value: 0x1.147acb3f23d08p-2, rest: 0x1.59b6e245947afp-56),
    FunctionTruth(
      name: "kolmogorov", argument: 0x1.394af4f0d844dp+0, value: 0x1.99b22a7635765p-4, rest: 0x1.07977bbbeee8cp-58),
    FunctionTruth(
      name: "kolmogorov", argument: 0x1.5bac710cb295fp+0, value: 0x1.9998d33083dfcp-5, rest: -0x1.9b723b64b9843p-61),
    FunctionTruth(
      name: "kolmogorov", argument: 0x1.a0aa64c2f837bp+0, value: 0x1.47baf9e0ab04dp-7, rest: -0x1.6e588aa1fbb65p-61),
    FunctionTruth(name: "kolmogorov", argument: 0x1.8p+1, value: 0x1.05a628c699fa1p-25, rest: -0x1.bbdc77718a81fp-80),
    FunctionTruth(name: "kolmogorov", argument: 0x1.2p+3, value: 0x1.37916a222f236p-233, rest: -0x1.70645bf9713abp-292),
  ]
}

/// Both tails of a distribution at x, each rounded to Double.
struct DistributionTruth: Sendable {
  let distribution: Distribution
  let x, lower, upper: Double

  static let all: [DistributionTruth] = [
    DistributionTruth(distribution: .normal, x: -0x1p+3, lower: 0x1.669d2c90d55cep-51, upper: 0x1.ffffffffffffap-1),
    DistributionTruth(
      distribution: .normal, x: -0x1.8b851eb851eb8p+1, lower: 0x1.06596007a572p-10, upper: 0x1.ff7cd34ffc2d4p-1),
    DistributionTruth(
      distribution: .normal, x: -0x1.f5c03361565c3p+0, lower: 0x1.999998a13b62fp-6, upper: 0x1.f333333af624fp-1),
    DistributionTruth(distribution: .normal, x: 0x1p-1, lower: 0x1.62075e232ac77p-1, upper: 0x1.3bf143b9aa712p-2),
    DistributionTruth(
      distribution: .normal, x: 0x1.a5182a9930be1p+0, lower: 0x1.e66706e008ba1p-1, upper: 0x1.998f91ff745eap-5),
    DistributionTruth(distribution: .normal, x: 0x1.8p+2, lower: 0x1.fffffff786788p-1, upper: 0x1.0f30ef0092d48p-30),
    DistributionTruth(
      distribution: .studentT(degrees: 1), x: -0x1.8p+1, lower: 0x1.a37f5c4c419efp-4, upper: 0x1.cb90147677cc2p-1),
    DistributionTruth(
      distribution: .studentT(degrees: 2), x: 0x1.8p-1, lower: 0x1.77f102cf6a20dp-1, upper: 0x1.101dfa612bbe7p-2),
    DistributionTruth(
      distribution: .studentT(degrees: 9), x: 0x1.218fc504816fp+1, lower: 0x1.f3336dee8566ap-1,
      upper: 0x1.9992422f532bap-6),
    DistributionTruth(
      distribution: .studentT(degrees: 30), x: -0x1.6p+1, lower: 0x1.47ad31fa727c5p-8, upper: 0x1.fd70a59c0b1bp-1),
    DistributionTruth(
      distribution: .studentT(degrees: 200), x: 0x1.cp+1, lower: 0x1.ffda6998228f9p-1, upper: 0x1.2cb33eeb83bd6p-12),
    DistributionTruth(
      distribution: .chiSquare(degrees: 1), x: 0x1.ebb645a1cac08p+1, lower: 0x1.e6668f9a3a56ap-1,
      upper: 0x1.9997065c5a96p-5),
    DistributionTruth(
      distribution: .chiSquare(degrees: 2), x: 0x1.999999999999ap-4, lower: 0x1.8f874f58d95a1p-5,
      upper: 0x1.e7078b0a726a6p-1),
    DistributionTruth(
      distribution: .chiSquare(degrees: 9), x: 0x1.599999999999ap+1, lower: 0x1.99658c7b859a5p-6,
      upper: 0x1.f334d39c23d33p-1),
    DistributionTruth(
      distribution: .chiSquare(degrees: 63), x: 0x1.68p+6, lower: 0x1.f89ea82310254p-1, upper: 0x1.d855f73bf6afep-7),
    DistributionTruth(
      distribution: .chiSquare(degrees: 1023), x: 0x1.f4p+9, lower: 0x1.3cd123b252cbap-2, upper: 0x1.61976e26d69a3p-1),
    DistributionTruth(
      distribution: .chiSquare(degrees: 4095), x: 0x1.194p+12, lower: 0x1.ffff14239ad64p-1, upper: 0x1.d7b8ca5381afbp-18
    ),
    DistributionTruth(distribution: .fisher(numerator: 2, denominator: 2), x: 0x1p+0, lower: 0x1p-1, upper: 0x1p-1),
    DistributionTruth(
      distribution: .fisher(numerator: 3, denominator: 10), x: 0x1.daa9930be0dedp+1, lower: 0x1.e6668d8a78604p-1,
      upper: 0x1.9997275879fbdp-5),
    DistributionTruth(
      distribution: .fisher(numerator: 20, denominator: 5), x: 0x1.999999999999ap-2, lower: 0x1.09f0f13a1233bp-4,
      upper: 0x1.dec1e1d8bdb99p-1),
    DistributionTruth(
      distribution: .fisher(numerator: 100, denominator: 100), x: 0x1.8p+0, lower: 0x1.f4c588788767cp-1,
      upper: 0x1.674ef0ef1307bp-6),
  ]
}
