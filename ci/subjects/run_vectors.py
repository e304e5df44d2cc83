"""Runs normcheck's test vectors on NumPy and PyTorch, from the JSON alone: python3 ci/subjects/run_vectors.py [FOLDER]

Status 1 if a vector fails. Of the `convention` vectors only those of PyTorch's random stream are judged; the others are normcheck's own bits.
"""
import json
import pathlib
import sys
from collections import Counter

import numpy
import torch
import torch_vectors
from normcheck_subject import PARAMETERS, RESULTS, Refused
from numpy_subject import NumPy
from pytorch_subject import PyTorch


def value(json, dtype):
    """A tensor as an array, a number as a float, everything else unchanged."""
    if not isinstance(json, dict):
        return [value(one, dtype) for one in json] if isinstance(json, list) else json
    if "shape" in json:
        return numpy.array([float.fromhex(text) for text in json["hex"]], dtype).reshape(json["shape"])
    return float.fromhex(json["hex"]) if "hex" in json else {name: value(one, dtype) for name, one in json.items()}


def answers(subject, operation, inputs, dtype):
    """Outputs by name; None for an operation that the subject does not have."""
    if operation in PARAMETERS:
        with numpy.errstate(all="ignore"):
            values = getattr(subject, operation)(*(inputs[name] for name in PARAMETERS[operation]))
        return dict(zip(RESULTS[operation], values if isinstance(values, tuple) else (values,)))
    known = torch_vectors.OPERATIONS if isinstance(subject, PyTorch) else {}
    return known[operation](inputs, getattr(torch, dtype)) if operation in known else None


def difference(observed, expected, dtype):
    """What is wrong with one output, or None."""
    if isinstance(expected, list):  # counts, orders
        return None if list(observed) == expected else f"{observed}, not {expected}"
    exact = numpy.array([float.fromhex(text) for text in expected["hex"]])
    bound = [0.0] * exact.size if "match" in expected else expected["bounds"].get(dtype)
    found = numpy.asarray(observed, numpy.float64).reshape(-1)
    if bound is None or found.size != exact.size:
        return bound is not None and f"{found.size} values, not {exact.size}"
    with numpy.errstate(invalid="ignore"):
        right = (found == exact) | (abs(found - exact) <= bound) | (numpy.isnan(found) & numpy.isnan(exact))
    i = int(numpy.argmin(right))
    return None if right.all() else f"[{i}] {found[i]}, not {exact[i]} ± {bound[i]}"


def verdict(subject, group, test, dtype):
    """None if the test does not apply to the subject; otherwise what is wrong, "" for nothing."""
    stream = group["operation"] in ("initial_state", "epoch_orders") and dtype == "float32"
    if group["convention"].items() - subject.conventions.items() or (test["result"] == "convention" and not stream):
        return None
    try:
        found = answers(subject, group["operation"], value(group["shared"] | test["inputs"], dtype), dtype)
    except (Refused, ValueError) as error:
        return "" if test["result"] == "invalid" else f"refused: {error}"
    if found is None or test["result"] == "invalid":
        return found and "answered, where it is to refuse"
    wrong = ((n, difference(found[n], e, dtype)) for n, e in test["outputs"].items() if found.get(n) is not None)
    return next((f"{name}: {text}" for name, text in wrong if text), "")


failed, folder = 0, pathlib.Path(sys.argv[1] if sys.argv[1:] else pathlib.Path(__file__).parents[2] / "fixtures/vectors")
for subject, dtype in ((s, d) for s in (NumPy(), PyTorch()) for d in ("float32", "float64")):
    counts = Counter()
    for path in sorted(folder.glob("*.json")):
        for group, test in ((g, t) for g in json.loads(path.read_text("utf-8"))["groups"] for t in g["tests"]):
            wrong = verdict(subject, group, test, dtype)
            counts["not judged" if wrong is None else "failed" if wrong else "passed"] += 1
            if wrong:
                print(f"{subject.name} {dtype}: {test['id']} ({test['comment']}): {wrong}")
    print(f"{subject.name} {dtype}: " + ", ".join(f"{counts[k]} {k}" for k in ("passed", "failed", "not judged")))
    failed += counts["failed"]
sys.exit(failed > 0)
