import NormLaws

private func loop(
  _ id: String, _ slip: LoopNetwork.Slip, wrong: String, right: String, by input: String, killers: [String]
) -> Mutant {
  Mutant(
    id, .network, wrong: wrong, right: right, distinguishedBy: input, killers: killers
  ) { _, _ in .network(LoopNetwork(slip, name: id)) }
}

/// Slips of the training loop alone: every part that it calls is right.
let loopMutants: [Mutant] = [
  loop(
    "M-NET-03", .gradientNotZeroed, wrong: "the gradient is not zeroed between steps", right: "each step has its own",
    by: "two steps", killers: ["NET-11", "DET-02"]),
  loop(
    "M-NET-02b", .lastPadded, wrong: "the last batch is filled up with the first images", right: "it is smaller",
    by: "5 images in batches of 3", killers: ["NET-11", "BAT-03"]),
  loop(
    "M-NET-02c", .lastWeighedFull, wrong: "the last batch's gradient is divided by the full size", right: "by its own",
    by: "5 images in batches of 3", killers: ["NET-11"]),
  loop(
    "M-NET-05b", .validationTrains, wrong: "each epoch is followed by validation in training mode",
    right: "in evaluation mode", by: "one epoch", killers: ["NET-11", "DET-02"]),
  loop(
    "M-NET-06b", .statisticsDecay, wrong: "weight decay on running statistics, each step", right: "on parameters only",
    by: "one step with decay", killers: ["NET-11", "DET-02"]),
  loop(
    "M-NET-30", .rateTimesBatch, wrong: "the rate times the batch size", right: "the rate", by: "one step",
    killers: ["NET-11", "DET-02"]),
  loop(
    "M-NET-31", .lossBehindStep, wrong: "the loss is taken behind the step", right: "before it", by: "one step",
    killers: ["NET-11", "BAT-03"]),
  loop(
    "M-NET-08c", .orderKept, wrong: "the run keeps the first epoch's order", right: "draws a new one", by: "two epochs",
    killers: ["NET-11", "DET-02"]),
]
