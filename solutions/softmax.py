"""Softmax and its logarithm (chapter 3; `torch.nn.Softmax`, `torch.nn.LogSoftmax`)."""

import warnings

import numpy as np

from solutions.layer import Layer


def shifted(x: np.ndarray, dim: int) -> np.ndarray:
    """X less its largest entry along an axis: no exp of it overflows.

    Softmax is the same for both. The axis may be empty.

    Raises:
        IndexError: x has no axis `dim`.
        TypeError: x does not hold floating-point numbers.

    Example:
        >>> shifted(np.array([1e4, 1e4 - 1]), 0)
        array([ 0., -1.])
    """
    if x.dtype.kind != "f":
        raise TypeError(f"x must hold floating-point numbers, not {x.dtype}")
    return x - x.max(axis=dim, keepdims=True, initial=-np.inf)


def softmax_forward(x: np.ndarray, *, dim: int = -1) -> tuple[np.ndarray, tuple]:
    """exp(x) / sum(exp(x)) along one axis: positive entries that add up to 1.

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `softmax_backward` takes.

    Raises:
        IndexError: x has no axis `dim`.
        TypeError: x does not hold floating-point numbers.

    Example:
        >>> softmax_forward(np.array([1e4, 1e4]))[0]
        array([0.5, 0.5])
    """
    y = np.exp(shifted(x, dim))
    y /= y.sum(axis=dim, keepdims=True)
    return y, (y, dim)


def softmax_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """The gradient of x: y (grad_y - sum(y grad_y)).

    Entries compete: each one's gradient is what it gets beyond the average.

    Example:
        >>> _, cache = softmax_forward(np.array([0.0, 0.0]))
        >>> softmax_backward(np.array([4.0, 0.0]), cache)
        array([ 1., -1.])
    """
    y, dim = cache
    return y * (grad_y - (y * grad_y).sum(axis=dim, keepdims=True))


def log_softmax_forward(x: np.ndarray, *, dim: int = -1) -> tuple[np.ndarray, tuple]:
    """X - log(sum(exp(x))) along one axis.

    The logarithm of `softmax_forward` would be -inf where an exp is rounded to 0.

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `log_softmax_backward` takes.

    Raises:
        IndexError: x has no axis `dim`.
        TypeError: x does not hold floating-point numbers.

    Example:
        >>> log_softmax_forward(np.array([1e4, 0.0]))[0]
        array([     0., -10000.])
    """
    y = shifted(x, dim)
    with np.errstate(divide="ignore"):  # log(0), of an empty axis
        y -= np.log(np.exp(y).sum(axis=dim, keepdims=True))
    return y, (y, dim)


def log_softmax_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """The gradient of x: grad_y - softmax(x) sum(grad_y).

    Example:
        >>> _, cache = log_softmax_forward(np.array([0.0, 0.0]))
        >>> log_softmax_backward(np.array([4.0, 0.0]), cache)
        array([ 2., -2.])
    """
    y, dim = cache
    return grad_y - np.exp(y) * grad_y.sum(axis=dim, keepdims=True)


def implicit_dim(dim: int | None, ndim: int) -> int:
    """The axis that torch takes for `dim=None`, with torch's warning.

    Example:
        >>> implicit_dim(2, 4)
        2
    """
    if dim is not None:
        return dim
    warnings.warn("say which axis: dim=None is deprecated", stacklevel=4)
    return 0 if ndim in (0, 1, 3) else 1


class Softmax(Layer):
    """Entries of one axis as probabilities (`torch.nn.Softmax`).

    With `dim=None` the axis is 0 for 1 and 3 axes, else 1, and a warning is given.

    Example:
        >>> Softmax(dim=0)(np.array([1.0, 1.0]))
        array([0.5, 0.5])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = softmax_forward(x, dim=implicit_dim(self.dim, x.ndim))
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return softmax_backward(grad_y, self.cache)


class LogSoftmax(Layer):
    """Entries of one axis as log-probabilities (`torch.nn.LogSoftmax`).

    With `dim=None` the axis is 0 for 1 and 3 axes, else 1, and a warning is given.

    Example:
        >>> LogSoftmax(dim=0)(np.array([1.0, 1.0])).round(4)
        array([-0.6931, -0.6931])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = log_softmax_forward(x, dim=implicit_dim(self.dim, x.ndim))
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return log_softmax_backward(grad_y, self.cache)
