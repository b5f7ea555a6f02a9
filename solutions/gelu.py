"""GELU, x times the normal distribution function (chapter 3; `torch.nn.GELU`)."""

import math
from collections.abc import Callable

import numpy as np
from numpy.polynomial.chebyshev import cheb2poly, chebfit, chebpts1

from solutions.layer import Layer

SQRT_2_PI = math.sqrt(2 * math.pi)
BLOCK = 1 << 14
"""So many entries at once stay in a fast cache."""


def mills(v: np.ndarray) -> np.ndarray:
    """tail(z) exp(z^2 / 2), with `tail(z)` the part of a normal distribution above z.

    It is smooth, and as a function of v = (1.1 z - 2) / (z + 2) a polynomial fits it:
    v goes from -1 at z = 0 to 1 at z = 40.

    Example:
        >>> mills(np.array([-1.0]))
        array([0.5])
    """
    zs = 2 * (1 + v) / (1.1 - v)
    return np.array([0.5 * math.erfc(z / 2**0.5) * math.exp(z * z / 2) for z in zs])


NODES = 0.99 * chebpts1(25)
"""Up to z = 36: beyond, tail(z) is too small for a float64."""
MILLS = chebfit(NODES, mills(NODES), 24)
EXACT, SHORT = cheb2poly(MILLS).tolist(), cheb2poly(MILLS[:12]).tolist()
"""Coefficients of v^0, v^1, ...; the short ones are enough for float32."""


def normal(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The normal distribution: the part below x, and the density at x.

    NumPy has no erf: a Chebyshev polynomial stands for it, right to 1e-12 of the
    result even far out on the left, where 1 + erf would have lost every digit.

    Example:
        >>> below, density = normal(np.array([-1e4, 0.0, 1e4]))
        >>> below, density.round(4)
        (array([0. , 0.5, 1. ]), array([0.    , 0.3989, 0.    ]))
    """
    z = np.minimum(np.abs(x), 40)
    bell = np.exp(-0.5 * z * z)  # 0 at 40
    v = (1.1 * z - 2) / (z + 2)
    tail = bell * polynomial(v, SHORT if v.dtype == np.float32 else EXACT)
    return np.abs((x >= 0) - tail), bell / SQRT_2_PI


def nearly_normal(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What "tanh" takes for `normal`: a curve of nearly that form, and its slope.

    Example:
        >>> below, slope = nearly_normal(np.array([-1e4, 0.0, 1e4]))
        >>> below, slope.round(4)
        (array([0. , 0.5, 1. ]), array([0.    , 0.3989, 0.    ]))
    """
    square = x * x  # x**3 would be two hundred times slower
    scale = 2 * math.sqrt(2 / math.pi)
    below = 0.5 * (1 + np.tanh(scale / 2 * x * (1 + 0.044715 * square)))
    return below, below * (1 - below) * scale * (1 + 3 * 0.044715 * square)


def in_blocks(
    curve: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], x: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The two results of `curve`, entry by entry, so many at once as stay in the cache.

    Example:
        >>> in_blocks(lambda x: (x, 2 * x), np.array([[1.0, 2.0]]))
        (array([[1., 2.]]), array([[2., 4.]]))
    """
    entries = x.reshape(-1)
    results = np.empty_like(entries), np.empty_like(entries)
    for start in range(0, entries.size, BLOCK):
        block = slice(start, start + BLOCK)
        results[0][block], results[1][block] = curve(entries[block])
    return results[0].reshape(x.shape), results[1].reshape(x.shape)


def polynomial(v: np.ndarray, coefficients: list[float]) -> np.ndarray:
    """c0 + v (c1 + v (c2 + ...)), by Horner's rule.

    Example:
        >>> polynomial(np.array([2.0]), [1.0, 0.0, 3.0])
        array([13.])
    """
    y = np.full_like(v, coefficients[-1])
    for c in coefficients[-2::-1]:
        y *= v
        y += c
    return y


def gelu_forward(
    x: np.ndarray, *, approximate: str = "none"
) -> tuple[np.ndarray, tuple]:
    """X times the part of a normal distribution that lies below x.

    Where `approximate` is "tanh", by a formula that is cheaper and off by up to 5e-4
    (both in Hendrycks and Gimpel, 2016).

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `gelu_backward` takes.

    Raises:
        ValueError: approximate is neither "none" nor "tanh".
        TypeError: x does not hold floating-point numbers.

    Example:
        >>> gelu_forward(np.array([-1e4, 0.0, 1.0]))[0].round(4)
        array([-0.    ,  0.    ,  0.8413])
    """
    if x.dtype.kind != "f":
        raise TypeError(f"x must hold floating-point numbers, not {x.dtype}")
    curves = {"none": normal, "tanh": nearly_normal}
    if approximate not in curves:
        raise ValueError(f"approximate {approximate!r} must be 'none' or 'tanh'")
    below, density = in_blocks(curves[approximate], x)
    return x * below, (below, x * density)


def gelu_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """The gradient of x: with y = x P(x), the slope is P(x) + x P'(x).

    Example:
        >>> _, cache = gelu_forward(np.array([0.0, 1e4]))
        >>> gelu_backward(np.array([8.0, 8.0]), cache)
        array([4., 8.])
    """
    below, bend = cache
    return grad_y * (below + bend)


class GELU(Layer):
    """The Gaussian error linear unit (`torch.nn.GELU`).

    Raises:
        ValueError: approximate is neither "none" nor "tanh".

    Example:
        >>> GELU()(np.array([1.0])).round(4), GELU("tanh")(np.array([1.0])).round(4)
        (array([0.8413]), array([0.8412]))
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = gelu_forward(x, approximate=self.approximate)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return gelu_backward(grad_y, self.cache)
