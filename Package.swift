// swift-tools-version: 6.2
import PackageDescription

/// Set once for all targets: imports do not leak, members come only from modules that the file imports, `any` is spelled.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
]

/// Targets stand by floor; imports point down only. The forbidden imports are written where a target is declared.
let package = Package(
  name: "normcheck",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "ReproducibleMath", targets: ["ReproducibleMath"]),
    .library(name: "BatchNormReference", targets: ["BatchNormReference"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .library(name: "TrainingEngine", targets: ["TrainingEngine"]),
    .executable(name: "normcheck", targets: ["normcheck"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // Floor 0

    // SHA-256 of OpenSSL: it is on every machine that has curl or git; swift-crypto would add about 100 s to a first
    // release build on two cores.
    .systemLibrary(
      name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    // GSL, with its own reference BLAS (gslcblas). Only Oracles may import it.
    .systemLibrary(name: "CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"]), .brew(["gsl"])]),
    // On Linux the compiler turns fma into a call of libm where the instruction set is not known to have it (fma and √ are
    // correctly rounded there too); nothing else of libm is used.
    .target(
      name: "ReproducibleMath", dependencies: ["CLibcrypto"], exclude: ["README.md"], swiftSettings: settings,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    // Instruction sets come by function attributes and are chosen at run time: no -march, no unsafe flags.
    .target(name: "CKernels", exclude: ["README.md"]),

    // Floor 1

    // What is asked of a batch normalization: the protocol, its calls and answers. No engine, no GSL, no Foundation.
    .target(
      name: "BatchNormTesting", dependencies: ["ReproducibleMath"], exclude: ["README.md"], swiftSettings: settings),
    // Subjects in other processes: the wire and its sessions.
    .target(
      name: "SubjectProcesses", dependencies: ["BatchNormTesting", "ReproducibleMath"], exclude: ["README.md"],
      swiftSettings: settings),
    // Imports neither CGSL nor Foundation: it needs arithmetic alone, and no other license than ours.
    .target(
      name: "BatchNormReference", dependencies: ["ReproducibleMath"], exclude: ["README.md"], swiftSettings: settings),
    // No Testing (it runs from the command line too), no Foundation, no batch norm.
    .target(
      name: "PropertyTesting", dependencies: ["ReproducibleMath"], exclude: ["README.md"], swiftSettings: settings,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    // Never BatchNormReference or TrainingEngine: a judge that shares a formula with the judged has no opinion of its own.
    .target(
      name: "Oracles", dependencies: ["CGSL", "ReproducibleMath"], exclude: ["README.md"], swiftSettings: settings),
    .target(
      name: "Datasets", dependencies: ["CZlib", "ReproducibleMath"], exclude: ["README.md"], swiftSettings: settings),

    // Floor 2

    .target(
      name: "TrainingEngine", dependencies: ["BatchNormReference", "CKernels", "Datasets", "ReproducibleMath"],
      exclude: ["README.md"], swiftSettings: settings),

    // Pinned fixtures: what others take into their own projects. Does not link GSL, so that its license can differ.
    .target(
      name: "Vectors",
      dependencies: [
        "BatchNormReference", "BatchNormTesting", "CZlib", "Datasets", "ReferenceSubjects", "ReproducibleMath",
        "TrainingEngine",
      ],
      exclude: ["README.md"], swiftSettings: settings),

    // The laws of batch normalization: cases, bounds, judgement. Never BatchNormReference or TrainingEngine.
    .target(
      name: "NormLaws",
      dependencies: ["BatchNormTesting", "Oracles", "PropertyTesting", "ReproducibleMath", "SubjectProcesses"],
      exclude: ["README.md"], swiftSettings: settings),

    // Floor 3

    // The reference and the engine as subjects.
    .target(
      name: "ReferenceSubjects",
      dependencies: ["BatchNormReference", "BatchNormTesting", "Datasets", "ReproducibleMath", "TrainingEngine"],
      exclude: ["README.md"], swiftSettings: settings),
    // The laws of networks, training loops, random streams and elementary functions; and the catalogue of all laws.
    .target(
      name: "NetworkLaws",
      dependencies: [
        "BatchNormReference", "BatchNormTesting", "Datasets", "NormLaws", "Oracles", "PropertyTesting",
        "ReferenceSubjects", "ReproducibleMath", "TrainingEngine",
      ],
      exclude: ["README.md"], swiftSettings: settings),

    // Runs, sweeps and the claims that they decide.
    .target(
      name: "Experiments",
      dependencies: ["BatchNormReference", "Datasets", "Oracles", "ReproducibleMath", "TrainingEngine"],
      exclude: ["README.md"], swiftSettings: settings),

    // Floor 4

    // Wrong subjects, and right ones written differently.
    .target(
      name: "Mutants",
      dependencies: [
        "BatchNormReference", "BatchNormTesting", "Datasets", "NetworkLaws", "NormLaws", "PropertyTesting",
        "ReferenceSubjects", "ReproducibleMath", "TrainingEngine",
      ],
      exclude: ["README.md"], swiftSettings: settings),
    // Expected values of the fixtures, by the oracles under the bounds of the laws; mutants before vectors.
    .target(
      name: "FixtureGeneration",
      dependencies: [
        "BatchNormReference", "BatchNormTesting", "Datasets", "Experiments", "Mutants", "NetworkLaws", "NormLaws",
        "Oracles", "PropertyTesting", "ReferenceSubjects", "ReproducibleMath", "TrainingEngine", "Vectors",
      ],
      exclude: ["README.md"], swiftSettings: settings),
    // Measures this package beside the processor's limits and other implementations.
    .target(
      name: "Benchmarks",
      dependencies: [
        "BatchNormReference", "CKernels", "Datasets", "NetworkLaws", "NormLaws", "PropertyTesting", "ReproducibleMath",
        "TrainingEngine",
      ],
      exclude: ["README.md"], swiftSettings: settings),
    // Pure functions from values to text: no clock, no environment, no file system.
    .target(
      name: "Reports",
      dependencies: [
        "BatchNormReference", "BatchNormTesting", "Benchmarks", "Datasets", "Experiments", "FixtureGeneration",
        "Mutants", "NetworkLaws", "NormLaws", "PropertyTesting", "ReproducibleMath", "SubjectProcesses",
        "TrainingEngine",
      ],
      exclude: ["README.md"], swiftSettings: settings),

    // Floor 5

    .executableTarget(
      name: "normcheck",
      dependencies: [
        "BatchNormReference", "BatchNormTesting", "Benchmarks", "Datasets", "Experiments", "FixtureGeneration",
        "Mutants", "NetworkLaws", "NormLaws", "Oracles", "PropertyTesting", "ReferenceSubjects", "Reports",
        "ReproducibleMath", "SubjectProcesses", "TrainingEngine", "Vectors",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["README.md"], swiftSettings: settings),

    // Tests, one folder a target

    .testTarget(name: "CKernelsTests", dependencies: ["CKernels", "ReproducibleMath"], swiftSettings: settings),
    .testTarget(name: "ReproducibleMathTests", dependencies: ["ReproducibleMath"], swiftSettings: settings),
    .testTarget(
      name: "BatchNormReferenceTests", dependencies: ["BatchNormReference", "ReproducibleMath"],
      swiftSettings: settings),
    .testTarget(
      name: "TrainingEngineTests",
      dependencies: ["BatchNormReference", "CommandSupport", "Datasets", "ReproducibleMath", "TrainingEngine"],
      swiftSettings: settings),
    // Temporary folders and runs of the built command.
    .target(name: "CommandSupport", path: "Tests/CommandSupport", swiftSettings: settings),
    .testTarget(
      name: "NormcheckTests",
      dependencies: ["CommandSupport", "Datasets", "NetworkLaws", "NormLaws", "TrainingEngine", "normcheck"],
      swiftSettings: settings
    ),
    // CZlib writes the gzip files that the reader must refuse; the command is run as a process.
    .testTarget(
      name: "DatasetsTests", dependencies: ["CZlib", "CommandSupport", "Datasets", "ReproducibleMath", "normcheck"],
      swiftSettings: settings),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "BatchNormReference", "CommandSupport", "Datasets", "Experiments", "NetworkLaws", "NormLaws", "PropertyTesting",
        "Reports", "ReproducibleMath", "TrainingEngine",
      ], swiftSettings: settings),
    // Speaks the subject protocol and breaks it, each time in one way.
    .executableTarget(name: "MisbehavingSubject", path: "Tests/MisbehavingSubject", swiftSettings: settings),
    .testTarget(
      name: "SubjectProcessesTests",
      dependencies: [
        "BatchNormReference", "BatchNormTesting", "CommandSupport", "MisbehavingSubject", "Oracles",
        "ReferenceSubjects", "ReproducibleMath", "SubjectProcesses", "normcheck",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "BenchmarksTests", dependencies: ["Benchmarks", "CommandSupport", "Reports", "normcheck"],
      swiftSettings: settings),
    .testTarget(name: "OraclesTests", dependencies: ["Oracles", "ReproducibleMath"], swiftSettings: settings),
    // Reports a property's run to Swift Testing; for test targets only.
    .target(
      name: "PropertyTestingSupport", dependencies: ["PropertyTesting"], path: "Tests/PropertyTestingSupport",
      swiftSettings: settings),
    .testTarget(
      name: "PropertyTestingTests", dependencies: ["PropertyTesting", "PropertyTestingSupport", "ReproducibleMath"],
      swiftSettings: settings),
    .testTarget(
      name: "NormLawsTests",
      dependencies: [
        "BatchNormReference", "BatchNormTesting", "Datasets", "Mutants", "NetworkLaws", "NormLaws", "Oracles",
        "PropertyTesting", "ReferenceSubjects", "ReproducibleMath", "TrainingEngine",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "MutantsTests",
      dependencies: [
        "BatchNormReference", "BatchNormTesting", "Mutants", "NetworkLaws", "NormLaws", "PropertyTesting",
        "ReferenceSubjects", "Reports", "ReproducibleMath",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "VectorsTests",
      dependencies: [
        "BatchNormReference", "BatchNormTesting", "CZlib", "CommandSupport", "ReferenceSubjects", "ReproducibleMath",
        "Vectors",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "FixtureGenerationTests",
      dependencies: [
        "BatchNormTesting", "CommandSupport", "FixtureGeneration", "Mutants", "NetworkLaws", "NormLaws",
        "ReferenceSubjects", "ReproducibleMath", "TrainingEngine", "Vectors", "normcheck",
      ],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
