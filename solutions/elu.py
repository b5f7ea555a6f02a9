"""Activations that bend into an exponential (chapter 3; `torch.nn.ELU`, `SELU`)."""

import numpy as np

from solutions.layer import Layer

# With these two, mean 0 and variance 1 are a fixed point (Klambauer et al., 2017).
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def elu_forward(x: np.ndarray, *, alpha: float = 1.0) -> tuple[np.ndarray, tuple]:
    """X where it is positive, else alpha (exp(x) - 1) (Clevert et al., 2015).

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `elu_backward` takes.

    Example:
        >>> elu_forward(np.array([-1e4, 0.0, 2.0]), alpha=0.5)[0]
        array([-0.5,  0. ,  2. ])
    """
    y = np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0))
    return y, (x, alpha)


def elu_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """The gradient of x: the slope is 1 where x was positive, else alpha exp(x).

    Example:
        >>> _, cache = elu_forward(np.array([-1e4, 0.0, 2.0]), alpha=0.5)
        >>> elu_backward(np.array([8.0, 8.0, 8.0]), cache)
        array([0., 4., 8.])
    """
    x, alpha = cache
    positive = (x > 0).astype(x.dtype)
    return grad_y * (alpha * np.exp(np.minimum(x, 0)) + (1 - alpha) * positive)


class ELU(Layer):
    """The exponential linear unit (`torch.nn.ELU`).

    Example:
        >>> ELU(0.5)(np.array([-1e4, 2.0]))
        array([-0.5,  2. ])
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = elu_forward(x, alpha=self.alpha)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return elu_backward(grad_y, self.cache)


def selu_forward(x: np.ndarray) -> tuple[np.ndarray, tuple]:
    """The ELU with the alpha and the scale that keep mean 0 and variance 1.

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `selu_backward` takes.

    Example:
        >>> selu_forward(np.array([-1e4, 0.0, 1.0]))[0].round(3)
        array([-1.758,  0.   ,  1.051])
    """
    y, cache = elu_forward(x, alpha=SELU_ALPHA)
    return SELU_SCALE * y, cache


def selu_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """The gradient of x: that of the ELU, scaled.

    Example:
        >>> _, cache = selu_forward(np.array([-1e4, 1.0]))
        >>> selu_backward(np.array([2.0, 2.0]), cache).round(3)
        array([0.   , 2.101])
    """
    return SELU_SCALE * elu_backward(grad_y, cache)


class SELU(Layer):
    """The self-normalizing exponential linear unit (`torch.nn.SELU`).

    Example:
        >>> SELU()(np.array([0.0, 1.0])).round(3)
        array([0.   , 1.051])
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = selu_forward(x)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return selu_backward(grad_y, self.cache)
