"""Batch normalization in NumPy, the example to copy: replace the four methods by calls of your own code.

    normcheck conform -- python3 ci/subjects/numpy_subject.py
"""

import numpy

from normcheck_subject import Refused, serve


def axes(x):
    """All axes except the channel axis."""
    return (0, *range(2, x.ndim))


def column(values, x):
    """One value for each channel, in a shape that broadcasts with x."""
    return values.reshape(1, -1, *[1] * (x.ndim - 2))


class NumPy:
    name = "numpy"
    version = numpy.__version__
    conventions = {"running_variance": "unbiased", "momentum": "weight_of_new", "batch_of_one": "error"}

    def statistics(self, x):
        m = x.size // x.shape[1]
        if m < 2:
            raise Refused(f"a variance needs two values in a channel, there are {m}")
        return m, x.mean(axes(x)), x.var(axes(x))

    def check(self, x, *parameters):
        """Without this check, NumPy would broadcast one value to any number of channels."""
        for values in parameters:
            if values is not None and values.shape != (x.shape[1],):
                raise Refused(f"{values.size} parameters for {x.shape[1]} channels")

    def normalized(self, x, mean, variance, epsilon):
        return (x - column(mean, x)) / column(numpy.sqrt(variance + x.dtype.type(epsilon)), x)

    def mixed(self, old, new, weight):
        if weight == 0:
            return old  # 0·NaN is NaN: a batch without weight must not leave a trace
        return old.dtype.type(1 - weight) * old + old.dtype.type(weight) * new

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        self.check(x, gamma, beta, running_mean, running_var)
        m, mean, variance = self.statistics(x)
        y = self.normalized(x, mean, variance, epsilon)
        if gamma is not None:
            y = column(gamma, x) * y + column(beta, x)
        if running_mean is not None:
            weight = 1 / (batches_tracked + 1) if momentum is None else momentum
            unbiased = variance * x.dtype.type(m / (m - 1))
            running_mean = self.mixed(running_mean, mean, weight)
            running_var = self.mixed(running_var, unbiased, weight)
        return y, running_mean, running_var

    def forward_evaluation(self, x, gamma, beta, running_mean, running_var, epsilon):
        self.check(x, gamma, beta, running_mean, running_var)
        y = self.normalized(x, running_mean, running_var, epsilon)
        return y if gamma is None else column(gamma, x) * y + column(beta, x)

    def backward_training(self, x, gamma, beta, epsilon, dy):
        self.check(x, gamma, beta)
        m, mean, variance = self.statistics(x)
        x_hat = self.normalized(x, mean, variance, epsilon)
        dgamma, dbeta = (dy * x_hat).sum(axes(x)), dy.sum(axes(x))
        scale = 1 / numpy.sqrt(variance + x.dtype.type(epsilon))
        if gamma is not None:
            scale = gamma * scale
        dx = column(scale, x) * (dy - column(dbeta / m, x) - x_hat * column(dgamma / m, x))
        return (dx, dgamma, dbeta) if gamma is not None else (dx, None, None)

    def backward_evaluation(self, x, gamma, running_mean, running_var, epsilon, dy):
        self.check(x, gamma, running_mean, running_var)
        x_hat = self.normalized(x, running_mean, running_var, epsilon)
        scale = 1 / numpy.sqrt(running_var + x.dtype.type(epsilon))
        if gamma is None:
            return column(scale, x) * dy, None, None
        return column(gamma * scale, x) * dy, (dy * x_hat).sum(axes(x)), dy.sum(axes(x))


if __name__ == "__main__":
    serve(NumPy())
