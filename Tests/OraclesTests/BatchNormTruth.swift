import Testing

/// The least positive double; literals below the normal range make the compiler warn.
let least = Double.leastNonzeroMagnitude

// The tables of this file were computed with mpmath 1.3.0 at 700 digits (the ranges of Double need them) from
//   μ = Σx/m, σ² = Σ(x−μ)²/m, s = √(σ²+ε), x̂ = (x−μ)/s, y = γx̂+β,
//   dβ = Σg, dγ = Σgx̂, dx = (γ/s)(g − dβ/m − x̂·dγ/m)
// and are stored as pairs v, w: v the nearest double, w the double nearest to what is left. Empty: overflow.

/// The exact batch norm of one channel; results as pairs (value, rest), flattened.
struct BatchNormTruth: Sendable, CustomTestStringConvertible {
  let name: String
  let gamma, beta, epsilon: Double
  let x, g: [Double]
  let y, mean, variance: [Double]
  let gradientInput, gradientGamma, gradientBeta: [Double]

  var testDescription: String { name }

  static let all: [BatchNormTruth] = [
    BatchNormTruth(
      name: "decoder probe", gamma: 0x1p+1, beta: 0x1.8p+1, epsilon: 0x1p-1,
      x: [0x1p+0, 0x1p+1, 0x1p+2],
      g: [0x1p+0, 0, 0],
      y: [
        0x1.23d98415baab7p+0, 0x1.09d1c9ce2426bp-54, 0x1.447b3082b7557p+1, -0x1.7b171b18edecbp-55, 0x1.54cc06b935aa7p+2,
        -0x1.13118f106b4c1p-52,
      ],
      mean: [0x1.2aaaaaaaaaaabp+1, -0x1.5555555555555p-53], variance: [0x1.8e38e38e38e39p+0, -0x1.c71c71c71c71cp-56],
      gradientInput: [
        0x1.0e3f5b1643068p-1, -0x1.c74d8e36ba928p-55, -0x1.218d062a233ddp-1, 0x1.5589f3ccec786p-55,
        0x1.34dab13e03752p-5, -0x1.c78cb2c63cbc9p-60,
      ],
      gradientGamma: [-0x1.dc267bea45549p-1, 0x1.09d1c9ce2426bp-55], gradientBeta: [0x1p+0, 0]),
    BatchNormTruth(
      name: "mean 1e7, deviation 1", gamma: -0x1.8p+0, beta: 0x1p-2, epsilon: 0x1.4f8b588e368f1p-17,
      x: [0x1.312dp+23, 0x1.312d02p+23, 0x1.312cfep+23, 0x1.312d04p+23, 0x1.312cfcp+23, 0x1.312d02p+23, 0x1.312dp+23],
      g: [
        0x1.427a32p-10, 0x1.31ea5ap-2, -0x1.18b798p-2, -0x1.c7fba8p-1, -0x1.d19538p-2, -0x1.fbb918p-1, 0x1.ecb246p-5,
      ],
      y: [
        0x1.b030d2bd52e25p-2, -0x1.2892336e81c3fp-56, -0x1.90927837f8a6ep-1, -0x1.0c92cb68f5684p-56,
        0x1.a061a57aa5c49p+0, 0x1.aedb9922fc781p-54, -0x1.fc9eace74d5f7p+0, -0x1.3c24d8d8da432p-54,
        0x1.6a5b8b22fb685p+1, -0x1.582440de669eep-54, -0x1.90927837f8a6ep-1, -0x1.0c92cb68f5684p-56,
        0x1.b030d2bd52e25p-2, -0x1.2892336e81c3fp-56,
      ],
      mean: [0x1.312d004924925p+23, -0x1.b6db6db6db6dbp-31], variance: [0x1.8d0fac687d634p+0, 0x1.f58d0fac687d6p-55],
      gradientInput: [
        -0x1.7e6255d81c4e1p-2, -0x1.d078265e443f1p-57, -0x1.adb32a35b16b3p-1, 0x1.d2be4d2a7ae78p-56,
        0x1.0d43eea0a1e76p-4, 0x1.9755039af92acp-61, 0x1.f15f4d4d5166cp-2, 0x1.6094810b410bfp-57, 0x1.900daa88c864cp-2,
        0x1.dbf193ec7d71fp-56, 0x1.6e0b01c42d1fbp-1, 0x1.60604e043a473p-58, -0x1.c70b4cc31d605p-2,
        -0x1.db90ca0b5d1bp-56,
      ],
      gradientGamma: [-0x1.8e62a7761461ap-1, 0x1.086474e526188p-55], gradientBeta: [-0x1.201e6661cp+1, 0]),
    BatchNormTruth(
      name: "mean 1e8, deviation 1e-3", gamma: 0x1.8p-1, beta: -0x1p+1, epsilon: 0x1.19799812dea11p-40,
      x: [
        0x1.7d78400015f54p+26, 0x1.7d783ffff7ef9p+26, 0x1.7d783ffff5d59p+26, 0x1.7d78400008069p+26,
        0x1.7d78400005d8ep+26, 0x1.7d78400001ba2p+26, 0x1.7d783ffff0c15p+26, 0x1.7d783fffff855p+26,
        0x1.7d7840000b645p+26,
      ],
      g: [
        -0x1.581e72p+0, -0x1.d4993ap-2, -0x1.e6b688p+0, -0x1.4a1f26p+0, -0x1.d77bf2p+0, -0x1.e17776p-3, -0x1.44776p+0,
        0x1.15c652p-2, 0x1.4106b6p-3,
      ],
      y: [
        -0x1.3bce4466730f9p-1, 0x1.de8089c14a24bp-56, -0x1.54e61516c3a3cp+1, 0x1.36c19435316a7p-53,
        -0x1.673c31e04e9edp+1, 0x1.0332ce1e34cfbp-53, -0x1.9106a8938dc57p+0, -0x1.3d4297998f7e5p-54,
        -0x1.b70a6f522d9b6p+0, -0x1.f317da5dcbd83p-54, -0x1.fef0113509cafp+0, 0x1.93a41b7ecb393p-54,
        -0x1.938d06ea22e9dp+1, -0x1.243b8c1bf734bp-53, -0x1.12b816966efb6p+1, 0x1.82a3b0f4d9a45p-55,
        -0x1.5648ebc2b8fdp+0, 0x1.c29578f795b88p-57,
      ],
      mean: [0x1.7d78400001aa9p+26, -0x1.5555555555555p-28], variance: [0x1.e43cfc32aaaabp-22, -0x1.5555555555555p-76],
      gradientInput: [
        -0x1.43b07d5ca0f87p+9, -0x1.1d5fccefa1cb1p-45, 0x1.09c0bda95014ep+9, -0x1.38cff6425f998p-45,
        -0x1.0ae1a35bacba9p+10, -0x1.4879d986b897bp-44, -0x1.f2bca62378dcfp+8, -0x1.ed2239a3e4e0dp-48,
        -0x1.136fb236a86c7p+10, -0x1.6f6fc96f1dfd2p-46, 0x1.673d188262fd3p+9, 0x1.f21fd534516bfp-50,
        -0x1.47c9ba1700da3p+8, 0x1.13767ab209e6cp-50, 0x1.44767baf7ebf9p+10, 0x1.d006d748705dbp-44,
        0x1.11d5c589ebc87p+10, -0x1.dbbabee495675p-45,
      ],
      gradientGamma: [0x1.1d5d99a5f5659p-1, 0x1.81a2698d22fb9p-57], gradientBeta: [-0x1.fa2a91p+2, 0]),
    BatchNormTruth(
      name: "subnormal doubles, no epsilon", gamma: 0x1p+0, beta: 0, epsilon: 0,
      x: [1 * least, 2 * least, 8 * least, 40 * least],
      g: [-0x1.7ed5a6p-3, -0x1.42252ep+1, -0x1.13cf8ep-1, -0x1.8d51dap-5],
      y: [
        -0x1.78f7b3efdcfbep-1, 0x1.0121dbbc8f077p-61, -0x1.58e29f2d26c5cp-1, -0x1.fc30c9901c966p-57,
        -0x1.30c84539c3022p-2, 0x1.ba3dcaa882408p-57, 0x1.b51f3adcf2a16p+0, -0x1.f9c3e3da85d35p-54,
      ],
      mean: [13 * least, 0], variance: [0, 0],
      gradientInput: [],
      gradientGamma: [0x1.e91344a165a5dp+0, 0x1.187638506f64p-59], gradientBeta: [-0x1.a53bb348p+1, 0]),
    BatchNormTruth(
      name: "subnormal doubles, default epsilon", gamma: 0x1p+0, beta: 0, epsilon: 0x1.4f8b588e368f1p-17,
      x: [1 * least, 2 * least, 8 * least, 40 * least],
      g: [0x1.d01d16p-4, -0x1.87b6fap+0, -0x1.e93828p-2, -0x1.f50074p-1],
      y: [-3716 * least, 0, -3399 * least, 0, -1502 * least, 0, 8617 * least, 0],
      mean: [13 * least, 0], variance: [0, 0],
      gradientInput: [
        0x1.06f849ea05c12p+8, -0x1.f716e35e1b672p-46, -0x1.00bba49e6f6e7p+8, -0x1.e1836eb96c7a9p-49,
        0x1.303d01a529c24p+6, 0x1.e2d14ed1cc1dep-48, -0x1.492f96d3830cep+6, -0x1.15b409fca8441p-48,
      ],
      gradientGamma: [-2934 * least, 0], gradientBeta: [-0x1.6fc1b65p+1, 0]),
    BatchNormTruth(
      name: "subnormal floats", gamma: 0x1p+1, beta: 0x1p+0, epsilon: 0x1.4f8b588e368f1p-17,
      x: [0x1p-149, 0x1p-148, 0x1.cp-146, -0x1.cp-147, 0x1.4p-147],
      g: [-0x1.9e1feap-1, 0x1.0f970ep+0, -0x1.9d753p-1, -0x1.0a6af6p-5, 0x1.c4cecp-1],
      y: [
        0x1p+0, -0x1.3c3a4edfa9758p-139, 0x1p+0, -0x1.3c3a4edfa9758p-140, 0x1p+0, 0x1.b2d02c7389019p-137, 0x1p+0,
        -0x1.8b48e29793d2ep-137, 0x1p+0, 0x1.3c3a4edfa9758p-139,
      ],
      mean: [0x1.8p-148, 0], variance: [0x1.7p-293, 0],
      gradientInput: [
        -0x1.1285bf61c9f83p+9, -0x1.b5a4c12ba918ep-45, 0x1.3cbd6da1f7456p+9, 0x1.3109f6944f4acp-47,
        -0x1.121c4d246b0dbp+9, -0x1.20f227c8861f5p-46, -0x1.d07a93c4c0f0fp+5, -0x1.f335913696e8p-50,
        0x1.04ec482089cf9p+9, 0x1.c97503f48d0d1p-45,
      ],
      gradientGamma: [-0x1.ecb104b4bc2d7p-139, -0x1.59d084349e82ap-193], gradientBeta: [0x1.2f82254p-2, 0]),
    BatchNormTruth(
      name: "near overflow of Double", gamma: 0x1p+0, beta: 0, epsilon: 0x1.4f8b588e368f1p-17,
      x: [0x1.e42d130773b76p+1023, -0x1.c7b1f3cac7433p+1023, 0x1.ab36d48e1acfp+1023],
      g: [0x1p+0, -0x1p-1, 0x1p-2],
      y: [
        0x1.8b66a9450885bp-1, -0x1.1c2f169787598p-56, -0x1.69826ee007cabp+0, -0x1.8dc50b845bbe2p-57,
        0x1.479e347b070fbp-1, 0x1.e3119c59b5389p-56,
      ],
      mean: [0x1.2fcbf7dc84d77p+1022, 0x1.5555555555555p+968], variance: [],
      gradientInput: [439801690205322 * least, 1 * least, 28374302593892 * least, 0, -468175992799214 * least, 0],
      gradientGamma: [0x1.a36852a1e90a2p+0, 0x1.7001a4d7ff391p-54], gradientBeta: [0x1.8p-1, 0]),
    BatchNormTruth(
      name: "near overflow of Float", gamma: 0x1.4p+0, beta: 0x1p-1, epsilon: 0x1.4f8b588e368f1p-17,
      x: [0x1.ff933cp+127, -0x1.f0876p+127, 0x1.2ced32p+126, 0x1.2ced32p+127, -0x1.93e594p+99],
      g: [-0x1.2acdaep-1, -0x1.c987fcp-4, 0x1.c4760cp-4, 0x1.05400ap-4, -0x1.399d42p+0],
      y: [
        0x1.04da4ae4f428bp+1, 0x1.c273751a6da26p-53, -0x1.ab2727b4676f5p+0, 0x1.52a4994d83027p-56, 0x1.6ba1b6ac2bc8fp-1,
        0x1.8c2a4316ab07cp-55, 0x1.436fbe1f70724p+0, 0x1.27f2d79e90a8fp-54, 0x1.418fc3a7c639p-3, 0x1.c33fb26eee6eep-57,
      ],
      mean: [0x1.75261f1f01523p+125, 0x1.999999999999ap+70],
      variance: [0x1.c382af3a062d3p+254, 0x1.6f190a1173014p+199],
      gradientInput: [
        -0x1.85de51c2434a8p-130, -0x1.8c92c0e5a4441p-184, 0x1.7287f65d68bfdp-130, 0x1.6175cba9d36b3p-184,
        0x1.bf49a9047874dp-129, -0x1.bfc28e356c8a3p-185, 0x1.9d6eb660c86dcp-129, -0x1.2b1a2ee7dee9fp-183,
        -0x1.a98698d969ceap-128, 0x1.d84ca689913c8p-182,
      ],
      gradientGamma: [-0x1.0b630aaa508dcp-3, 0x1.ada25a07a6042p-59], gradientBeta: [-0x1.bf01376p+0, 0]),
    BatchNormTruth(
      name: "constant channel at 1e7", gamma: 0x1.8p+1, beta: 0x1p-3, epsilon: 0x1.4f8b588e368f1p-17,
      x: [0x1.312dp+23, 0x1.312dp+23, 0x1.312dp+23, 0x1.312dp+23],
      g: [0x1.37ded2p-4, 0x1.5bdbdap+0, -0x1.8c11acp+0, 0x1.b80102p-1],
      y: [0x1p-3, 0, 0x1p-3, 0, 0x1p-3, 0, 0x1p-3, 0],
      mean: [0x1.312dp+23, 0], variance: [0, 0],
      gradientInput: [
        -0x1.a3ed0776e3ecdp+6, -0x1.6db8ab2fadba6p-48, 0x1.15f83baa52d4fp+10, 0x1.559a4a44c7b61p-45,
        -0x1.9b3dbe27308cdp+10, -0x1.acdf1e1716d13p-45, 0x1.3f08a5e897ed6p+9, -0x1.f6082d8f765b3p-46,
      ],
      gradientGamma: [0, 0], gradientBeta: [0x1.7e91384p-1, 0]),
    BatchNormTruth(
      name: "constant channel near overflow", gamma: 0x1.8p+1, beta: 0x1p-3, epsilon: 0x1.4f8b588e368f1p-17,
      x: [0x1.e42d130773b76p+1023, 0x1.e42d130773b76p+1023, 0x1.e42d130773b76p+1023],
      g: [0x1.e8dfc4p-4, -0x1.486ecep-1, 0x1.000da6p+1],
      y: [0x1p-3, 0, 0x1p-3, 0, 0x1p-3, 0],
      mean: [0x1.e42d130773b76p+1023, 0], variance: [0, 0],
      gradientInput: [
        -0x1.624019950d0bap+8, -0x1.1abcb9fb8388ap-46, -0x1.0d0208d39bf87p+10, 0x1.6bb13a2ac670fp-44,
        0x1.65920f38df3b5p+10, 0x1.b5fbe8a834e27p-45,
      ],
      gradientGamma: [0, 0], gradientBeta: [0x1.7a71e14p+0, 0]),
    BatchNormTruth(
      name: "one outlier", gamma: 0x1p+0, beta: 0x1p+0, epsilon: 0x1.4f8b588e368f1p-17,
      x: [0, 0, 0, 0x1.e848p+19, 0, 0],
      g: [0x1.8646e8p-1, -0x1.330498p+0, 0x1.3137eep-4, 0x1.2743dcp-1, -0x1.82a034p-3, 0x1.5da66ap-1],
      y: [
        0x1.1b06d1d200914p-1, -0x1.d64c016cf49bap-55, 0x1.1b06d1d200914p-1, -0x1.d64c016cf49bap-55,
        0x1.1b06d1d200914p-1, -0x1.d64c016cf49bap-55, 0x1.9e3779b97f4a8p+1, -0x1.b420fe37ce3d7p-53,
        0x1.1b06d1d200914p-1, -0x1.d64c016cf49bap-55, 0x1.1b06d1d200914p-1, -0x1.d64c016cf49bap-55,
      ],
      mean: [0x1.4585555555555p+17, 0x1.5555555555555p-37], variance: [0x1.02b36211c71c7p+37, 0x1.c71c71c71c71cp-19],
      gradientInput: [
        0x1.090b0b8d0e8d9p-19, -0x1.1a0704074e337p-77, -0x1.b9658f33ddc0dp-19, -0x1.0e6cc272664f3p-73,
        0x1.15b4273808437p-23, 0x1.122171c11c9c2p-77, 0x1.ac7a880df3c6ap-74, 0x1.39defe7cc51f7p-129,
        -0x1.35e014982636bp-21, -0x1.ecf178dc91ca2p-76, 0x1.d8ee8cb2b0797p-20, -0x1.26cfe5527905cp-75,
      ],
      gradientGamma: [0x1.3b0c56b340652p+0, 0x1.349e3a228b678p-55], gradientBeta: [0x1.6aa6eecp-1, 0]),
    BatchNormTruth(
      name: "one value", gamma: 0x1p+1, beta: -0x1p+0, epsilon: 0x1.4f8b588e368f1p-17,
      x: [0x1.54p+5],
      g: [0x1p-1],
      y: [-0x1p+0, 0],
      mean: [0x1.54p+5, 0], variance: [0, 0],
      gradientInput: [0, 0],
      gradientGamma: [0, 0], gradientBeta: [0x1p-1, 0]),
    BatchNormTruth(
      name: "two values, huge epsilon", gamma: 0x1p+1, beta: -0x1p+0, epsilon: 0x1.7e43c8800759cp+996,
      x: [0x1p+0, -0x1.8p+1],
      g: [0x1p+1, 0x1p+0],
      y: [-0x1p+0, 0x1.a2fe76a3f9475p-497, -0x1p+0, -0x1.a2fe76a3f9475p-497],
      mean: [-0x1p+0, 0], variance: [0x1p+2, 0],
      gradientInput: [
        0x1.a2fe76a3f9475p-499, -0x1.eb55f4c84220cp-554, -0x1.a2fe76a3f9475p-499, 0x1.eb55f4c84220cp-554,
      ],
      gradientGamma: [0x1.a2fe76a3f9475p-498, -0x1.eb55f4c84220cp-553], gradientBeta: [0x1.8p+1, 0]),
    BatchNormTruth(
      name: "tiny spread and tiny epsilon", gamma: 0x1p+1, beta: -0x1p+0, epsilon: 0x1.56e1fc2f8f359p-997,
      x: [0x1.67e9c127b6e74p-532, 0x1.67e9c127b6e74p-531, -0x1.67e9c127b6e74p-532],
      g: [0x1p+1, 0x1p+0, -0x1p+0],
      y: [
        -0x1.ffffffff6d66p-1, -0x1.9702c2e4faaefp-58, -0x1.fffffffdb598p-1, -0x1.9702c2e4faaefp-56,
        -0x1.000000016e81p+0, 0x1.fcc3739e395abp-56,
      ],
      mean: [0x1.dfe256df9e89bp-533, -0x1.5555555555555p-587], variance: [3148 * least, 0],
      gradientInput: [
        0x1.a119c3dc0c8e9p+499, 0x1.871ae41f2001cp+445, 0x1.a119c3dc0c8e9p+497, 0x1.86c2ba9e48879p+443,
        -0x1.04b01a6987d92p+500, 0x1.17346d394ddc6p+445,
      ],
      gradientGamma: [0x1.93277dd05c34p-32, 0x1.49d3dca6202a1p-86], gradientBeta: [0x1p+1, 0]),
    BatchNormTruth(
      name: "cotangent with a large common part", gamma: -0x1p+0, beta: 0, epsilon: 0x1.4f8b588e368f1p-17,
      x: [0x1p+0, 0x1p+1, 0x1p+2, 0x1p+3],
      g: [0x1.312d02p+23, 0x1.312dp+23, 0x1.312cfep+23, 0x1.312d06p+23],
      y: [
        0x1.0697da137a7fcp+0, 0x1.3d024f154aa28p-56, 0x1.4e35a13010458p-1, 0x1.93774d60eaa05p-57, -0x1.7df425edc974p-4,
        -0x1.cd1aa19355498p-60, -0x1.95d3684ca60b4p+0, -0x1.e9ec4bac8a9e1p-56,
      ],
      mean: [0x1.ep+1, 0], variance: [0x1.ccp+2, 0],
      gradientInput: [
        -0x1.c3b386cf62ea1p-2, 0x1.3f3734439842bp-59, 0x1.de46658a4d2fcp-5, -0x1.2e54b552f8e2cp-61, 0x1.5e66a6e26ca9p-1,
        0x1.2093998a7d47bp-56, -0x1.34e293a6c00dfp-2, 0x1.81f04b2f4eee2p-57,
      ],
      gradientGamma: [0x1.d1818e39cd856p+1, 0x1.18fc3a75c7f8cp-54], gradientBeta: [0x1.312d018p+25, 0]),
  ]
}
