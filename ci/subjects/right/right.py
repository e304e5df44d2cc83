"""Correct batch normalizations, written the way people write them. normcheck must find no error in any of them.

    normcheck conform -- python3 ci/subjects/right/right.py --variant einsum
    normcheck conform -- python3 ci/subjects/right/right.py --variant einsum --declared
    python3 ci/subjects/right/right.py --list

Without --declared nothing is declared: normcheck has to infer what each of them does.
"""

import argparse
import os
import sys

import numpy

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import parts  # noqa: E402  (the path must stand first)
from normcheck_subject import Refused, serve  # noqa: E402
from parts import column, count  # noqa: E402


class Evaluation:
    """Evaluation mode only."""

    version = numpy.__version__
    dtypes = ("float32", "float64")
    policies = {}
    folded = False

    def checked(self, x, *parameters):
        for values in parameters:
            if values is not None and values.shape != (x.shape[1],):
                raise Refused(f"{x.shape[1]} channels, but {values.shape[0]} parameters")

    def epsilon(self, value):
        return value

    def scaled(self, x, gamma, beta, mean, variance, epsilon):
        """γ(x − mean)/√(variance + ε) + β."""
        if self.folded:
            a = 1 / numpy.sqrt(variance + self.epsilon(epsilon))
            a = a if gamma is None else gamma * a
            return column(a, x) * x + column(-mean * a if beta is None else beta - mean * a, x)
        y = parts.normalized(x, mean, variance, self.epsilon(epsilon))
        return y if gamma is None else column(gamma, x) * y + column(beta, x)

    def forward_evaluation(self, x, gamma, beta, running_mean, running_var, epsilon):
        self.checked(x, gamma, beta, running_mean, running_var)
        return self.scaled(x, gamma, beta, running_mean, running_var, epsilon).astype(x.dtype)


class Forward(Evaluation):
    """Training mode too, without gradients. The attributes say how it is written, and which policies it has."""

    statistics = staticmethod(parts.by_numpy)
    updated = staticmethod(parts.by_weights)
    policies = {
        "running_variance": "unbiased", "momentum": "weight_of_new", "batch_of_one": "error", "empty_batch": "error",
        "nan_at_weight_zero": "spreads", "momentum_domain": "closed", "cumulative": "yes"}

    def refuse(self, x, is_tracked):
        """Refuses the calls that the policies call an error."""
        one, m = self.policies["batch_of_one"], count(x)
        if m == 0 and self.policies["empty_batch"] == "error":
            raise Refused("an empty batch")
        if m == 1 and (one == "error" or one == "error_when_tracking" and is_tracked):
            raise Refused("a variance needs two values in a channel")

    def passes(self, x):
        """Whether the batch is returned unchanged."""
        m = count(x)
        return m == 0 and self.policies["empty_batch"] == "empty" or m == 1 and self.policies["batch_of_one"] == "input"

    def weight(self, momentum, batches_tracked):
        if momentum is None:
            if self.policies["cumulative"] == "no":
                raise NotImplementedError("no cumulative mean")
            new = 1 / (batches_tracked + 1)
            return new if self.policies["momentum"] == "weight_of_new" else 1 - new
        if self.policies["momentum_domain"] == "open" and not 0 < momentum < 1:
            raise Refused("momentum must be between 0 and 1, exclusive")
        return momentum

    def tracked(self, running, batch, momentum):
        if self.policies["nan_at_weight_zero"] == "kept":
            new = momentum if self.policies["momentum"] == "weight_of_new" else 1 - momentum
            if new == 0:
                return running
        return self.updated(running, batch, momentum)

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        self.checked(x, gamma, beta, running_mean, running_var)
        self.refuse(x, running_mean is not None)
        if running_mean is not None:
            momentum = self.weight(momentum, batches_tracked)
        if self.passes(x):
            return x, running_mean, running_var
        mean, variance = self.statistics(x)
        y = self.scaled(x, gamma, beta, mean, variance, epsilon).astype(x.dtype)
        if running_mean is None:
            return y, None, None
        if self.policies["running_variance"] == "unbiased":
            variance = variance * (count(x) / max(count(x) - 1, 1))
        running_mean = self.tracked(running_mean, mean, momentum).astype(x.dtype)
        return y, running_mean, self.tracked(running_var, variance, momentum).astype(x.dtype)


