"""A wrong subject that is wrong only sometimes: about one answer in a thousand has one wrong value of y.

    normcheck conform -- python3 ci/subjects/wrong/race.py
    normcheck conform -- python3 ci/subjects/wrong/race.py --one-in 50

As if two threads wrote to the same place now and then. No seed repeats it.
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from normcheck_subject import serve  # noqa: E402  (the path must stand first)
from numpy_subject import NumPy  # noqa: E402


def drawn(below):
    return int.from_bytes(os.urandom(8), "little") % below


class Race(NumPy):
    name = "race"

    def __init__(self, one_in):
        self.one_in = one_in

    def raced(self, y):
        if y.size and drawn(self.one_in) == 0:
            y.reshape(-1)[drawn(y.size)] += 1
        return y

    def forward_training(self, *arguments):
        y, mean, variance = super().forward_training(*arguments)
        return self.raced(y), mean, variance

    def forward_evaluation(self, *arguments):
        return self.raced(super().forward_evaluation(*arguments))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--one-in", type=int, default=1000, help="answers for each wrong one, on average")
    serve(Race(parser.parse_args().one_in))
