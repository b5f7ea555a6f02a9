"""Optimizers beside torch's, step by step."""

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

import solutions
from solutions import optim

SHAPES = {"weight": (3, 4), "bias": (3,), "scale": ()}
SGD = [
    {"momentum": m, "dampening": d, "weight_decay": w, "nesterov": n, "maximize": x}
    for m, d, w, n, x in product(
        [0.0, 0.9], [0.0, 0.3], [0.0, 0.1], [False, True], [False, True]
    )
    if not n or (m and not d)
]
ADAM = [
    {"betas": b, "eps": e, "weight_decay": w, "amsgrad": a, "maximize": x}
    for b, e, w, a, x in product(
        [(0.9, 0.999), (0.5, 0.8)],
        [1e-8, 0.1],
        [0.0, 0.1],
        [False, True],
        [False, True],
    )
]
OPTIONS: list[tuple[str, dict[str, Any]]] = [
    *(("SGD", options) for options in [{}, *SGD]),
    *(("Adam", options) for options in [{}, *ADAM, {"betas": (0.0, 0.0)}]),
    *(("Adam", {"decoupled_weight_decay": d, "weight_decay": 0.3}) for d in (0, 1)),
    *(("AdamW", options) for options in [{}, *ADAM]),
]


def both(
    name: str, dtype: type, lr: float, **options: Any
) -> tuple[solutions.Layer, Any, list[torch.nn.Parameter], torch.optim.Optimizer]:
    """A layer with its optimizer, and torch's parameters with theirs."""
    rng = np.random.default_rng(1)
    layer = solutions.Layer()
    arrays = {k: np.asarray(rng.standard_normal(s), dtype) for k, s in SHAPES.items()}
    layer.add_params(**arrays)
    params = [torch.nn.Parameter(torch.tensor(a)) for a in arrays.values()]
    ours = getattr(solutions, name)(layer, lr=lr, **options)
    return layer, ours, params, getattr(torch.optim, name)(params, lr=lr, **options)


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=str)
def test_twenty_steps_agree_with_torch(name, options):
    layer, ours, params, theirs = both(name, np.float64, 0.05, **options)
    rng = np.random.default_rng(2)
    for step in range(20):
        ours.zero_grad()
        ours.lr = theirs.param_groups[0]["lr"] = 0.05 / (1 + step // 5)  # a schedule
        for (key, shape), p in zip(SHAPES.items(), params, strict=True):
            grad = np.asarray(layer.params[key] + rng.standard_normal(shape))
            layer.add_grads(**{key: grad})
            p.grad = torch.tensor(grad)
        before = {key: grad.copy() for key, grad in layer.grads.items()}
        ours.step()
        theirs.step()
        for key, p in zip(SHAPES, params, strict=True):
            np.testing.assert_allclose(
                layer.params[key], p.detach(), rtol=1e-9, atol=1e-12
            )
            np.testing.assert_array_equal(layer.grads[key], before[key])


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_float32_stays_and_arrays_change_in_place(name):
    layer, ours, params, theirs = both(name, np.float32, 0.05, weight_decay=0.1)
    arrays = dict(layer.params)
    rng = np.random.default_rng(2)
    for _ in range(20):
        for (key, shape), p in zip(SHAPES.items(), params, strict=True):
            grad = np.asarray(rng.standard_normal(shape), np.float32)
            layer.own_grads[key][...] = grad
            p.grad = torch.tensor(grad)
        ours.step()
        theirs.step()
    for (key, array), p in zip(layer.params.items(), params, strict=True):
        assert array is arrays[key]
        assert array.dtype == np.float32
        np.testing.assert_allclose(array, p.detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("SGD", {"lr": -1}, "lr -1 must not be negative"),
        ("SGD", {"momentum": -0.1}, "momentum -0.1"),
        ("SGD", {"weight_decay": -0.1}, "weight_decay -0.1"),
        ("SGD", {"nesterov": True}, "nesterov needs a momentum"),
        (
            "SGD",
            {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
            "nesterov needs a momentum and no dampening",
        ),
        ("Adam", {"lr": float("nan")}, "lr nan"),
        ("Adam", {"eps": -1}, "eps -1"),
        (
            "Adam",
            {"betas": (1.0, 0.9)},
            "beta1 1.0 must not be negative and must be below 1",
        ),
        ("AdamW", {"betas": (0.9, -0.1)}, "beta2 -0.1"),
        ("AdamW", {"weight_decay": -0.1}, "weight_decay -0.1"),
    ],
)
def test_wrong_options_are_refused(name, options, message):
    with pytest.raises(ValueError, match=message):
        getattr(solutions, name)(solutions.Linear(2, 2), **options)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_blocks_of_any_size_give_the_same(monkeypatch, name):
    rng = np.random.default_rng(0)
    options = {"momentum": 0.9} if name == "SGD" else {"amsgrad": True}
    gradients = [rng.standard_normal((5, 4)) for _ in range(3)]
    results = []
    for block in (1, 7, 1 << 15):  # rows one by one, at their least; all at once
        monkeypatch.setattr(optim, "BLOCK", block)
        layer = solutions.Layer()
        layer.add_params(weight=np.ones((5, 4)))
        optimizer = getattr(solutions, name)(layer, lr=0.1, weight_decay=0.1, **options)
        for grad in gradients:
            layer.grads["weight"][...] = grad
            optimizer.step()
        results.append(layer.params["weight"])
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])
