"""Sigmoid and its relatives (chapter 3; `torch.nn.Sigmoid`, `Tanh`, `SiLU`, ...)."""

import numpy as np

from solutions.layer import Layer


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), right to the last digits for any x.

    Example:
        >>> sigmoid(np.array([-1e4, 0.0, 1e4]))
        array([0. , 0.5, 1. ])
    """
    with np.errstate(over="ignore"):  # exp(1e4) is inf, and 1 / inf is right
        return 1 / (1 + np.exp(-x))


def sigmoid_forward(x: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Squash every entry into (0, 1).

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `sigmoid_backward` takes.

    Example:
        >>> sigmoid_forward(np.array([-1e4, 0.0, 1e4]))[0]
        array([0. , 0.5, 1. ])
    """
    y = sigmoid(x)
    return y, (y,)


def sigmoid_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """The gradient of x: the slope of the sigmoid is y (1 - y), at most 1/4.

    Example:
        >>> _, cache = sigmoid_forward(np.array([0.0]))
        >>> sigmoid_backward(np.array([8.0]), cache)
        array([2.])
    """
    (y,) = cache
    return grad_y * (y * (1 - y))


class Sigmoid(Layer):
    """1 / (1 + exp(-x)), entry by entry (`torch.nn.Sigmoid`).

    Example:
        >>> Sigmoid()(np.array([0.0]))
        array([0.5])
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = sigmoid_forward(x)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return sigmoid_backward(grad_y, self.cache)


def tanh_forward(x: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Squash every entry into (-1, 1).

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `tanh_backward` takes.

    Example:
        >>> tanh_forward(np.array([-1e4, 0.0, 1e4]))[0]
        array([-1.,  0.,  1.])
    """
    y = np.tanh(x)
    return y, (y,)


def tanh_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """The gradient of x: the slope of tanh is 1 - y^2.

    Example:
        >>> _, cache = tanh_forward(np.array([0.0, 1e4]))
        >>> tanh_backward(np.array([8.0, 8.0]), cache)
        array([8., 0.])
    """
    (y,) = cache
    return grad_y * (1 - y * y)


class Tanh(Layer):
    """The hyperbolic tangent, entry by entry (`torch.nn.Tanh`).

    Example:
        >>> Tanh()(np.array([0.0]))
        array([0.])
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = tanh_forward(x)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return tanh_backward(grad_y, self.cache)


def silu_forward(x: np.ndarray) -> tuple[np.ndarray, tuple]:
    """X sigmoid(x), also called swish (Elfwing et al., 2017).

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `silu_backward` takes.

    Example:
        >>> silu_forward(np.array([-1e4, 0.0, 1e4]))[0]
        array([   -0.,     0., 10000.])
    """
    gate = sigmoid(x)
    y = x * gate
    return y, (y, gate)


def silu_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """The gradient of x: the slope is s + x s (1 - s) with s = sigmoid(x).

    Example:
        >>> _, cache = silu_forward(np.array([0.0]))
        >>> silu_backward(np.array([8.0]), cache)
        array([4.])
    """
    y, gate = cache
    return grad_y * (gate + y * (1 - gate))


class SiLU(Layer):
    """x sigmoid(x), entry by entry (`torch.nn.SiLU`).

    Example:
        >>> SiLU()(np.array([0.0]))
        array([0.])
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = silu_forward(x)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return silu_backward(grad_y, self.cache)


def softplus_forward(
    x: np.ndarray, *, beta: float = 1.0, threshold: float = 20.0
) -> tuple[np.ndarray, tuple]:
    """log(1 + exp(beta x)) / beta, a smooth ReLU; x itself where beta x > threshold.

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `softplus_backward` takes.

    Example:
        >>> softplus_forward(np.array([-1e4, 0.0, 30.0]))[0].round(1)
        array([ 0. ,  0.7, 30. ])
    """
    z = beta * x
    # log(1 + e^z) = max(z, 0) + log(1 + e^-|z|), and this exp cannot overflow
    smooth = (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))) / beta
    return np.where(z > threshold, x, smooth), (z, threshold)


def softplus_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """The gradient of x: the slope is sigmoid(beta x), and 1 above the threshold.

    Example:
        >>> _, cache = softplus_forward(np.array([0.0, 1e4]))
        >>> softplus_backward(np.array([8.0, 8.0]), cache)
        array([4., 8.])
    """
    z, threshold = cache
    return np.where(z > threshold, grad_y, grad_y * sigmoid(z))


class Softplus(Layer):
    """log(1 + exp(beta x)) / beta, entry by entry (`torch.nn.Softplus`).

    Example:
        >>> Softplus()(np.array([0.0])).round(4)
        array([0.6931])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = softplus_forward(x, beta=self.beta, threshold=self.threshold)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return softplus_backward(grad_y, self.cache)
