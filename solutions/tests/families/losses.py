"""The losses: every reduction, weight and kind of target."""

from itertools import product
from typing import Any

import numpy as np

from solutions.tests.modules import Module

RNG = np.random.default_rng(0)
REDUCTIONS = ["none", "mean", "sum"]
SHAPES = [(), (7,), (4, 3), (2, 3, 4), (1, 1)]


def module(name: str, input: Any, target: np.ndarray, **kwargs: Any) -> Module:
    return Module(name, kwargs=kwargs, shapes=(input,), call={"target": target})


def normal(*shape: int) -> np.ndarray:
    return np.asarray(RNG.standard_normal(shape))


def unit(*shape: int) -> np.ndarray:
    return np.asarray(RNG.uniform(0.01, 0.99, shape))


def classes(C: int, *shape: int, ignored: int | None = None) -> np.ndarray:
    target = np.asarray(RNG.integers(0, C, shape))
    if ignored is not None:
        target[RNG.random(shape) < 0.4] = ignored
    return target


TIES = np.array([[0.0, 1.0, -1.0, 0.5], [-0.5, 2.0, -2.0, 1e4]])
DIFFERENCES = [
    module(name, x, t, **o)
    for name, options in [
        ("MSELoss", [{}]),
        ("L1Loss", [{}]),
        ("SmoothL1Loss", [{}, {"beta": 0.5}, {"beta": 2}, {"beta": 0}]),
        ("HuberLoss", [{}, {"delta": 0.5}, {"delta": 2}]),
    ]
    for o, reduction in product(options, REDUCTIONS)
    for o in [{**o, "reduction": reduction}]
    for x, t in [*((s, normal(*s)) for s in SHAPES), (TIES, np.zeros((2, 4)))]
]
CERTAIN = np.array([[0.0, 1.0, 0.0, 1.0, 1e-13], [1e-50, 1 - 1e-13, 0.5, 1.0, 0.0]])
TRUTH = np.array([[0.0, 1.0, 1.0, 0.0, 1.0], [1.0, 0.0, 0.3, 0.6, 0.2]])
FAR = np.array([[-1e4, 1e4, 0.0, 800.0, -800.0], [-40.0, 40.0, 1e-3, 1e4, -1e4]])
BINARY = [
    module(name, x, t, **o, reduction=reduction)
    for reduction in REDUCTIONS
    for name, x, t, o in [
        *(("BCELoss", unit(*s), unit(*s), {}) for s in SHAPES),
        ("BCELoss", unit(4, 3), unit(4, 3), {"weight": unit(3)}),
        ("BCELoss", unit(4, 3), unit(4, 3), {"weight": unit(4, 1)}),
        ("BCELoss", unit(4, 3), unit(4, 3), {"weight": unit(1)}),
        ("BCELoss", CERTAIN, TRUTH, {}),
        *(("BCEWithLogitsLoss", s, unit(*s), {}) for s in SHAPES),
        ("BCEWithLogitsLoss", (4, 3), unit(4, 3), {"weight": unit(3)}),
        ("BCEWithLogitsLoss", (4, 3), unit(4, 3), {"weight": unit(4, 1)}),
        ("BCEWithLogitsLoss", (4, 3), unit(4, 3), {"pos_weight": unit(3)}),
        ("BCEWithLogitsLoss", (4, 3, 2), unit(4, 3, 2), {"pos_weight": unit(3, 1)}),
        (
            "BCEWithLogitsLoss",
            (4, 3),
            unit(4, 3),
            {"weight": unit(3), "pos_weight": unit(1)},
        ),
        ("BCEWithLogitsLoss", FAR, TRUTH, {}),
        ("BCEWithLogitsLoss", FAR, normal(2, 5), {"pos_weight": unit(5)}),
    ]
]
DIVERGENCE = [
    module("KLDivLoss", x, t, reduction=reduction, log_target=log_target)
    for reduction in ["none", "sum", "batchmean"]  # torch warns of "mean"
    for log_target in [False, True]
    for x, t in [
        *((s, unit(*s)) for s in SHAPES),
        ((2, 4), np.array([[0.0, 1.0, 0.0, 0.3], [1.0, 0.0, 0.5, 0.5]])),
        ((3, 4), np.log(unit(3, 4))),
    ]
    if log_target or (t >= 0).all()
]
LIKELIHOOD = [
    module(name, x, t, **o, reduction=reduction)
    for name in ["NLLLoss", "CrossEntropyLoss"]
    for reduction in REDUCTIONS
    for x, t, o in [
        ((5, 3), classes(3, 5), {}),
        ((5, 3), classes(3, 5).astype(np.uint8), {}),
        ((3,), classes(3), {}),
        ((3,), np.array(-100), {}),
        ((1, 1), classes(1, 1), {}),
        ((0, 3), classes(3, 0), {}),
        ((5, 3), np.full(5, -100), {}),
        ((2, 3, 4), classes(3, 2, 4, ignored=-100), {}),
        ((2, 3, 4, 5), classes(3, 2, 4, 5, ignored=2), {"ignore_index": 2}),
        ((6, 4), classes(4, 6, ignored=-1), {"ignore_index": -1}),
        ((6, 4), classes(4, 6), {"weight": unit(4)}),
        ((2, 3, 4), classes(3, 2, 4, ignored=-100), {"weight": unit(3)}),
        ((2, 3, 0), classes(3, 2, 0), {}),
        (1e4 * normal(4, 7), classes(7, 4), {}),
        (1e4 + normal(4, 7), classes(7, 4), {}),
    ]
]
SMOOTH = [
    module("CrossEntropyLoss", x, t, **o, label_smoothing=s, reduction=reduction)
    for reduction in REDUCTIONS
    for s in [0.1, 1.0]
    for x, t, o in [
        ((5, 3), classes(3, 5), {}),
        ((3,), classes(3), {}),
        ((2, 3, 4), classes(3, 2, 4, ignored=-100), {}),
        ((2, 3, 4, 2), classes(3, 2, 4, 2, ignored=1), {"ignore_index": 1}),
        ((6, 4), classes(4, 6, ignored=-100), {"weight": unit(4)}),
        ((5, 3), np.full(5, -100), {}),
        (1e4 * normal(4, 7), classes(7, 4), {}),
    ]
]
SOFT = [
    module("CrossEntropyLoss", x, t, **o, reduction=reduction)
    for reduction in REDUCTIONS
    for x, t, o in [
        ((5, 3), unit(5, 3), {}),
        ((3,), unit(3), {}),
        ((0, 3), unit(0, 3), {}),
        ((2, 3, 4), unit(2, 3, 4), {"weight": unit(3)}),
        ((2, 3, 4, 2), unit(2, 3, 4, 2), {"label_smoothing": 0.3}),
        ((5, 3), unit(5, 3), {"label_smoothing": 0.3, "weight": unit(3)}),
        (1e4 * normal(4, 7), unit(4, 7), {}),
    ]
]
MODULES = [*DIFFERENCES, *BINARY, *DIVERGENCE, *LIKELIHOOD, *SMOOTH, *SOFT]
