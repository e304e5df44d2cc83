"""The subject protocol of normcheck, version 1: newline-delimited JSON on standard input and output.

Needs Python 3.8 or later, and NumPy. A subject is a class with up to four methods, named as in the protocol. Methods that it does
not have are reported as not offered:

    forward_training(x, gamma, beta, running_mean, running_var, epsilon, momentum, batches_tracked)
        -> y, running_mean, running_var          (both None if the arguments were None)
    forward_evaluation(x, gamma, beta, running_mean, running_var, epsilon) -> y
    backward_training(x, gamma, beta, epsilon, dy) -> dx, dgamma, dbeta
    backward_evaluation(x, gamma, running_mean, running_var, epsilon, dy) -> dx, dgamma, dbeta

Tensors are NumPy arrays of float32 or float64, [N, C], [N, C, L] or [N, C, H, W]. The method may overwrite them; results have the
element type of x. gamma and beta are None if the layer is not affine, running_mean and running_var if it does not track, momentum
if the mean is cumulative. Raise `Refused` for arguments that the implementation refuses (for example, a batch with one value in
each channel), NotImplementedError for a mode that it does not have. Any other exception is an error of the subject.

Attributes of the class, all optional except the name:

    name                    letters, digits and -_.+, at most 60
    version                 any text
    dtypes                  default ("float32", "float64")
    layouts                 default ("NC", "NCL", "NCHW")
    conventions             a dictionary; declared choices are tested, others are inferred from a few probes

        running_variance    "unbiased" | "biased"
        momentum            "weight_of_new" | "weight_of_old"
        batch_of_one        "error" | "beta" | "input" | "error_when_tracking"
        empty_batch         "error" | "empty" | "nan"
        nan_at_weight_zero  "kept" | "spreads"
        momentum_domain     "closed" | "open"
        subnormals          "kept" | "flushed"
        debias              "none" | "zero_debias"
        epsilon_type        "double" | "float32"
        batch_invariance    "bitwise" | "within_bound"
        cumulative          "yes" | "no"

README.md, next to this file, explains each word and everything that is asked.
"""

import base64
import json
import os
import sys
import traceback

import numpy

PARAMETERS = {
    "forward_training": (
        "x", "gamma", "beta", "running_mean", "running_var", "epsilon", "momentum", "batches_tracked"),
    "forward_evaluation": ("x", "gamma", "beta", "running_mean", "running_var", "epsilon"),
    "backward_training": ("x", "gamma", "beta", "epsilon", "dy"),
    "backward_evaluation": ("x", "gamma", "running_mean", "running_var", "epsilon", "dy"),
}
DTYPES = {"float32": numpy.dtype("<f4"), "float64": numpy.dtype("<f8")}
RESULTS = {
    "forward_training": ("y", "running_mean", "running_var"),
    "forward_evaluation": ("y",),
    "backward_training": ("dx", "dgamma", "dbeta"),
    "backward_evaluation": ("dx", "dgamma", "dbeta"),
}


class Refused(Exception):
    """The subject refuses the arguments."""


class Differentiated:
    """Both backward passes in one method: gradients(x, gamma, running_mean, running_var, epsilon, dy, training)."""

    def backward_training(self, x, gamma, beta, epsilon, dy):
        return self.gradients(x, gamma, None, None, epsilon, dy, True)

    def backward_evaluation(self, x, gamma, running_mean, running_var, epsilon, dy):
        return self.gradients(x, gamma, running_mean, running_var, epsilon, dy, False)


def decoded(name, value):
    """A tensor as a new array; ε and momentum as floats, because JSON may write 16.0 as 16."""
    if name in ("epsilon", "momentum") and value is not None:
        return float(value)
    if not isinstance(value, dict):
        return value
    array = numpy.frombuffer(base64.b64decode(value["data"]), dtype=DTYPES[value["dtype"]])
    return array.reshape(value["shape"]).copy()


def encoded(name, array):
    if array is None:
        return None
    array = numpy.asarray(array)
    if array.dtype.name not in DTYPES:
        raise TypeError(f"{name} has the element type {array.dtype.name}; expected {' or '.join(DTYPES)}")
    data = numpy.ascontiguousarray(array, dtype=DTYPES[array.dtype.name])
    return {
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "data": base64.b64encode(data.tobytes()).decode("ascii"),
    }


def description(subject):
    return {
        "protocol": 1,
        "name": subject.name,
        "version": getattr(subject, "version", ""),
        "dtypes": list(getattr(subject, "dtypes", DTYPES)),
        "layouts": list(getattr(subject, "layouts", ("NC", "NCL", "NCHW"))),
        "methods": [method for method in PARAMETERS if hasattr(subject, method)],
        "conventions": getattr(subject, "conventions", {}),
    }


def answer(subject, method, params):
    """The result of one request."""
    if method == "describe":
        return description(subject)
    if method not in PARAMETERS or not hasattr(subject, method):
        raise NotImplementedError(f"no method {method}")
    values = getattr(subject, method)(*(decoded(name, params.get(name)) for name in PARAMETERS[method]))
    values = values if isinstance(values, (tuple, list)) else (values,)
    names = RESULTS[method]
    if len(values) != len(names):
        raise TypeError(f"{method} gave {len(values)} results; expected {len(names)}: {', '.join(names)}")
    return {name: encoded(name, value) for name, value in zip(names, values)}


def serve(subject):
    """Answers requests until the end of input."""
    # Output of libraries must not mix with the answers: file descriptor 1 becomes standard error.
    output = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    # Bytes, not text: JSON is UTF-8 in every locale.
    for line in sys.stdin.buffer:
        request = json.loads(line)
        response = {"id": request["id"]}
        try:
            response["result"] = answer(subject, request["method"], request["params"])
        except Refused as refusal:
            response["error"] = {"code": "invalid_argument", "message": str(refusal)}
        except NotImplementedError as refusal:
            response["error"] = {"code": "unsupported", "message": str(refusal)}
        except Exception as error:
            traceback.print_exc()
            response["error"] = {"code": "internal", "message": f"{type(error).__name__}: {error}"}
        output.write(json.dumps(response) + "\n")
