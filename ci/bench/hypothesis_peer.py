#!/usr/bin/env python3
"""Three laws of the catalogue in Hypothesis on PyTorch, timed per case: what `normcheck verify` is compared with.

Example: python3 ci/bench/hypothesis_peer.py 1000
Prints one line a law: id, cases, microseconds a case. Needs torch, numpy and hypothesis.
"""
import sys
import time

import torch
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

torch.set_num_threads(1)
CASES = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
COUNT = 0


@st.composite
def batches(draw):
    """x [m, channels], gamma, beta, epsilon: sizes and values as the generator of the catalogue draws them."""
    channels = draw(st.integers(1, 3))
    m = draw(st.one_of(st.integers(2, 8), st.sampled_from([5, 8, 16, 17, 32, 33, 64]), st.integers(2, 64)))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32 - 1)))
    ratio = draw(st.sampled_from([0.0, 1.0, 10.0, 100.0, 1000.0]))
    x = torch.rand(m, channels, generator=generator) * 4 - 2 + ratio
    gamma = torch.tensor(draw(st.lists(st.sampled_from([2.0, 1.0, -1.0, 0.5, -3.0]), min_size=channels, max_size=channels)))
    beta = torch.tensor(draw(st.lists(st.sampled_from([3.0, 0.0, -1.0, 0.5]), min_size=channels, max_size=channels)))
    return x, gamma, beta, draw(st.sampled_from([0.5, 1e-5, 1e-3]))


def forward(x, gamma, beta, epsilon):
    return torch.nn.functional.batch_norm(x, None, None, gamma, beta, True, 0.1, epsilon)


def tolerance(x, gamma, beta):
    scale = gamma.abs().max() * (x.abs().max() + 1) / x.std(0, correction=0).clamp(min=1e-3).min() + beta.abs().max()
    return float(scale) * (x.shape[0] + 8) * 2.0**-24


@given(batches())
def fwd_04(batch):
    global COUNT
    COUNT += 1
    x, gamma, beta, epsilon = batch
    difference = forward(2 * x, gamma, beta, epsilon) - forward(x, gamma, beta, epsilon / 4)
    assert float(difference.abs().max()) <= 2 * tolerance(x, gamma, beta)


@given(batches())
def grd_03(batch):
    global COUNT
    COUNT += 1
    x, gamma, beta, epsilon = batch
    x = x.requires_grad_()
    g = torch.linspace(-1, 1, x.numel()).reshape(x.shape) ** 3
    (dx,) = torch.autograd.grad(forward(x, gamma, beta, epsilon), x, g)
    slack = tolerance(x.detach(), gamma, beta) * x.shape[0] * float(g.abs().max()) / epsilon**0.5
    assert float(dx.sum(0).abs().max()) <= slack


@given(batches())
def bat_01(batch):
    global COUNT
    COUNT += 1
    x, gamma, beta, epsilon = batch
    twice = forward(torch.cat([x, x]), gamma, beta, epsilon)[: x.shape[0]]
    assert float((twice - forward(x, gamma, beta, epsilon)).abs().max()) <= 2 * tolerance(x, gamma, beta)


for name, law in [("FWD-04", fwd_04), ("GRD-03", grd_03), ("BAT-01", bat_01)]:
    run = settings(
        max_examples=CASES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck))(law)
    COUNT = 0
    start = time.perf_counter()
    run()
    elapsed = time.perf_counter() - start
    print(f"{name} {COUNT} cases {1e6 * elapsed / COUNT:.1f} us a case", flush=True)
