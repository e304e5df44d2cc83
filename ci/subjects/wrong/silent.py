"""A broken adapter that never answers: normcheck must end with status 2 and show the first traceback.

    normcheck conform -- python3 ci/subjects/wrong/silent.py --at request
    normcheck conform -- python3 ci/subjects/wrong/silent.py --at start
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from normcheck_subject import serve  # noqa: E402  (the path must stand first)
from numpy_subject import NumPy  # noqa: E402


def library():
    raise AssertionError("CPU=1 is deprecated")


class Silent(NumPy):
    name = "silent"

    def forward_training(self, *arguments):
        library()

    forward_evaluation = backward_training = backward_evaluation = forward_training


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at", choices=("start", "request"), default="request", help="where it fails")
    if parser.parse_args().at == "start":
        library()
    serve(Silent())
