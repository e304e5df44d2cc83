#!/usr/bin/env python3
"""The experiment in PyTorch, and the matrix products in OpenBLAS: what `normcheck bench --peer pytorch` compares normcheck with.

One process serves all requests, so that no start-up is in a figure. It reads one JSON object a line and answers with one:
  {"do": "info"}                                            versions, threads, the OpenBLAS kernel
  {"do": "epoch", "batch": 64, "norm": true, "threads": 1, "steps": 938, "compiled": false, "limit": 9}
                                                           seconds of that many steps; an error after `limit` seconds
  {"do": "product", "form": "forward|weight|input", "batch": 64, "inputs": 784, "outputs": 256}  seconds a call
Example: echo '{"do": "info"}' | python3 ci/bench/pytorch_peer.py FOLDER
FOLDER holds train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or .gz. Needs torch and numpy.
"""
import ctypes
import glob
import gzip
import json
import os
import sys
import time

for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy  # noqa: E402  (the environment must stand first)
import torch  # noqa: E402


def idx(folder, name, header):
    path = os.path.join(folder, name)
    opened = open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz", "rb")
    with opened as file:
        return numpy.frombuffer(file.read(), numpy.uint8, offset=header)


class Experiment:
    """784-256-128-10 with all images in memory as normalized floats; nothing is read back from a step."""

    def __init__(self, folder):
        pixels = torch.from_numpy(idx(folder, "train-images-idx3-ubyte", 16).copy()).reshape(-1, 784)
        self.x = (pixels.float() / 255 - 0.5) / 0.5
        self.labels = torch.from_numpy(idx(folder, "train-labels-idx1-ubyte", 8).copy()).long()
        self.compiled_steps = {}

    def step_of(self, norm):
        layers = []
        for inputs, outputs in ((784, 256), (256, 128)):
            layers += [torch.nn.Linear(inputs, outputs)]
            layers += [torch.nn.BatchNorm1d(outputs)] if norm else []
            layers += [torch.nn.ReLU()]
        model = torch.nn.Sequential(*layers, torch.nn.Linear(128, 10))
        loss = torch.nn.CrossEntropyLoss()
        descent = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, fused=True)
        return model, loss, descent

    def epoch(self, batch, norm, threads, steps, compiled, limit):
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        if compiled:
            # One compiled step for all requests of its kind, so that the time to compile is not measured.
            key = (batch, norm, threads)
            if key not in self.compiled_steps:
                model, loss, descent = self.step_of(norm)
                self.compiled_steps[key] = torch.compile(lambda x, y: loss(model(x), y)), descent
            forward, descent = self.compiled_steps[key]
        else:
            model, loss, descent = self.step_of(norm)
            forward = lambda x, y: loss(model(x), y)  # noqa: E731
        self.run(forward, descent, batch, min(steps, 20), limit)
        if compiled:  # the smaller last batch has its own compiled form
            self.run(forward, descent, batch, steps, limit)
        start = time.perf_counter()
        total = self.run(forward, descent, batch, steps, limit)
        return {"seconds": time.perf_counter() - start, "loss": float(total) / steps}

    def run(self, forward, descent, batch, steps, limit):
        deadline = time.perf_counter() + limit
        order = torch.randperm(len(self.x))
        total = torch.zeros(())
        for chosen in order.split(batch)[:steps]:
            descent.zero_grad()
            value = forward(self.x[chosen], self.labels[chosen])
            value.backward()
            descent.step()
            total += value.detach()
            if time.perf_counter() > deadline:
                raise TimeoutError(f"no end after {limit} seconds")
        return total


def product(form, batch, inputs, outputs):
    """The fastest of many short measurements, by NumPy's OpenBLAS on one thread, into an existing output."""
    random = numpy.random.default_rng(0)
    make = lambda *shape: random.random(shape, numpy.float32) - numpy.float32(0.5)  # noqa: E731
    x, w, dy = make(batch, inputs), make(inputs, outputs), make(batch, outputs)
    left, right = {"forward": (x, w), "weight": (x.T, dy), "input": (dy, w.T)}[form]
    out = numpy.empty((left.shape[0], right.shape[1]), numpy.float32)
    count = max(1, int(2e7 / (batch * inputs * outputs)))
    best = float("inf")
    for _ in range(30):
        start = time.perf_counter()
        for _ in range(count):
            numpy.matmul(left, right, out=out)
        best = min(best, (time.perf_counter() - start) / count)
    return {"seconds": best}


def blas_core():
    """Which of its kernels OpenBLAS has chosen for this processor."""
    folder = os.path.join(os.path.dirname(os.path.dirname(numpy.__file__)), "numpy.libs")
    for path in glob.glob(os.path.join(folder, "*openblas*")):
        library = ctypes.CDLL(path)
        for name in ("scipy_openblas_get_corename64_", "openblas_get_corename64_", "openblas_get_corename"):
            if hasattr(library, name):
                function = getattr(library, name)
                function.restype = ctypes.c_char_p
                return function().decode()
    return "unknown"


def answer(experiment, request):
    kind = request.pop("do")
    if kind == "epoch":
        return experiment.epoch(**request)
    if kind == "product":
        return product(**request)
    return {
        "pytorch": torch.__version__, "numpy": numpy.__version__, "blas": blas_core(),
        "capability": torch.backends.cpu.get_cpu_capability(),
    }


def serve():
    experiment = Experiment(sys.argv[1])
    for line in sys.stdin:
        try:
            result = answer(experiment, json.loads(line))
        except Exception as error:  # whatever it was, the other side decides what to do without the figure
            result = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    serve()
