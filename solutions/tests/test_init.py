"""Initializers: distributions that have torch's bounds and moments."""

import inspect
import math

import numpy as np
import pytest
import torch
from torch.nn import init as theirs

from solutions import init as ours

NAMES = ["uniform_", "normal_", "trunc_normal_", "xavier_uniform_", "xavier_normal_"]
NAMES += ["kaiming_uniform_", "kaiming_normal_", "orthogonal_"]
NONLINEARITIES = ["linear", "conv1d", "conv_transpose3d", "sigmoid", "tanh", "relu"]
NONLINEARITIES += ["leaky_relu", "selu"]
FILLS = [
    ("uniform_", {}),
    ("uniform_", {"a": -3, "b": -1}),
    ("normal_", {}),
    ("normal_", {"mean": 4, "std": 0.5}),
    ("trunc_normal_", {}),
    ("trunc_normal_", {"mean": 1, "std": 2, "a": 0, "b": 1.5}),
    ("xavier_uniform_", {}),
    ("xavier_uniform_", {"gain": 2.5}),
    ("xavier_normal_", {}),
    ("xavier_normal_", {"gain": 0.5}),
    *(
        (f"kaiming_{kind}_", options)
        for kind in ["uniform", "normal"]
        for options in [
            {},
            {"a": 1},
            {"mode": "fan_out"},
            {"nonlinearity": "relu", "mode": "fan_out"},
            {"nonlinearity": "tanh"},
            {"a": math.sqrt(5)},
        ]
    ),
]


@pytest.mark.parametrize("name", NAMES)
def test_the_arguments_are_torchs(name):
    def arguments(function):
        parameters = list(inspect.signature(function).parameters.values())[1:-1]
        return [(p.name, p.default) for p in parameters]

    assert arguments(getattr(ours, name)) == arguments(getattr(theirs, name))


@pytest.mark.parametrize("shape", [(300, 200), (60, 20, 7, 5)], ids=str)
@pytest.mark.parametrize(("name", "options"), FILLS)
def test_the_distribution_is_torchs(name, options, shape):
    torch.manual_seed(0)
    array = np.zeros(shape, np.float32)
    rng = np.random.default_rng(0)
    assert getattr(ours, name)(array, **options, rng=rng) is array
    assert array.dtype == np.float32
    want = getattr(theirs, name)(torch.zeros(shape), **options).numpy()
    spread = want.std()
    assert abs(array.mean() - want.mean()) < 0.02 * spread
    assert abs(array.std() / spread - 1) < 0.02
    levels = np.linspace(0, 1, 11)[1:-1]
    gaps = np.quantile(array, levels) - np.quantile(want, levels)
    assert np.abs(gaps).max() < 0.03 * spread
    if name != "normal_" and "_normal" not in name.replace("trunc", ""):
        np.testing.assert_allclose(array.min(), want.min(), atol=0.01 * spread)
        np.testing.assert_allclose(array.max(), want.max(), atol=0.01 * spread)


@pytest.mark.parametrize("name", NAMES)
def test_a_generator_decides_every_number(name):
    first, second, other = (
        getattr(ours, name)(np.zeros((4, 3)), rng=np.random.default_rng(seed))
        for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()
    assert (getattr(ours, name)(np.zeros((4, 3))) != first).any()


@pytest.mark.parametrize("nonlinearity", NONLINEARITIES)
def test_gains_are_torchs(nonlinearity):
    want = theirs.calculate_gain(nonlinearity)
    assert ours.calculate_gain(nonlinearity) == pytest.approx(want, rel=1e-15)


@pytest.mark.parametrize("slope", [0, 1, 0.3, -2.0])
def test_the_gain_of_a_leaky_relu(slope):
    want = theirs.calculate_gain("leaky_relu", slope)
    assert ours.calculate_gain("leaky_relu", slope) == pytest.approx(want, rel=1e-15)


@pytest.mark.parametrize("shape", [(4, 7), (7, 4), (5, 5), (6, 2, 2, 2), (3, 2, 5)])
def test_orthogonal_rows_or_columns(shape):
    array = ours.orthogonal_(np.zeros(shape), 1.5, rng=np.random.default_rng(0))
    matrix = array.reshape(shape[0], -1)
    small = matrix @ matrix.T if len(matrix) <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(small, 1.5**2 * np.eye(len(small)), atol=1e-12)


def test_orthogonal_prefers_no_direction():
    rng = np.random.default_rng(0)
    draws = np.array([ours.orthogonal_(np.zeros((2, 2)), rng=rng) for _ in range(4000)])
    assert np.abs(draws.mean(axis=0)).max() < 0.05
    np.testing.assert_allclose((draws**2).mean(axis=0), np.full((2, 2), 0.5), atol=0.02)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ours.xavier_uniform_(np.zeros(3)), r"array \(3,\) must have two axes"),
        (lambda: ours.xavier_normal_(np.zeros(3)), "two axes"),
        (lambda: ours.kaiming_uniform_(np.zeros(3)), "two axes"),
        (lambda: ours.orthogonal_(np.zeros(3)), "two axes"),
        (lambda: ours.kaiming_normal_(np.zeros((2, 2)), mode="fan"), "mode 'fan'"),
        (lambda: ours.calculate_gain("gelu"), "nonlinearity 'gelu' must be one of"),
        (lambda: ours.calculate_gain("leaky_relu", True), "param True"),
        (lambda: ours.calculate_gain("leaky_relu", "x"), "param 'x'"),
        (lambda: ours.trunc_normal_(np.zeros(3), a=7, b=9), "from a 7 to b 9"),
        (lambda: ours.trunc_normal_(np.zeros(3), a=1, b=-1), "from a 1 to b -1"),
    ],
)
def test_wrong_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
