"""Filter response normalization (chapter 14; torch does not have it).

Saurabh Singh and Shankar Krishnan, "Filter response normalization layer", 2020.
Its activation, the thresholded linear unit, stands in `solutions/tlu.py`.
"""

import math

import numpy as np

from solutions.layer import Layer
from solutions.normalize import check_shapes, sum_to


def frn_forward(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray, eps: np.ndarray
) -> tuple[np.ndarray, tuple]:
    """Divide every channel of an example by sqrt(mean square + |eps|), scale, shift.

    The mean is not subtracted, and no example depends on another.

    Shapes:
        x, y          (N, C, ...)   any number of further axes
        weight, bias  (C,)
        eps           (1,) or (C,)  an array: it may be learned

    Returns:
        y, and the cache that `frn_backward` takes.

    Raises:
        ValueError: weight, bias or eps has another shape.

    Example:
        >>> x, eps = np.array([[[1.0, 7.0]]]), np.zeros(1)
        >>> frn_forward(x, np.array([10.0]), np.array([1.0]), eps)[0]
        array([[[ 3., 15.]]])
    """
    check_shapes(x.shape[1:2], weight=weight, bias=bias)
    check_shapes(x.shape[1:2] if len(eps) > 1 else (1,), eps=eps)
    N, C, *sizes = x.shape
    maps = x.reshape(N, C, math.prod(sizes))  # (N, C, L)
    mean_square = sum_to((N, C, 1), maps, maps) / (maps.shape[2] or 1)
    rstd = 1 / np.sqrt(mean_square + np.abs(eps)[:, np.newaxis])
    y = maps * (rstd * weight[:, np.newaxis])
    y += bias[:, np.newaxis]
    return y.reshape(x.shape), (maps, rstd, weight, eps)


def frn_backward(
    grad_y: np.ndarray, cache: tuple
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The gradients of x, weight, bias and eps; at eps = 0 that of eps is 0.

    Each entry moves y directly, and all of its channel through the mean square.

    Example:
        >>> x, one = np.array([[[1.0, 7.0]]]), np.ones(1)
        >>> _, cache = frn_forward(x, one, one, np.zeros(1))
        >>> frn_backward(np.array([[[7.0, -1.0]]]), cache)[0]
        array([[[ 1.4, -0.2]]])
    """
    maps, rstd, weight, eps = cache
    g = grad_y.reshape(maps.shape)
    w = weight[:, np.newaxis]  # (C, 1)
    sum_g, sum_gx = sum_to(rstd.shape, g), sum_to(rstd.shape, g, maps)
    grad_square = -0.5 * w * sum_gx * rstd * rstd * rstd  # of mean_square + |eps|
    grad_x = g * (w * rstd)
    grad_x += maps * (grad_square * (2 / (maps.shape[2] or 1)))
    grad_weight = sum_to(w.shape, sum_gx, rstd)[:, 0]
    grad_bias = sum_to(w.shape, sum_g)[:, 0]
    grad_eps = sum_to((len(eps), 1), grad_square)[:, 0] * np.sign(eps)
    return grad_x.reshape(grad_y.shape), grad_weight, grad_bias, grad_eps


class FilterResponseNorm(Layer):
    """Filter response normalization of (N, C, ...); the paper has a `TLU` follow it.

    Where a channel is a single value, as after a linear layer, x / sqrt(x^2 + eps) is
    nearly the sign of x: then let eps be learned, starting from 1e-4 (section 3.2).

    Shapes:
        weight, bias  (num_features,), ones and zeros at the start
        eps           (1,), if it is learned

    Example:
        >>> FilterResponseNorm(1, eps=0.0)(np.array([[[1.0, 7.0]]]))
        array([[[0.2, 1.4]]])
    """

    def __init__(
        self, num_features: int, eps: float = 1e-6, learn_eps: bool = False
    ) -> None:
        super().__init__()
        self.eps, self.learn_eps = eps, learn_eps
        self.add_params(
            weight=np.ones(num_features, np.float32),
            bias=np.zeros(num_features, np.float32),
        )
        if learn_eps:
            self.add_params(eps=np.full(1, eps, np.float32))

    def forward(self, x: np.ndarray) -> np.ndarray:
        weight, bias = self.own_params["weight"], self.own_params["bias"]
        eps = self.own_params.get("eps", np.full(1, self.eps, x.dtype))
        y, self.cache = frn_forward(x, weight, bias, eps)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        grad_x, grad_weight, grad_bias, grad_eps = frn_backward(grad_y, self.cache)
        self.add_grads(weight=grad_weight, bias=grad_bias)
        if self.learn_eps:
            self.add_grads(eps=grad_eps)
        return grad_x
