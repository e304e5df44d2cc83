"""Writes ONNX's own batch-normalization cases as JSON: the node tests and the data of the models converted from PyTorch.

    python ci/subjects/export_onnx_cases.py > fixtures/external/onnx-batchnorm.json

Needs the onnx package. Tensors are base64 of little-endian float32, as in the subject protocol.
"""

import base64
import glob
import json
import os

import numpy
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases


def encoded(array):
    array = numpy.asarray(array)
    data = numpy.ascontiguousarray(array, "<f4")
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": base64.b64encode(data.tobytes()).decode()}


def case(name, origin, node, inputs, outputs):
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    return {
        "name": name,
        "origin": origin,
        "epsilon": attributes.get("epsilon", 1e-5),
        "momentum": attributes.get("momentum", 0.9),
        "training": bool(attributes.get("training_mode", 0)),
        "inputs": {key: encoded(value) for key, value in zip(
            ("x", "gamma", "beta", "running_mean", "running_var"), inputs, strict=True)},
        "outputs": {key: encoded(value) for key, value in zip(("y", "running_mean", "running_var"), outputs)},
    }


def node_cases():
    for test in collect_testcases("BatchNormalization"):
        graph = test.model.graph
        if len(graph.node) != 1 or graph.node[0].op_type != "BatchNormalization":
            continue
        inputs, outputs = test.data_sets[0]
        yield case(test.name, "onnx.backend.test.case.node", graph.node[0], inputs, outputs)


def loaded(path, kind):
    tensor = onnx.TensorProto()
    with open(path, "rb") as file:
        tensor.ParseFromString(file.read())
    return numpy_helper.to_array(tensor)


def converted_cases():
    folder = os.path.join(os.path.dirname(onnx.__file__), "backend", "test", "data", "pytorch-converted")
    for path in sorted(glob.glob(os.path.join(folder, "test_BatchNorm*_eval"))):
        graph = onnx.load(os.path.join(path, "model.onnx")).graph
        node = next(node for node in graph.node if node.op_type == "BatchNormalization")
        weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        data = os.path.join(path, "test_data_set_0")
        given = [name for name in (value.name for value in graph.input) if name not in weights]
        values = weights | {
            name: loaded(os.path.join(data, f"input_{i}.pb"), name) for i, name in enumerate(given)}
        output = loaded(os.path.join(data, "output_0.pb"), "y")
        name = os.path.basename(path)
        if output.ndim > 4:
            # [N, C, D, H, W] with the last two axes as one: the same channels and the same values.
            output = output.reshape(*output.shape[:3], -1)
            first = values[node.input[0]]
            values[node.input[0]] = first.reshape(*first.shape[:3], -1)
        yield case(name, "backend/test/data/pytorch-converted", node, [values[i] for i in node.input], [output])


if __name__ == "__main__":
    cases = list(node_cases()) + list(converted_cases())
    print(json.dumps({"origin": "onnx", "version": onnx.__version__, "license": "Apache-2.0", "cases": cases}, indent=1))
