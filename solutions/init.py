"""Initializers: the numbers that learning starts from (chapter 5; `torch.nn.init`).

Each fills an array in place, a layer's own for instance, and returns it.
"""

import math
from statistics import NormalDist
from typing import Any

import numpy as np


def uniform_(
    array: np.ndarray,
    a: float = 0.0,
    b: float = 1.0,
    *,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Fill with numbers that are uniform in [a, b) (`torch.nn.init.uniform_`).

    Example:
        >>> x = uniform_(np.zeros(1000), -1, 1, rng=np.random.default_rng(0))
        >>> x.min().round(1), x.max().round(1)
        (np.float64(-1.0), np.float64(1.0))
    """
    array[...] = generator(rng).uniform(a, b, array.shape)
    return array


def normal_(
    array: np.ndarray,
    mean: float = 0.0,
    std: float = 1.0,
    *,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Fill with numbers that are normal around `mean` (`torch.nn.init.normal_`).

    Example:
        >>> x = normal_(np.zeros(10000), 3, 0.1, rng=np.random.default_rng(0))
        >>> x.mean().round(1), x.std().round(1)
        (np.float64(3.0), np.float64(0.1))
    """
    array[...] = generator(rng).normal(mean, std, array.shape)
    return array


def trunc_normal_(
    array: np.ndarray,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    *,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Fill with normal numbers, those outside of [a, b] drawn again
    (`torch.nn.init.trunc_normal_`).

    Raises:
        ValueError: less than a thousandth of that normal distribution is in [a, b].

    Example:
        >>> x = trunc_normal_(np.zeros(1000), a=-1, b=1, rng=np.random.default_rng(0))
        >>> bool(np.abs(x).max() <= 1)
        True
    """
    whole = NormalDist(mean, std)
    if whole.cdf(b) - whole.cdf(a) < 1e-3:
        raise ValueError(f"normal numbers ({mean}, {std}) are rare from a {a} to b {b}")
    rng = generator(rng)
    normal_(array, mean, std, rng=rng)
    while (outside := (array < a) | (array > b)).any():
        array[outside] = rng.normal(mean, std, outside.sum())
    return array


def xavier_uniform_(
    array: np.ndarray, gain: float = 1.0, *, rng: np.random.Generator | None = None
) -> np.ndarray:
    """Uniform with std gain sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio, 2010;
    `torch.nn.init.xavier_uniform_`).

    Raises:
        ValueError: the array has less than two axes.

    Example:
        >>> w = xavier_uniform_(np.zeros((100, 50)), rng=np.random.default_rng(0))
        >>> bool(abs(w.std() / np.sqrt(2 / 150) - 1) < 0.02)
        True
    """
    bound = math.sqrt(3) * gain * math.sqrt(2 / sum(fans(array)))
    return uniform_(array, -bound, bound, rng=rng)


def xavier_normal_(
    array: np.ndarray, gain: float = 1.0, *, rng: np.random.Generator | None = None
) -> np.ndarray:
    """Normal with std gain sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio, 2010;
    `torch.nn.init.xavier_normal_`).

    Raises:
        ValueError: the array has less than two axes.

    Example:
        >>> w = xavier_normal_(np.zeros((100, 50)), rng=np.random.default_rng(0))
        >>> bool(abs(w.std() / np.sqrt(2 / 150) - 1) < 0.02)
        True
    """
    return normal_(array, 0.0, gain * math.sqrt(2 / sum(fans(array))), rng=rng)


def kaiming_uniform_(
    array: np.ndarray,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Uniform with std gain / sqrt(fan) (He et al., 2015;
    `torch.nn.init.kaiming_uniform_`).

    Raises:
        ValueError: the array has less than two axes; mode or nonlinearity is unknown.

    Example:
        >>> w = kaiming_uniform_(np.zeros((100, 50)), rng=np.random.default_rng(0))
        >>> w.std().round(1), np.sqrt(2 / 50)
        (np.float64(0.2), np.float64(0.2))
    """
    bound = math.sqrt(3) * kaiming_std(array, a, mode, nonlinearity)
    return uniform_(array, -bound, bound, rng=rng)


