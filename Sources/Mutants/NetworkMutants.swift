import BatchNormReference
import Properties
import ReproducibleMath
import Subjects

private func loop(
  _ id: String, _ slip: WrongNetwork.Slip, wrong: String, right: String, seen: String = "", by input: String,
  killers: [String]
) -> Mutant {
  Mutant(
    id, .network, wrong: wrong, right: right, seen: seen, distinguishedBy: input, killers: killers
  ) { _, _ in .network(WrongNetwork(slip, name: id)) }
}

private func kernels(
  _ id: String, _ slip: SlippedKernels.Slip, wrong: String, right: String, seen: String = "", by input: String,
  killers: [String], equivalence: String? = nil
) -> Mutant {
  Mutant(
    id, .network, wrong: wrong, right: right, seen: seen, distinguishedBy: input, killers: killers,
    equivalence: equivalence
  ) { _, _ in .network(KernelNetwork(SlippedKernels(slip), name: id)) }
}

/// Slips of the network and of the loop that trains it.
let networkMutants: [Mutant] =
  networkLoop + networkKernels + [
    Mutant(
      "M-NET-10", .network, wrong: "batch normalization behind ReLU", right: "before it",
      distinguishedBy: "a negative pre-activation", killers: ["NET-09", "NET-01"]
    ) { _, _ in .network(ReorderedNetwork(name: "M-NET-10")) }
  ]

private let networkLoop: [Mutant] = [
  loop(
    "M-NET-01", .sampleMeanOfBatches, wrong: "the mean of batch means reported as the mean over samples",
    right: "each sample weighs the same", by: "losses [0, 0], [3]", killers: ["NET-11", "BAT-03"]),
  loop(
    "M-NET-02", .dropsLastBatch, wrong: "the last, smaller batch is dropped", right: "it is trained on",
    by: "3 images in batches of 2", killers: ["NET-11", "BAT-03"]),
  loop(
    "M-NET-03b", .gradientAddsUp, wrong: "every gradient added up twice", right: "once",
    by: "one step", killers: ["NET-01", "NET-09", "NET-11"]),
  loop(
    "M-NET-04", .velocityAverages, wrong: "v ← μv + (1 − μ)g", right: "v ← μv + g", by: "one step with momentum ½",
    killers: ["NET-07"]),
  loop(
    "M-NET-05", .evaluationMovesState, wrong: "evaluation runs in training mode", right: "it leaves the state",
    by: "one evaluation", killers: ["NET-11"]),
  loop(
    "M-NET-06", .decaysStatistics, wrong: "weight decay on running statistics", right: "on parameters only",
    by: "one step with decay", killers: ["NET-11"]),
  loop(
    "M-NET-08", .orderRepeats, wrong: "images are drawn with repetition", right: "a permutation", by: "2 images",
    killers: ["RNG-02", "NET-11", "NET-10"]),
  loop(
    "M-NET-08b", .sameOrder, wrong: "the same order in each epoch", right: "a new one", by: "two epochs",
    killers: ["NET-11", "NET-10", "RNG-02"]),
  loop(
    "M-NET-11", .weightsAsStored, wrong: "weights stored [in, out] but filled as [out, in]",
    right: "filled in PyTorch's order", by: "a layer of 2 × 3", killers: ["NET-10"]),
  loop(
    "M-NET-12", .passSeesTraining, wrong: "evaluation normalizes by the batch", right: "by running statistics",
    by: "one pass in evaluation mode", killers: ["NET-09", "NET-13"]),
  loop(
    "M-NET-13", .forgetsVelocity, wrong: "a resumed run starts its velocity anew", right: "it is stored",
    by: "a run stopped after one step", killers: ["DET-03"]),
  loop(
    "M-NET-14", .nesterovInstead, wrong: "Nesterov's step whatever was asked", right: "along v", by: "one step",
    killers: ["NET-07"]),
  loop(
    "M-NET-15", .decayReversed, wrong: "g − λp", right: "g + λp", by: "one step with decay",
    killers: ["NET-07", "NET-11"]),
  loop(
    "M-NET-16", .biasFrozen, wrong: "the gradient of biases is 0", right: "Σ dy", by: "one sample",
    killers: ["NET-01", "NET-09"]),
  loop(
    "M-EVA-03", .biasUnscaled, wrong: "fold: b + β − rm·k, the bias unscaled", right: "k(b − rm) + β",
    by: "a bias that is not 0", killers: ["NET-13"]),
  loop(
    "M-EVA-03b", .shiftLost, wrong: "fold: β dropped", right: "k(b − rm) + β", by: "β = 3", killers: ["NET-13"]),
]

