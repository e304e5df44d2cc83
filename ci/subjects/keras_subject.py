"""Keras's batch normalization on the CPU, over PyTorch: the layer `keras.layers.BatchNormalization`, its gradients by autograd.

    normcheck conform -- python3 ci/subjects/keras_subject.py
"""

import os

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras  # noqa: E402  (the environment must stand first)
import numpy  # noqa: E402
import torch  # noqa: E402

from normcheck_subject import Differentiated, serve  # noqa: E402


class Keras(Differentiated):
    name = "keras"
    version = keras.__version__
    dtypes = ("float32",)
    conventions = {"running_variance": "biased", "momentum": "weight_of_old", "batch_of_one": "beta"}

    def layer(self, x, gamma, beta, mean, variance, epsilon, momentum=0.0):
        layer = keras.layers.BatchNormalization(
            axis=1, momentum=momentum, epsilon=epsilon, center=gamma is not None, scale=gamma is not None)
        layer.build(x.shape)
        if gamma is not None:
            layer.gamma.assign(gamma)
            layer.beta.assign(beta)
        if mean is not None:
            layer.moving_mean.assign(mean)
            layer.moving_variance.assign(variance)
        return layer

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        if momentum is None:
            # Keras has no cumulative mean: this is what its users do instead.
            momentum = batches_tracked / (batches_tracked + 1)
        layer = self.layer(x, gamma, beta, running_mean, running_var, epsilon, momentum)
        y = layer(torch.from_numpy(x), training=True).detach().numpy()
        if running_mean is None:
            return y, None, None
        return y, keras.ops.convert_to_numpy(layer.moving_mean), keras.ops.convert_to_numpy(layer.moving_variance)

    def forward_evaluation(self, x, gamma, beta, running_mean, running_var, epsilon):
        # The layer always tracks. Without running statistics it uses those of the batch, as its users do.
        layer = self.layer(x, gamma, beta, running_mean, running_var, epsilon)
        return layer(torch.from_numpy(x), training=running_mean is None).detach().numpy()

    def gradients(self, x, gamma, mean, variance, epsilon, dy, training):
        beta = None if gamma is None else numpy.zeros_like(gamma)
        layer = self.layer(x, gamma, beta, mean, variance, epsilon)
        input = torch.from_numpy(x).requires_grad_()
        layer(input, training=training).backward(torch.from_numpy(dy))
        if gamma is None:
            return input.grad.numpy(), None, None
        return input.grad.numpy(), layer.gamma.value.grad.numpy(), layer.beta.value.grad.numpy()


if __name__ == "__main__":
    torch.set_num_threads(1)
    serve(Keras())
