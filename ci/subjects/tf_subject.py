"""TensorFlow's batch normalization on the CPU, executed eagerly; gradients by GradientTape.

    normcheck conform -- python3 ci/subjects/tf_subject.py --api tf.nn
    normcheck conform -- python3 ci/subjects/tf_subject.py --api fused_batch_norm

tf.nn is `tf.nn.moments` and `tf.nn.batch_normalization`; its users write the running averages themselves. fused_batch_norm
is `tf.compat.v1.nn.fused_batch_norm`, of float32 with four axes: other layouts get axes of length 1. Channels come last.
"""

import argparse
import os

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy  # noqa: E402  (the environment must stand first)
import tensorflow as tf  # noqa: E402

from normcheck_subject import Differentiated, serve  # noqa: E402


def channels_last(array):
    return tf.constant(numpy.moveaxis(array, 1, -1))


def channels_second(value):
    return numpy.moveaxis(value.numpy(), -1, 1)


class TensorFlow(Differentiated):
    """What both have: `normalized` gives y, running mean and running variance; the last two are None if there are none."""

    version = tf.__version__

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        if momentum is None:
            # TensorFlow has no cumulative mean: this is what its users do instead.
            new = 1 / (batches_tracked + 1)
            momentum = new if self.conventions["momentum"] == "weight_of_new" else 1 - new
        y, mean, variance = self.normalized(
            channels_last(x), gamma, beta, running_mean, running_var, epsilon, momentum, True)
        if running_mean is None:
            return channels_second(y), None, None
        return channels_second(y), mean.numpy(), variance.numpy()

    def forward_evaluation(self, x, gamma, beta, running_mean, running_var, epsilon):
        y, _, _ = self.normalized(channels_last(x), gamma, beta, running_mean, running_var, epsilon, None, False)
        return channels_second(y)

    def gradients(self, x, gamma, mean, variance, epsilon, dy, training):
        x, affine = channels_last(x), []
        if gamma is not None:
            affine = [tf.constant(gamma), tf.constant(numpy.zeros_like(gamma))]
        with tf.GradientTape() as tape:
            tape.watch([x] + affine)
            y, _, _ = self.normalized(x, *(affine or (None, None)), mean, variance, epsilon, None, training)
        dx, *parameters = tape.gradient(y, [x] + affine, output_gradients=channels_last(dy))
        return (channels_second(dx),) + (tuple(p.numpy() for p in parameters) if parameters else (None, None))


class Functions(TensorFlow):
    name = "tf.nn"
    conventions = {"running_variance": "biased", "momentum": "weight_of_old", "batch_of_one": "beta"}

    def normalized(self, x, gamma, beta, mean, variance, epsilon, momentum, training):
        if not training:
            return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon), None, None
        batch_mean, batch_variance = tf.nn.moments(x, list(range(x.ndim - 1)))
        y = tf.nn.batch_normalization(x, batch_mean, batch_variance, beta, gamma, epsilon)
        if mean is None or momentum is None:
            return y, None, None
        # As Keras does it.
        return y, *(old - (old - new) * (1 - momentum) for old, new in ((mean, batch_mean), (variance, batch_variance)))


class Fused(TensorFlow):
    name = "tf-fused_batch_norm"
    dtypes = ("float32",)
    conventions = {"running_variance": "unbiased", "momentum": "weight_of_new", "batch_of_one": "beta"}

    def normalized(self, x, gamma, beta, mean, variance, epsilon, momentum, training):
        channels, shape = x.shape[-1], x.shape
        while x.ndim < 4:
            x = tf.expand_dims(x, 1)
        gamma = numpy.ones(channels, numpy.float32) if gamma is None else gamma
        beta = numpy.zeros(channels, numpy.float32) if beta is None else beta
        options = {} if mean is None else {"mean": mean, "variance": variance}
        if training and mean is not None:
            options["exponential_avg_factor"] = momentum
        y, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            x, gamma, beta, epsilon=epsilon, is_training=training, **options)
        return tf.reshape(y, shape), mean, variance


APIS = {"tf.nn": Functions, "fused_batch_norm": Fused}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api", choices=APIS, default="tf.nn")
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    serve(APIS[parser.parse_args().api]())
