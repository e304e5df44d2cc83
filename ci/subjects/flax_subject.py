"""Flax's batch normalization on the CPU: the layer `flax.linen.BatchNorm` under `jax.jit`, its gradients by `jax.vjp`.

    normcheck conform -- python3 ci/subjects/flax_subject.py
    normcheck conform -- python3 ci/subjects/flax_subject.py --two-pass

By default Flax computes the variance in one pass, as E[x²] − E[x]²; --two-pass is `use_fast_variance=False`. Every new shape is
compiled, so this subject takes minutes, and others take seconds.
"""

import argparse
import os

os.environ["JAX_PLATFORMS"] = "cpu"

import flax  # noqa: E402  (the environment must stand first)
import flax.linen as nn  # noqa: E402
import jax  # noqa: E402
import numpy  # noqa: E402

from normcheck_subject import Differentiated, serve  # noqa: E402


class Flax(Differentiated):
    version = flax.__version__
    dtypes = ("float32",)
    conventions = {"running_variance": "biased", "momentum": "weight_of_old", "batch_of_one": "beta"}

    def __init__(self, is_fast):
        self.is_fast = is_fast
        self.name = "flax" if is_fast else "flax-two-pass"
        self.forward = jax.jit(self.applied, static_argnames="training")
        self.backward = jax.jit(self.pulled, static_argnames="training")

    def applied(self, variables, x, epsilon, momentum, training):
        is_affine = bool(variables["params"])
        layer = nn.BatchNorm(
            use_running_average=not training, axis=1, momentum=momentum, epsilon=epsilon, use_bias=is_affine,
            use_scale=is_affine, use_fast_variance=self.is_fast)
        y, changed = layer.apply(variables, x, mutable=["batch_stats"])
        return y, changed["batch_stats"]

    def pulled(self, variables, x, epsilon, dy, training):
        def function(x, affine):
            return self.applied({**variables, "params": affine}, x, epsilon, 0.0, training)[0]

        return jax.vjp(function, x, variables["params"])[1](dy)

    def variables(self, x, gamma, beta, mean, variance):
        if mean is None:
            # The layer always tracks; the stored values are not asked for here.
            mean, variance = numpy.zeros(x.shape[1], x.dtype), numpy.ones(x.shape[1], x.dtype)
        affine = {} if gamma is None else {"scale": gamma, "bias": beta}
        return {"batch_stats": {"mean": mean, "var": variance}, "params": affine}

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        if momentum is None:
            # Flax has no cumulative mean: this is what its users do instead.
            momentum = batches_tracked / (batches_tracked + 1)
        variables = self.variables(x, gamma, beta, running_mean, running_var)
        y, statistics = self.forward(variables, x, epsilon, momentum, training=True)
        if running_mean is None:
            return y, None, None
        return y, statistics["mean"], statistics["var"]

    def forward_evaluation(self, x, gamma, beta, running_mean, running_var, epsilon):
        variables = self.variables(x, gamma, beta, running_mean, running_var)
        # Without running statistics the layer uses those of the batch, as its users do.
        return self.forward(variables, x, epsilon, 0.0, training=running_mean is None)[0]

    def gradients(self, x, gamma, mean, variance, epsilon, dy, training):
        beta = None if gamma is None else numpy.zeros_like(gamma)
        dx, affine = self.backward(self.variables(x, gamma, beta, mean, variance), x, epsilon, dy, training=training)
        return dx, affine.get("scale"), affine.get("bias")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--two-pass", action="store_true", help="the variance as the mean of squared deviations")
    serve(Flax(not parser.parse_args().two_pass))