class Right(Forward):
    """Forward and backward."""

    gradient = staticmethod(parts.by_three_terms)

    def typed(self, x, gamma, dx, dgamma, dbeta):
        results = (dx,) + ((None, None) if gamma is None else (dgamma, dbeta))
        return tuple(None if value is None else value.astype(x.dtype) for value in results)

    def backward_training(self, x, gamma, beta, epsilon, dy):
        self.checked(x, gamma, beta)
        self.refuse(x, False)
        one = numpy.ones(x.shape[1], x.dtype)
        if count(x) == 0 or self.passes(x):
            return self.typed(x, gamma, dy, 0 * one, 0 * one)
        mean, variance = self.statistics(x)
        scale = one if gamma is None else gamma
        return self.typed(x, gamma, *self.gradient(x, mean, variance, self.epsilon(epsilon), scale, dy))

    def backward_evaluation(self, x, gamma, running_mean, running_var, epsilon, dy):
        self.checked(x, gamma, running_mean, running_var)
        inverse = 1 / numpy.sqrt(running_var + self.epsilon(epsilon))
        x_hat = (x - column(running_mean, x)) * column(inverse, x)
        dx = column(inverse if gamma is None else gamma * inverse, x) * dy
        return self.typed(x, gamma, dx, (dy * x_hat).sum(parts.axes(x)), dy.sum(parts.axes(x)))


class TrackedOnly(Right):
    def forward_training(self, x, gamma, beta, running_mean, *rest):
        if running_mean is None:
            raise NotImplementedError("the layer always tracks")
        return super().forward_training(x, gamma, beta, running_mean, *rest)


class Float32Epsilon(Right):
    def epsilon(self, value):
        return float(numpy.float32(value))


OLD = {"running_variance": "biased", "momentum": "weight_of_old", "batch_of_one": "beta", "empty_batch": "nan"}


def variant(base=Right, policies=None, **attributes):
    functions = {name: staticmethod(value) if callable(value) else value for name, value in attributes.items()}
    return type(base)(base.__name__, (base,), dict(functions, policies=dict(base.policies, **(policies or {}))))


VARIANTS = {
    "textbook": variant(),
    "careful": variant(policies={"nan_at_weight_zero": "kept"}, statistics=parts.by_correction),
    "pytorch": variant(
        policies={"empty_batch": "empty"}, updated=parts.by_difference, gradient=parts.by_projection, folded=True),
    "einsum": variant(statistics=parts.by_einsum, gradient=parts.by_one_formula),
    "welford": variant(statistics=parts.by_welford, updated=parts.by_difference),
    "pairwise": variant(statistics=parts.by_halves, gradient=parts.by_one_formula),
    "blocks": variant(statistics=parts.by_blocks, gradient=parts.by_blocks_of_channels),
    "rows": variant(statistics=parts.by_rows, gradient=parts.by_projection),
    "channels-last": variant(statistics=parts.by_columns, gradient=parts.by_chain_of_deviation),
    "cs231n": variant(policies=OLD, updated=parts.by_weights_of_old, gradient=parts.by_chain_rule),
    "onnx": variant(Forward, OLD, updated=parts.by_weights_of_old, folded=True),
    "keras": variant(policies=OLD, updated=parts.by_difference_of_old, gradient=parts.by_chain_of_deviation),
    "float32-sums": variant(statistics=parts.by_float32, dtypes=("float32",)),
    "wide-sums": variant(statistics=parts.by_wide, updated=parts.by_difference),
    "float32-epsilon": variant(Float32Epsilon, {"epsilon_type": "float32"}),
    "no-cumulative": variant(policies={"cumulative": "no"}, updated=parts.by_difference),
    "open-momentum": variant(policies={"momentum_domain": "open"}),
    "one-gives-beta": variant(policies={"batch_of_one": "beta"}, gradient=parts.by_chain_of_deviation),
    "one-gives-input": variant(policies={"batch_of_one": "input"}, gradient=parts.by_projection),
    "one-tracked-refused": variant(policies={"batch_of_one": "error_when_tracking"}, statistics=parts.by_rows),
    "empty-gives-empty": variant(policies={"empty_batch": "empty"}, statistics=parts.by_columns),
    "forward-only": variant(Forward, statistics=parts.by_correction),
    "evaluation-only": variant(Evaluation, folded=True),
    "tracked-only": variant(TrackedOnly),
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--variant", choices=VARIANTS)
    what.add_argument("--list", action="store_true", help="print the variants and stop")
    parser.add_argument("--declared", action="store_true", help="declare every policy")
    options = parser.parse_args()
    if options.list:
        print("\n".join(VARIANTS))
        sys.exit()
    numpy.seterr(all="ignore")
    subject = VARIANTS[options.variant]()
    subject.name = "right-" + options.variant
    subject.conventions = {}
    if options.declared:
        everybody = {"subnormals": "kept", "debias": "none", "epsilon_type": "double", "batch_invariance": "bitwise"}
        if subject.dtypes == ("float32",):
            del everybody["epsilon_type"]  # ε is rounded like everything else, and nothing tells
        subject.conventions = dict(everybody, **subject.policies)
    serve(subject)
