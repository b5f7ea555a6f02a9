"""GELU, x times the normal distribution function (chapter 3; `torch.nn.GELU`)."""

import math

import numpy as np
from numpy.polynomial.chebyshev import chebinterpolate, chebval
from numpy.typing import NDArray

from solutions.layer import Layer

FAR = 37.0
"""From here on the normal tail is zero, or nearly (5.7e-300)."""
SQRT_2_PI = math.sqrt(2 * math.pi)


def mills(u: np.ndarray) -> NDArray[np.float64]:
    """tail(z) exp(z^2 / 2) at z = 2 (1 + u) / (1 - u): smooth, so polynomials fit it.

    `tail(z)` is the part of a normal distribution above z.

    Example:
        >>> mills(np.array([-1.0]))
        array([0.5])
    """
    zs = 2 * (1 + u) / (1 - u)
    return np.array([0.5 * math.erfc(z / 2**0.5) * math.exp(z * z / 2) for z in zs])


LAST = (FAR - 2) / (FAR + 2)
"""u at z = FAR; -1 at z = 0."""
MILLS = chebinterpolate(lambda v: mills((v * (LAST + 1) + LAST - 1) / 2), 30)


def normal(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The normal distribution: the part below x, and the density at x.

    NumPy has no erf: a Chebyshev polynomial stands for it, exact to 1e-12 of the
    result even far out on the left, where 1 + erf would have lost every digit.

    Example:
        >>> below, density = normal(np.array([-1e4, 0.0, 1e4]))
        >>> below.round(4), density.round(4)
        (array([0. , 0.5, 1. ]), array([0.    , 0.3989, 0.    ]))
    """
    z = np.minimum(np.abs(x), FAR)
    u = (z - 2) / (z + 2)
    v = (2 * u - (LAST - 1)) / (LAST + 1)  # from -1 at 0 to 1 at FAR
    bell = np.exp(-0.5 * z * z)
    needed = MILLS[np.abs(MILLS) > np.finfo(v.dtype).eps / 8].astype(v.dtype)
    tail = bell * chebval(v, needed)
    return np.abs((x >= 0) - tail), bell / SQRT_2_PI


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

    Example:
        >>> gelu_forward(np.array([-1e4, 0.0, 1.0]))[0].round(4)
        array([-0.    ,  0.    ,  0.8413])
    """
    if approximate == "none":
        below, density = normal(x)
        return x * below, (below, x * density)
    if approximate != "tanh":
        raise ValueError(f"approximate {approximate!r} must be 'none' or 'tanh'")
    square = x * x  # x**3 would be two hundred times slower
    scale = 2 * math.sqrt(2 / math.pi)
    below = 0.5 * (1 + np.tanh(scale / 2 * x * (1 + 0.044715 * square)))
    bend = x * below * (1 - below) * scale * (1 + 3 * 0.044715 * square)
    return x * below, (below, bend)


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
