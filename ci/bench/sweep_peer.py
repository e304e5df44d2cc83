#!/usr/bin/env python3
"""How long PyTorch would take for the runs of a sweep, estimated from steps that it runs now.

Usage: python3 ci/bench/sweep_peer.py RESULTS DATA
RESULTS holds the times.csv that `normcheck sweep` writes, DATA the files of MNIST (any of the two data sets will do: its
content does not matter for time). Every kind of step in the list (batch size, batch normalization) is timed on one thread,
eager, images in memory, the fused SGD. In favour of PyTorch, its evaluations are left out (ours are counted), and deep
networks count as the network of two hidden layers. Wants a quiet machine.
Example: python3 ci/bench/sweep_peer.py results ~/.cache/normcheck/mnist
"""
import collections
import csv
import os
import sys

from pytorch_peer import Experiment


def main():
    steps, ours, runs = collections.Counter(), 0.0, 0
    with open(os.path.join(sys.argv[1], "times.csv"), newline="") as file:
        for row in csv.DictReader(file):
            steps[int(row["batch"]), row["batch norm"] == "yes"] += int(row["steps"])
            ours += float(row["processor seconds"])
            runs += 1
    experiment = Experiment(sys.argv[2])
    theirs = 0.0
    print("| batch | batch norm | steps | PyTorch, ms a step |\n| ---: | --- | ---: | ---: |")
    for (batch, norm), count in sorted(steps.items()):
        timed = max(10, min(400, 60000 // batch, count))
        rounds = [experiment.epoch(batch, norm, 1, timed, False, 600)["seconds"] / timed for _ in range(3)]
        step = sorted(rounds)[1]
        theirs += step * count
        print(f"| {batch} | {'yes' if norm else 'no'} | {count} | {1000 * step:.3f} |", flush=True)
    print(f"\n{runs} runs: {ours / 60:.0f} processor minutes by normcheck sweep, evaluations and probes included; "
          f"{theirs / 60:.0f} by PyTorch for the steps alone: {theirs / ours:.2f} times as long.")


main()
