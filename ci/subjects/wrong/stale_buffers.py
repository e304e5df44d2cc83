"""A wrong subject that keeps state: without running statistics it adds its sums to those of earlier calls.

    normcheck conform -- python3 ci/subjects/wrong/stale_buffers.py

The sums of an untracked batch go into one workspace, which is zero when the process starts and is never cleared again. So the
first untracked call of a process is right and those after it are not; tracked calls are right.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import numpy  # noqa: E402  (the path must stand first)
from normcheck_subject import serve  # noqa: E402
from numpy_subject import NumPy, axes, column  # noqa: E402


class StaleBuffers(NumPy):
    name = "stale-buffers"

    def __init__(self):
        self.workspace = {dtype: numpy.zeros((2, 65536), dtype) for dtype in ("float32", "float64")}

    def forward_training(self, x, gamma, beta, running_mean, *rest):
        if running_mean is not None:
            return super().forward_training(x, gamma, beta, running_mean, *rest)
        m, mean, variance = self.statistics(x)
        sums, squares = self.workspace[x.dtype.name][:, :x.shape[1]]
        sums += x.sum(axes(x))
        squares += numpy.square(x - column(mean, x)).sum(axes(x))
        y = self.normalized(x, sums / m, squares / m, rest[1])
        return (y if gamma is None else column(gamma, x) * y + column(beta, x)), None, None


if __name__ == "__main__":
    serve(StaleBuffers())
