"""PyTorch's batch normalization with one bug of the mutants' catalogue planted in Python. The laws must find it and the diagnosis
must name it.

    normcheck conform --dtype float32 -- python3 ci/subjects/pytorch_slips.py --slip M-FWD-01
"""

import argparse
import sys

import torch

from normcheck_subject import Refused, serve
from pytorch_subject import PyTorch, array, tensor


def axes(x):
    return (0, *range(2, x.ndim))


def column(values, x):
    return values.reshape(1, -1, *[1] * (x.ndim - 2))


class UnbiasedForward(PyTorch):
    """y divides by the root of the unbiased variance."""

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        _, mean, variance = super().forward_training(
            x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked)
        t = tensor(x)
        y = (t - column(t.mean(axes(t)), t)) / column((t.var(axes(t), unbiased=True) + epsilon).sqrt(), t)
        if gamma is not None:
            y = y * column(tensor(gamma), t) + column(tensor(beta), t)
        return array(y), mean, variance


class EpsilonOutside(PyTorch):
    """y divides by √σ² + ε."""

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        _, mean, variance = super().forward_training(
            x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked)
        t = tensor(x)
        y = (t - column(t.mean(axes(t)), t)) / column(t.var(axes(t), unbiased=False).sqrt() + epsilon, t)
        if gamma is not None:
            y = y * column(tensor(gamma), t) + column(tensor(beta), t)
        return array(y), mean, variance


class FixedEpsilon(PyTorch):
    """ε is always 1e-5."""

    def normalize(self, x, gamma, beta, mean, variance, training, momentum, epsilon):
        return super().normalize(x, gamma, beta, mean, variance, training, momentum, 1e-5)


class OnePass(PyTorch):
    """σ² = max(E[x²] − E[x]², 0)."""

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        _, mean, variance = super().forward_training(
            x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked)
        t = tensor(x)
        mu = t.mean(axes(t))
        sigma2 = ((t * t).mean(axes(t)) - mu * mu).clamp(min=0)
        y = (t - column(mu, t)) / column((sigma2 + epsilon).sqrt(), t)
        if gamma is not None:
            y = y * column(tensor(gamma), t) + column(tensor(beta), t)
        return array(y), mean, variance


class ConstantStatistics(PyTorch):
    """dx takes mean and variance as constants."""

    def backward_training(self, x, gamma, beta, epsilon, dy):
        dx, dgamma, dbeta = super().backward_training(x, gamma, beta, epsilon, dy)
        t = tensor(x)
        scale = 1 / (t.var(axes(t), unbiased=False) + epsilon).sqrt()
        return array(tensor(dy) * column(scale if gamma is None else scale * tensor(gamma), t)), dgamma, dbeta


class NoMeanTerm(PyTorch):
    """dx without the mean of dy."""

    def backward_training(self, x, gamma, beta, epsilon, dy):
        dx, dgamma, dbeta = super().backward_training(x, gamma, beta, epsilon, dy)
        t, g = tensor(x), tensor(dy)
        scale = 1 / (t.var(axes(t), unbiased=False) + epsilon).sqrt()
        scale = scale if gamma is None else scale * tensor(gamma)
        return array(tensor(dx) + column(scale * g.mean(axes(t)), t)), dgamma, dbeta


class MeanOfBeta(PyTorch):
    """dβ is the mean of dy instead of its sum."""

    def backward_training(self, x, gamma, beta, epsilon, dy):
        dx, dgamma, dbeta = super().backward_training(x, gamma, beta, epsilon, dy)
        return dx, dgamma, dbeta if dbeta is None else dbeta / x.dtype.type(x.size // x.shape[1])


class BiasedRunning(PyTorch):
    """The running variance takes the biased one."""

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        before = None if running_var is None else running_var.copy()
        y, mean, variance = super().forward_training(
            x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked)
        if variance is not None:
            weight = 1 / (batches_tracked + 1) if momentum is None else momentum
            t = tensor(x)
            variance = array((1 - weight) * tensor(before) + weight * t.var(axes(t), unbiased=False))
        return y, mean, variance


class ReversedMomentum(PyTorch):
    """momentum is the weight of the old value."""

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        return super().forward_training(
            x, gamma, beta, running_mean, running_var, epsilon, None if momentum is None else 1 - momentum,
            batches_tracked)


class BatchInEvaluation(PyTorch):
    """Evaluation normalizes by the batch."""

    def forward_evaluation(self, x, gamma, beta, running_mean, running_var, epsilon):
        if x.size // x.shape[1] < 2:
            raise Refused("one value in each channel")
        return array(self.normalize(self.input(x), tensor(gamma), tensor(beta), None, None, True, 0.0, epsilon))


SLIPS = {
    "M-FWD-01": UnbiasedForward,
    "M-FWD-02": EpsilonOutside,
    "M-FWD-04": FixedEpsilon,
    "M-FWD-06b": OnePass,
    "M-GRD-01": ConstantStatistics,
    "M-GRD-02": NoMeanTerm,
    "M-GRD-08": MeanOfBeta,
    "M-RUN-01": BiasedRunning,
    "M-RUN-03": ReversedMomentum,
    "M-EVA-01": BatchInEvaluation,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--slip", choices=SLIPS)
    what.add_argument("--list", action="store_true", help="print the ids of the bugs and stop")
    options = parser.parse_args()
    if options.list:
        print("\n".join(SLIPS))
        sys.exit()
    torch.set_num_threads(1)
    subject = SLIPS[options.slip]()
    subject.name = "pytorch-" + options.slip
    serve(subject)
