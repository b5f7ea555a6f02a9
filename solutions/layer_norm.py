"""Normalization of each example by itself (chapter 13; `torch.nn.LayerNorm`)."""

import math
from collections.abc import Sequence

import numpy as np

from solutions.layer import Layer
from solutions.normalize import (
    check_shapes,
    normalize_backward,
    normalize_forward,
)


def layer_norm_forward(
    x: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    *,
    normalized_shape: Sequence[int],
    eps: float = 1e-5,
) -> tuple[np.ndarray, tuple]:
    """Give every example the mean 0 and the variance 1 (Ba et al., 2016).

    Shapes:
        x, y          (..., *normalized_shape)   any leading axes
        weight, bias  normalized_shape           or None: not scaled, not shifted

    Returns:
        y, and the cache that `layer_norm_backward` takes.

    Raises:
        ValueError: the last axes of x, or the axes of weight or bias, are not
            `normalized_shape`.

    Example:
        >>> x = np.array([[1.0, 3.0], [0.0, 8.0]])
        >>> layer_norm_forward(x, normalized_shape=[2])[0].round(3)
        array([[-1.,  1.],
               [-1.,  1.]])
    """
    return normalize_last(
        x, weight, bias, normalized_shape=normalized_shape, eps=eps, center=True
    )


def layer_norm_backward(
    grad_y: np.ndarray, cache: tuple
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """The gradients of x, weight and bias; None for what was None.

    Example:
        >>> x, weight, bias = np.array([[1.0, 3.0]]), np.ones(2), np.ones(2)
        >>> _, cache = layer_norm_forward(x, weight, bias, normalized_shape=[2])
        >>> layer_norm_backward(np.array([[5.0, 6.0]]), cache)[2]
        array([5., 6.])
    """
    normalized_shape, rows = cache
    grad_x, *grads = normalize_backward(grad_y, rows)
    grad_weight, grad_bias = (
        None if grad is None else grad.reshape(normalized_shape) for grad in grads
    )
    return grad_x, grad_weight, grad_bias


def rms_norm_forward(
    x: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    normalized_shape: Sequence[int],
    eps: float | None = None,
) -> tuple[np.ndarray, tuple]:
    """Divide every example by its root mean square (Zhang and Sennrich, 2019).

    Shapes:
        x, y    (..., *normalized_shape)   any leading axes
        weight  normalized_shape           or None: not scaled

    Returns:
        y, and the cache that `rms_norm_backward` takes. If `eps` is None, it is the
        distance from 1 to the next number of x's type, as in torch.

    Raises:
        ValueError: the last axes of x, or the axes of weight, are not
            `normalized_shape`.

    Example:
        >>> rms_norm_forward(np.array([[1.0, 7.0]]), normalized_shape=[2])[0]
        array([[0.2, 1.4]])
    """
    eps = float(np.finfo(x.dtype).eps) if eps is None else eps
    return normalize_last(
        x, weight, None, normalized_shape=normalized_shape, eps=eps, center=False
    )


def rms_norm_backward(
    grad_y: np.ndarray, cache: tuple
) -> tuple[np.ndarray, np.ndarray | None]:
    """The gradients of x and weight; None if the weight was None.

    Example:
        >>> _, cache = rms_norm_forward(np.array([[1.0, 7.0]]), normalized_shape=[2])
        >>> rms_norm_backward(np.array([[7.0, -1.0]]), cache)[0]
        array([[ 1.4, -0.2]])
    """
    grad_x, grad_weight, _ = layer_norm_backward(grad_y, cache)
    return grad_x, grad_weight


def normalize_last(
    x: np.ndarray,
    weight: np.ndarray | None,
    bias: np.ndarray | None,
    *,
    normalized_shape: Sequence[int],
    eps: float,
    center: bool,
) -> tuple[np.ndarray, tuple]:
    """What the two forward passes share: the last axes become one."""
    shape = tuple(normalized_shape)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ValueError(
            f"x {x.shape} must end in normalized_shape {shape}, of at least one axis"
        )
    check_shapes(shape, weight=weight, bias=bias)
    rows = x.reshape(math.prod(x.shape[: -len(shape)]), math.prod(shape))
    weight, bias = (None if a is None else a.reshape(-1) for a in (weight, bias))
    y, cache = normalize_forward(rows, weight, bias, axes=[1], eps=eps, center=center)
    return y.reshape(x.shape), (shape, cache)


class LayerNorm(Layer):
    """Normalization of the last axes of each example (`torch.nn.LayerNorm`).

    Raises:
        ValueError: a size is negative; the input does not end in `normalized_shape`.

    Shapes:
        weight, bias  normalized_shape, ones and zeros at the start

    Example:
        >>> LayerNorm(2)(np.array([1.0, 3.0])).round(3)
        array([-1.,  1.])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.normalized_shape, self.eps = as_shape(normalized_shape), eps
        if elementwise_affine:
            self.add_params(weight=np.ones(self.normalized_shape, np.float32))
        if elementwise_affine and bias:
            self.add_params(bias=np.zeros(self.normalized_shape, np.float32))

    def forward(self, x: np.ndarray) -> np.ndarray:
        weight, bias = self.own_params.get("weight"), self.own_params.get("bias")
        shape = self.normalized_shape
        y, self.cache = layer_norm_forward(
            x, weight, bias, normalized_shape=shape, eps=self.eps
        )
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        grad_x, grad_weight, grad_bias = layer_norm_backward(grad_y, self.cache)
        self.add_grads(weight=grad_weight, bias=grad_bias)
        return grad_x


class RMSNorm(Layer):
    """Division of the last axes by their root mean square (`torch.nn.RMSNorm`).

    Raises:
        ValueError: a size is negative; the input does not end in `normalized_shape`.

    Shapes:
        weight  normalized_shape, ones at the start

    Example:
        >>> RMSNorm(2)(np.array([1.0, 7.0]))
        array([0.2, 1.4])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
    ) -> None:
        super().__init__()
        self.normalized_shape, self.eps = as_shape(normalized_shape), eps
        if elementwise_affine:
            self.add_params(weight=np.ones(self.normalized_shape, np.float32))

    def forward(self, x: np.ndarray) -> np.ndarray:
        weight, shape = self.own_params.get("weight"), self.normalized_shape
        y, self.cache = rms_norm_forward(
            x, weight, normalized_shape=shape, eps=self.eps
        )
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        grad_x, grad_weight = rms_norm_backward(grad_y, self.cache)
        self.add_grads(weight=grad_weight)
        return grad_x


def as_shape(sizes: int | Sequence[int]) -> tuple[int, ...]:
    return tuple(sizes) if isinstance(sizes, Sequence) else (sizes,)
