"""A wrong subject that is wrong once: the first training call of a process forgets the last channel.

    normcheck conform -- python3 ci/subjects/wrong/first_call.py

As if a kernel were tuned by its first call and left part of the output as it was.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from normcheck_subject import serve  # noqa: E402  (the path must stand first)
from numpy_subject import NumPy  # noqa: E402


class FirstCall(NumPy):
    name = "first-call"
    is_first = True

    def forward_training(self, *arguments):
        y, mean, variance = super().forward_training(*arguments)
        if self.is_first:
            y[:, -1] = 0
            self.is_first = False
        return y, mean, variance


if __name__ == "__main__":
    serve(FirstCall())
