"""MLX's batch normalization on the CPU: the layer `mlx.nn.BatchNorm`, its gradients by `mlx.core.vjp`.

    normcheck conform -- python3 ci/subjects/mlx_subject.py

Channels come last in MLX: tensors are transposed on the way in and out. This adapter, not MLX, refuses an empty batch: on the
CPU, MLX 0.32.4 usually hangs in training on an empty [0, 13], and otherwise returns NaN.
"""

import mlx.core as mx
import mlx.nn as nn
import numpy

from normcheck_subject import Differentiated, Refused, serve


def channels_last(array):
    return mx.array(numpy.moveaxis(array, 1, -1))


def channels_second(value):
    return numpy.moveaxis(numpy.array(value), -1, 1)


class MLX(Differentiated):
    name = "mlx"
    version = mx.__version__
    dtypes = ("float32",)
    conventions = {"running_variance": "unbiased", "momentum": "weight_of_new", "batch_of_one": "error"}

    def layer(self, x, gamma, beta, mean, variance, epsilon, momentum=0.0):
        if x.size == 0:
            raise Refused("an empty batch")
        layer = self.called(
            nn.BatchNorm, x.shape[1], eps=epsilon, momentum=momentum, affine=gamma is not None,
            track_running_stats=mean is not None)
        if gamma is not None:
            layer.weight, layer.bias = mx.array(gamma), mx.array(beta)
        if mean is not None:
            layer.running_mean, layer.running_var = mx.array(mean), mx.array(variance)
        return layer

    def called(self, function, *values, **options):
        try:
            return function(*values, **options)
        except ValueError as error:
            raise Refused(str(error))

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        if momentum is None:
            # MLX has no cumulative mean: this is what its users do instead.
            momentum = 1 / (batches_tracked + 1)
        layer = self.layer(x, gamma, beta, running_mean, running_var, epsilon, momentum).train()
        y = channels_second(self.called(layer, channels_last(x)))
        if running_mean is None:
            return y, None, None
        return y, numpy.array(layer.running_mean), numpy.array(layer.running_var)

    def forward_evaluation(self, x, gamma, beta, running_mean, running_var, epsilon):
        layer = self.layer(x, gamma, beta, running_mean, running_var, epsilon).eval()
        return channels_second(self.called(layer, channels_last(x)))

    def gradients(self, x, gamma, running_mean, running_var, epsilon, dy, training):
        beta = None if gamma is None else numpy.zeros_like(gamma)
        layer = self.layer(x, gamma, beta, running_mean, running_var, epsilon).train(training)

        def function(x, *affine):
            if affine:
                layer.weight, layer.bias = affine
            return layer(x)

        values = [channels_last(x)] + ([layer.weight, layer.bias] if gamma is not None else [])
        _, (dx, *affine) = self.called(mx.vjp, function, values, [channels_last(dy)])
        return channels_second(dx), *(map(numpy.array, affine) if affine else (None, None))


if __name__ == "__main__":
    mx.set_default_device(mx.cpu)
    serve(MLX())
