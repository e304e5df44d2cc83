"""Conversations with subjects over a pipe: python3 ci/subjects/test_protocol.py

Needs Python 3.8 or later and NumPy; no normcheck.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import unittest
import warnings

import numpy

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "right"))

import normcheck_subject  # noqa: E402  (the path must stand first)
import right  # noqa: E402


def tensor(values, dtype="float32"):
    array = numpy.asarray(values, dtype)
    data = base64.b64encode(array.astype(array.dtype.newbyteorder("<")).tobytes()).decode()
    return {"dtype": dtype, "shape": list(array.shape), "data": data}


def array(value):
    data = numpy.frombuffer(base64.b64decode(value["data"]), numpy.dtype(value["dtype"]).newbyteorder("<"))
    return data.reshape(value["shape"])


X = [[1.0, -8.0], [2.0, 0.0], [3.0, 8.0]]
CALL = {"x": tensor(X), "gamma": tensor([2, 1]), "beta": tensor([3, 0]), "epsilon": 1e-5}
RUNNING = {"running_mean": tensor([0, 0]), "running_var": tensor([1, 1])}


class Conversation(unittest.TestCase):
    def talk(self, command, *requests):
        """Asks a process; the responses, in the order of the requests."""
        lines = "".join(
            json.dumps({"id": i, "method": method, "params": params}) + "\n" for i, (method, params) in enumerate(requests))
        # A locale without UTF-8: the protocol must not depend on it.
        run = subprocess.run(
            [sys.executable] + command, input=lines.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
            env=dict(os.environ, LC_ALL="C", PYTHONPATH=FOLDER))
        responses = [json.loads(line) for line in run.stdout.decode().splitlines()]
        self.assertEqual([response["id"] for response in responses], list(range(len(requests))), run.stderr.decode())
        return responses

    def example(self, *requests):
        return self.talk([os.path.join(FOLDER, "numpy_subject.py")], *requests)

    def written(self, body, *requests):
        """A subject that the test writes."""
        text = "import numpy\nfrom normcheck_subject import Refused, serve\n\nclass Mine:\n    name = 'mine'\n" + body
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "mine.py")
            with open(path, "w") as file:
                file.write(text + "\nserve(Mine())\n")
            return self.talk([path], *requests)


class Example(Conversation):
    def test_describes_itself(self):
        result = self.example(("describe", {"protocol": 1}))[0]["result"]
        self.assertEqual((result["protocol"], result["name"]), (1, "numpy"))
        self.assertEqual(len(result["methods"]), 4)

    def test_training_gives_y_and_the_updated_state(self):
        result = self.example(("forward_training", dict(CALL, **RUNNING, momentum=0.5)))[0]["result"]
        x = numpy.array(X)
        y = (x - x.mean(0)) / numpy.sqrt(x.var(0) + 1e-5) * [2, 1] + [3, 0]
        numpy.testing.assert_allclose(array(result["y"]), y, rtol=1e-6)
        numpy.testing.assert_allclose(array(result["running_mean"]), [1, 0])
        numpy.testing.assert_allclose(array(result["running_var"]), (1 + x.var(0, ddof=1)) / 2)

    def test_momentum_null_is_the_plain_mean(self):
        call = dict(CALL, **RUNNING, momentum=None, batches_tracked=1)
        numpy.testing.assert_allclose(array(self.example(("forward_training", call))[0]["result"]["running_mean"]), [1, 0])

    def test_an_untracked_layer_has_no_state(self):
        call = dict(CALL, running_mean=None, running_var=None, momentum=0.5)
        result = self.example(("forward_training", call))[0]["result"]
        self.assertEqual((result["running_mean"], result["running_var"]), (None, None))

    def test_whole_numbers_come_without_a_point(self):
        result = self.example(("forward_training", dict(CALL, **RUNNING, momentum=1, epsilon=16)))[0]["result"]
        numpy.testing.assert_allclose(array(result["running_mean"]), [2, 0])

    def test_float64_and_planes_keep_type_and_shape(self):
        x = tensor(numpy.arange(24).reshape(2, 3, 2, 2), "float64")
        call = {"x": x, "gamma": None, "beta": None, "epsilon": 1e-5, "dy": x}
        result = self.example(("backward_training", call))[0]["result"]
        self.assertEqual((result["dx"]["dtype"], result["dx"]["shape"]), ("float64", [2, 3, 2, 2]))
        self.assertEqual((result["dgamma"], result["dbeta"]), (None, None))

    def test_both_gradients_answer(self):
        training, evaluation = self.example(
            ("backward_training", dict(CALL, dy=tensor(X))), ("backward_evaluation", dict(CALL, **RUNNING, dy=tensor(X))))
        numpy.testing.assert_allclose(array(training["result"]["dbeta"]), [6, 0])
        numpy.testing.assert_allclose(array(evaluation["result"]["dx"]), numpy.array(X) * [2, 1], rtol=1e-4)

    def test_too_few_values_and_wrong_channels_are_refused(self):
        calls = [dict(CALL, x=tensor(numpy.zeros((n, 2)))) for n in (0, 1)] + [dict(CALL, gamma=tensor([2]))]
        codes = [r["error"]["code"] for r in self.example(*[("forward_training", call) for call in calls])]
        self.assertEqual(codes, ["invalid_argument"] * 3)

    def test_not_a_number_and_infinities_travel_exactly(self):
        x = tensor([[numpy.nan, 1], [numpy.inf, -0.0]])
        y = array(self.example(("forward_evaluation", dict(CALL, **RUNNING, x=x)))[0]["result"]["y"])
        self.assertTrue(numpy.isnan(y[0, 0]) and numpy.isposinf(y[1, 0]) and numpy.isfinite(y[:, 1]).all())


class Mistakes(Conversation):
    def test_conventions_and_version_may_be_left_out(self):
        result = self.written("    def forward_evaluation(self, *values): pass", ("describe", {"protocol": 1}))[0]["result"]
        self.assertEqual((result["conventions"], result["version"], result["methods"]), ({}, "", ["forward_evaluation"]))

    def test_too_few_results_are_told_with_their_names(self):
        error = self.written("    def forward_training(self, x, *rest): return x, None", ("forward_training", CALL))[0]["error"]
        self.assertEqual(
            (error["code"], error["message"]),
            ("internal",
             "TypeError: forward_training gave 2 results; expected 3: y, running_mean, running_var"))

    def test_another_element_type_is_told(self):
        error = self.written(
            "    def forward_evaluation(self, x, *rest): return x.astype('float16')", ("forward_evaluation", CALL))[0]["error"]
        self.assertIn("y has the element type float16", error["message"])

    def test_what_is_left_out_is_unsupported(self):
        error = self.written("    def forward_evaluation(self, x, *rest): return x", ("backward_training", CALL))[0]["error"]
        self.assertEqual(error["code"], "unsupported")

    def test_what_a_library_prints_does_not_come_between(self):
        result = self.written(
            "    def forward_evaluation(self, x, *rest):\n        print('noise', flush=True)\n        return x",
            ("forward_evaluation", CALL), ("describe", {}))
        self.assertIn("result", result[1])


class Others(Conversation):
    """Every correct implementation answers; the wrong ones are wrong in the way that they describe."""

    def of(self, *parts):
        return [os.path.join(FOLDER, parts[0], parts[1])] + list(parts[2:])

    def test_every_right_implementation_agrees_with_double(self):
        x = numpy.random.RandomState(0).uniform(-3, 3, (4, 5, 3))
        y = (x - x.mean((0, 2), keepdims=True)) / numpy.sqrt(x.var((0, 2), keepdims=True) + 0.5)
        state = {"running_mean": tensor(numpy.zeros(5)), "running_var": tensor(numpy.ones(5))}
        call = dict(state, x=tensor(x), gamma=None, beta=None, epsilon=0.5, momentum=0.25)
        self.assertGreaterEqual(len(right.VARIANTS), 20)
        for name, variant in right.VARIANTS.items():
            with self.subTest(name):
                method = "forward_training" if hasattr(variant, "forward_training") else "forward_evaluation"
                result = normcheck_subject.answer(variant(), method, call)
                expected = y if method == "forward_training" else x / numpy.sqrt(1.5)
                numpy.testing.assert_allclose(array(result["y"]), expected, atol=2e-6)

    def test_right_implementations_do_what_they_declare(self):
        for name, variant in right.VARIANTS.items():
            if not hasattr(variant, "forward_training"):
                continue
            with self.subTest(name):
                policies, subject = variant.policies, variant()
                self.assertEqual(self.batch_of_one(subject), policies["batch_of_one"])
                self.assertEqual({self.empty_batch(subject, shape) for shape in ((0, 2), (3, 2, 0))}, {policies["empty_batch"]})
                weights = [0.0, 1.0] if policies["momentum"] == "weight_of_new" else [1.0, 0.0]
                if policies["momentum_domain"] == "open":
                    for weight in weights:
                        self.assertEqual(self.trained(subject, X, momentum=weight), "refused")
                    continue
                left = self.trained(subject, [[numpy.nan, 0], [1, 1]], momentum=weights[0])[1]
                self.assertEqual("spreads" if numpy.isnan(left[0]) else "kept", policies["nan_at_weight_zero"])
                self.assertEqual(left[1], 0)
                replaced = self.trained(subject, X, momentum=weights[1])
                self.assertEqual(list(replaced[1]), [2, 0])
                variance = 128 / 3 if policies["running_variance"] == "biased" else 64
                self.assertAlmostEqual(replaced[2][1], variance, places=4)
                cumulative = self.trained(subject, X, momentum=None)
                self.assertEqual("no" if cumulative == "refused" else "yes", policies["cumulative"])

    def trained(self, subject, x, **options):
        """y, mean and variance, or the word refused."""
        call = dict(CALL, **RUNNING)
        call.update(dict(x=tensor(x), momentum=0.5, batches_tracked=0), **options)
        with numpy.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                result = normcheck_subject.answer(subject, "forward_training", call)
            except (normcheck_subject.Refused, NotImplementedError):
                return "refused"
        return [None if result[key] is None else array(result[key]) for key in ("y", "running_mean", "running_var")]

    def batch_of_one(self, subject):
        tracked = self.trained(subject, [[7, 8]])
        untracked = self.trained(subject, [[7, 8]], running_mean=None, running_var=None)
        if tracked == "refused":
            return "error" if untracked == "refused" else "error_when_tracking"
        return {(7, 8): "input", (3, 0): "beta"}.get(tuple(tracked[0][0]))

    def empty_batch(self, subject, shape):
        answer = self.trained(subject, numpy.zeros(shape))
        if answer == "refused":
            return "error"
        self.assertEqual(answer[0].shape, shape)
        return "nan" if numpy.isnan(answer[1]).all() else "empty" if list(answer[1]) == [0, 0] else None

    def test_the_first_call_is_wrong_once(self):
        first, second = self.talk(self.of("wrong", "first_call.py"), *[("forward_training", CALL)] * 2)
        self.assertNotEqual(first["result"]["y"], second["result"]["y"])
        self.assertEqual(second["result"], self.example(("forward_training", CALL))[0]["result"])

    def test_stale_buffers_are_right_at_first_and_where_the_layer_tracks(self):
        tracked = ("forward_training", dict(CALL, **RUNNING, momentum=0.5))
        answers = self.talk(self.of("wrong", "stale_buffers.py"), *[("forward_training", CALL)] * 2 + [tracked])
        right = self.example(("forward_training", CALL), tracked)
        numpy.testing.assert_allclose(array(answers[0]["result"]["y"]), array(right[0]["result"]["y"]), rtol=1e-5)
        self.assertGreater(abs(array(answers[1]["result"]["y"]) - array(right[0]["result"]["y"])).max(), 0.1)
        self.assertEqual(answers[2]["result"], right[1]["result"])

    def test_a_race_is_rare_and_changes_one_value(self):
        right = array(self.example(("forward_training", CALL))[0]["result"]["y"])
        answers = self.talk(self.of("wrong", "race.py", "--one-in", "20"), *[("forward_training", CALL)] * 400)
        wrong = [numpy.count_nonzero(array(answer["result"]["y"]) != right) for answer in answers]
        self.assertTrue(1 <= sum(map(bool, wrong)) <= 100)  # 20 on average; none with a probability of 1e-9
        self.assertEqual(max(wrong), 1)

    def test_a_broken_adapter_tells_its_exception(self):
        error = self.talk(self.of("wrong", "silent.py"), ("forward_training", CALL))[0]["error"]
        self.assertEqual((error["code"], error["message"]), ("internal", "AssertionError: CPU=1 is deprecated"))


if __name__ == "__main__":
    unittest.main()