def kaiming_normal_(
    array: np.ndarray,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Normal with std gain / sqrt(fan) (He et al., 2015;
    `torch.nn.init.kaiming_normal_`).

    Raises:
        ValueError: the array has less than two axes; mode or nonlinearity is unknown.

    Example:
        >>> w = kaiming_normal_(np.zeros((100, 50)), rng=np.random.default_rng(0))
        >>> w.std().round(1), np.sqrt(2 / 50)
        (np.float64(0.2), np.float64(0.2))
    """
    return normal_(array, 0.0, kaiming_std(array, a, mode, nonlinearity), rng=rng)


def kaiming_std(array: np.ndarray, a: float, mode: str, nonlinearity: str) -> float:
    """The standard deviation that keeps the size of signals, or of gradients (fan_out).

    Raises:
        ValueError: the array has less than two axes; mode or nonlinearity is unknown.

    Example:
        >>> kaiming_std(np.zeros((100, 50)), 0.0, "fan_in", "relu")
        0.2
    """
    modes = ("fan_in", "fan_out")
    if mode.lower() not in modes:
        raise ValueError(f"mode {mode!r} must be one of {modes}")
    fan = fans(array)[modes.index(mode.lower())]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan) if fan else 0.0


def orthogonal_(
    array: np.ndarray, gain: float = 1.0, *, rng: np.random.Generator | None = None
) -> np.ndarray:
    """Rows, or columns if they are fewer, of length `gain` at right angles
    (`torch.nn.init.orthogonal_`).

    Axes after the first are taken as one (Saxe et al., 2013).

    Raises:
        ValueError: the array has less than two axes.

    Example:
        >>> w = orthogonal_(np.zeros((2, 3)), rng=np.random.default_rng(0))
        >>> np.allclose(w @ w.T, np.eye(2))
        True
    """
    fans(array)
    rows, columns = len(array), math.prod(array.shape[1:])
    draws = generator(rng).standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(draws)
    q *= np.sign(np.diag(r))  # else some directions would be likelier than others
    array[...] = gain * (q.T if rows < columns else q).reshape(array.shape)
    return array


def calculate_gain(nonlinearity: str, param: Any = None) -> float:
    """By how much to widen a distribution for what an activation takes away
    (`torch.nn.init.calculate_gain`).

    Args:
        nonlinearity: "linear", a layer such as "conv2d", "sigmoid", "tanh", "relu",
            "leaky_relu" or "selu".
        param: the slope of a leaky_relu, 0.01 if None.

    Raises:
        ValueError: nonlinearity is unknown; param is not a number.

    Example:
        >>> calculate_gain("tanh")
        1.6666666666666667
    """
    layers = [f"conv{s}{d}d" for s in ("", "_transpose") for d in (1, 2, 3)]
    gains = dict.fromkeys(["linear", "sigmoid", *layers], 1.0)
    gains |= {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}
    if nonlinearity in gains:
        return gains[nonlinearity]
    if nonlinearity != "leaky_relu":
        raise ValueError(f"nonlinearity {nonlinearity!r} must be one of {[*gains]}")
    slope = 0.01 if param is None else param
    if isinstance(slope, bool) or not isinstance(slope, int | float):
        raise ValueError(f"param {param!r} must be the negative slope, a number")
    return math.sqrt(2 / (1 + slope**2))


def fans(array: np.ndarray) -> tuple[int, int]:
    """How many inputs an output has, and how many outputs an input.

    Raises:
        ValueError: the array has less than two axes.

    Example:
        >>> fans(np.zeros((8, 3, 5, 5)))
        (75, 200)
    """
    if array.ndim < 2:
        raise ValueError(f"array {array.shape} must have two axes or more: (out, in)")
    places = math.prod(array.shape[2:])  # of a convolution's kernel
    return array.shape[1] * places, array.shape[0] * places


def generator(rng: np.random.Generator | None) -> np.random.Generator:
    """The generator, or a new one."""
    return rng or np.random.default_rng()
