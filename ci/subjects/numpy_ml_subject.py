"""numpy-ml's batch normalization: the layers `BatchNorm1D` for [N, C] and `BatchNorm2D` for the rest.

    normcheck conform -- python3 ci/subjects/numpy_ml_subject.py

Channels come last. The layers always track and always have parameters. If nothing is tracked, the state is not returned; without
γ and β these are 1 and 0. Tested with numpy-ml 0.1.2 on Python 3.9.
"""

import numpy
from numpy_ml.neural_nets.layers import BatchNorm1D, BatchNorm2D

from normcheck_subject import serve


class NumpyML:
    name = "numpy-ml"
    version = "0.1.2"
    conventions = {"running_variance": "biased", "momentum": "weight_of_old", "batch_of_one": "beta"}

    def layer(self, x, gamma, beta, mean, variance, epsilon, momentum=0.9):
        channels = x.shape[1]
        layer = (BatchNorm1D if x.ndim == 2 else BatchNorm2D)(momentum=momentum, epsilon=epsilon)
        layer.n_in = layer.n_out = layer.in_ch = layer.out_ch = channels
        one, zero = numpy.ones(channels, x.dtype), numpy.zeros(channels, x.dtype)
        layer.parameters = {
            "scaler": one if gamma is None else gamma,
            "intercept": zero if beta is None else beta,
            "running_mean": zero if mean is None else mean,
            "running_var": one if variance is None else variance,
        }
        layer.gradients = {"scaler": 0 * one, "intercept": 0 * one}
        layer.is_initialized = True
        return layer

    def input(self, x):
        last = numpy.moveaxis(x, 1, -1)
        return last[:, :, None, :] if x.ndim == 3 else last

    def output(self, y, x):
        return numpy.moveaxis(y, -1, 1).reshape(x.shape)

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        if momentum is None:
            # numpy-ml has no cumulative mean: this is what its users do instead.
            momentum = batches_tracked / (batches_tracked + 1)
        layer = self.layer(x, gamma, beta, running_mean, running_var, epsilon, momentum)
        y = self.output(layer.forward(self.input(x)), x)
        if running_mean is None:
            return y, None, None
        return y, layer.parameters["running_mean"], layer.parameters["running_var"]

    def forward_evaluation(self, x, gamma, beta, running_mean, running_var, epsilon):
        layer = self.layer(x, gamma, beta, running_mean, running_var, epsilon)
        layer.freeze()
        return self.output(layer.forward(self.input(x)), x)

    def backward_training(self, x, gamma, beta, epsilon, dy):
        layer = self.layer(x, gamma, beta, None, None, epsilon)
        layer.forward(self.input(x))
        dx = self.output(layer.backward(self.input(dy)), x)
        if gamma is None:
            return dx, None, None
        return dx, layer.gradients["scaler"], layer.gradients["intercept"]


if __name__ == "__main__":
    numpy.seterr(all="ignore")
    serve(NumpyML())
