"""Activations: functions applied to each entry (chapter 3; `torch.nn.ReLU`)."""

import numpy as np

from solutions.layer import Layer


def relu_forward(x: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Replace negative entries by zero.

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `relu_backward` takes.

    Example:
        >>> relu_forward(np.array([-1.0, 0.0, 2.0]))[0]
        array([0., 0., 2.])
    """
    y = np.maximum(x, 0)
    return y, (y,)


def relu_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Pass the gradient on where x was positive; at 0 the gradient is 0, as in torch.

    Example:
        >>> _, cache = relu_forward(np.array([-1.0, 0.0, 2.0]))
        >>> relu_backward(np.array([5.0, 6.0, 7.0]), cache)
        array([0., 0., 7.])
    """
    (y,) = cache
    return grad_y * (y > 0)


class ReLU(Layer):
    """max(x, 0), entry by entry (`torch.nn.ReLU`).

    Example:
        >>> ReLU()(np.array([-1.0, 2.0]))
        array([0., 2.])
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = relu_forward(x)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return relu_backward(grad_y, self.cache)
