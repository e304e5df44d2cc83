"""ONNX Runtime's BatchNormalization, operator set 15, on the CPU: training mode and evaluation.

    normcheck conform -- python3 ci/subjects/onnxruntime_subject.py

ε and momentum are float32 attributes of the operator. For float32 tensors their rounding stays within the bounds for sums
in the element type. For float64 tensors it would look like an error of the kernel, which it is not. So float64 is not
offered.

With --empty-outputs the model has no outputs for the statistics ("") if nothing is tracked, as the operator allows.
"""

import argparse
import functools

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper

from normcheck_subject import serve


@functools.lru_cache(maxsize=256)
def session(outputs, epsilon, momentum):
    """A model of the one operator; its attributes are part of the model."""
    node = helper.make_node(
        "BatchNormalization", ["x", "gamma", "beta", "running_mean", "running_var"], outputs,
        epsilon=epsilon, momentum=momentum, training_mode=int(len(outputs) > 1))
    def value(name):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
    graph = helper.make_graph([node], "batch_norm", [value(name) for name in node.input], [value(name) for name in outputs if name])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"])


class ONNXRuntime:
    name = "onnxruntime"
    version = onnxruntime.__version__
    dtypes = ("float32",)
    conventions = {"running_variance": "biased", "momentum": "weight_of_old", "batch_of_one": "beta"}

    def __init__(self, empty_outputs):
        self.empty_outputs = empty_outputs

    def outputs(self, tracks):
        if self.empty_outputs and not tracks:
            return ("y", "", "")
        return ("y", "running_mean_out", "running_var_out")

    def run(self, outputs, epsilon, momentum, x, gamma, beta, mean, variance):
        channels = x.shape[1]
        inputs = {
            "x": x,
            "gamma": numpy.ones(channels, x.dtype) if gamma is None else gamma,
            "beta": numpy.zeros(channels, x.dtype) if beta is None else beta,
            "running_mean": numpy.zeros(channels, x.dtype) if mean is None else mean,
            "running_var": numpy.ones(channels, x.dtype) if variance is None else variance,
        }
        return session(outputs, epsilon, momentum).run(None, inputs)

    def forward_training(self, x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked):
        if momentum is None:
            # ONNX has no cumulative mean; its users compute the weight of the old value themselves.
            momentum = batches_tracked / (batches_tracked + 1)
        outputs = self.outputs(running_mean is not None)
        answer = self.run(outputs, epsilon, momentum, x, gamma, beta, running_mean, running_var)
        return (answer[0], None, None) if running_mean is None else tuple(answer)

    def forward_evaluation(self, x, gamma, beta, running_mean, running_var, epsilon):
        return self.run(("y",), epsilon, 0.0, x, gamma, beta, running_mean, running_var)[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--empty-outputs", action="store_true", help="no outputs for the statistics if nothing is tracked")
    serve(ONNXRuntime(parser.parse_args().empty_outputs))