private let networkKernels: [Mutant] = [
  kernels(
    "M-NET-07", .noMaximum, wrong: "log Σexp(z) without subtracting the maximum", right: "subtracted first",
    by: "logits [10⁴, 0]", killers: ["NET-06"]),
  kernels(
    "M-NET-07b", .sumForMean, wrong: "the gradient of the sum of losses", right: "of their mean", by: "two samples",
    killers: ["NET-09", "NET-01"]),
  kernels(
    "M-NET-09", .reluPassesAtZero, wrong: "ReLU's gradient passes at 0", right: "where x > 0",
    by: "a pre-activation of 0",
    killers: ["NET-12"]),
  kernels(
    "M-NET-09b", .reluPassesBelow, wrong: "ReLU's gradient passes everywhere", right: "where x > 0",
    by: "a negative pre-activation", killers: ["NET-12", "NET-01"]),
  kernels(
    "M-NET-17", .edgeOfTile, wrong: "the last term of a chain is left out where K mod 8 = 7", right: "all K terms",
    by: "K = 7", killers: ["LIN-01", "DET-01"]),
  kernels(
    "M-NET-18", .wideChain, wrong: "chains added in Double", right: "fma in Float", by: "two terms", killers: ["DET-01"]
  ),
  kernels(
    "M-NET-19", .chainDescends, wrong: "chains in descending order", right: "ascending", by: "three terms",
    killers: ["DET-01"]),
  kernels(
    "M-NET-20", .labelForgotten, wrong: "gradient softmax/N", right: "(softmax − [label])/N", by: "one sample",
    killers: ["NET-05", "NET-09"]),
  kernels(
    "M-NET-21", .meanOverClasses, wrong: "divided by the classes", right: "by the samples",
    by: "one sample, two classes",
    killers: ["NET-09", "NET-01"]),
  kernels(
    "M-NET-22", .nextLabel, wrong: "the loss of the next class", right: "of the label", by: "logits [0, 1]",
    killers: ["NET-06", "NET-09"]),
  kernels(
    "M-NET-23", .biasForgotten, wrong: "xW", right: "xW + b", by: "b = 1", killers: ["LIN-01", "NET-09"]),
  kernels(
    "M-NET-24", .lastColumnStale, wrong: "the last column is not computed", right: "all columns", by: "two outputs",
    killers: ["LIN-01", "NET-09"]),
  kernels(
    "M-NET-25", .lastRowLeftOut, wrong: "dW without the last sample", right: "all samples", by: "one sample",
    killers: ["LIN-01", "NET-09"]),
  kernels(
    "M-NET-26", .reluLeaks, wrong: "max(x, x/100)", right: "max(x, 0)", by: "x = −1", killers: ["NET-09", "NET-12"]),
  kernels(
    "M-NET-27", .meansConstant, wrong: "dx = γ·r·g in the network's batch normalization", right: "with both means",
    by: "two samples", killers: ["NET-01", "NET-09"]),
  kernels(
    "M-NET-28", .uncentered, wrong: "mean taken as 0 in the network's batch normalization", right: "Σx/m",
    by: "two samples", killers: ["NET-09"]),
  kernels(
    "M-NET-29", .widerLoss, wrong: "losses rounded to Float", right: "kept in Double", by: "one sample",
    killers: ["DET-01", "NET-06"]),
]
