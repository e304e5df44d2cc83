"""PyTorch's batch normalization on the CPU: training, evaluation, and both backward passes by autograd.

    normcheck conform -- python3 ci/subjects/pytorch_subject.py
    normcheck conform --layout NCHW -- python3 ci/subjects/pytorch_subject.py --channels-last
"""

import argparse

import torch

from normcheck_subject import Differentiated, Refused, serve


def tensor(array):
    return None if array is None else torch.from_numpy(array)


def array(value):
    return None if value is None else value.detach().numpy()


class PyTorch(Differentiated):
    version = torch.__version__
    conventions = {"running_variance": "unbiased", "momentum": "weight_of_new", "batch_of_one": "error"}

    def __init__(self, memory_format=torch.contiguous_format):
        self.memory_format = memory_format
        self.name = "pytorch"
        if memory_format == torch.channels_last:
            # Only images have this order in memory.
            self.name, self.layouts = "pytorch-channels-last", ("NCHW",)

    def normalize(self, x, gamma, beta, mean, variance, training, momentum, epsilon):
        try:
            return torch.nn.functional.batch_norm(
                x, mean, variance, gamma, beta, training=training, momentum=momentum, eps=epsilon)
        except ValueError as error:
            raise Refused(str(error))

    def input(self, x):
        return tensor(x).contiguous(memory_format=self.memory_format)

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        if running_mean is None:
            momentum = 0.0
        elif momentum is None:
            # As the module does it.
            momentum = 1 / (batches_tracked + 1)
        mean, variance = tensor(running_mean), tensor(running_var)
        y = self.normalize(self.input(x), tensor(gamma), tensor(beta), mean, variance, True, momentum, epsilon)
        return array(y), array(mean), array(variance)

    def forward_evaluation(self, x, gamma, beta, running_mean, running_var, epsilon):
        return array(
            self.normalize(
                self.input(x), tensor(gamma), tensor(beta), tensor(running_mean), tensor(running_var), False, 0.0,
                epsilon))

    def gradients(self, x, gamma, running_mean, running_var, epsilon, dy, training):
        mean, variance = tensor(running_mean), tensor(running_var)
        x = self.input(x).requires_grad_()
        gamma = None if gamma is None else tensor(gamma).requires_grad_()
        beta = None if gamma is None else torch.zeros_like(gamma).requires_grad_()
        y = self.normalize(x, gamma, beta, mean, variance, training, 0.0, epsilon)
        y.backward(self.input(dy))
        if gamma is None:
            return array(x.grad), None, None
        return array(x.grad), array(gamma.grad), array(beta.grad)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--channels-last", action="store_true", help="NCHW with the channels last in memory")
    options = parser.parse_args()
    torch.set_num_threads(1)
    serve(PyTorch(torch.channels_last if options.channels_last else torch.contiguous_format))
