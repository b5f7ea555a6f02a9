"""Layers that compute nothing (chapter 2; `torch.nn.Flatten`, `torch.nn.Identity`)."""

import math
from typing import Any

import numpy as np

from solutions.layer import Layer


def flatten_forward(
    x: np.ndarray, *, start_dim: int = 1, end_dim: int = -1
) -> tuple[np.ndarray, tuple]:
    """Join the axes `start_dim` to `end_dim`, both included, into one.

    Shapes:
        x  (..., A, ..., B, ...)   A on axis start_dim, B on axis end_dim
        y  (..., A * ... * B, ...)

    Returns:
        y, and the cache that `flatten_backward` takes.

    Raises:
        IndexError: x has no such axis.
        ValueError: start_dim comes after end_dim.

    Example:
        >>> x = np.arange(6.0).reshape(1, 3, 2)
        >>> flatten_forward(x)[0]
        array([[0., 1., 2., 3., 4., 5.]])
    """
    start, end = range(x.ndim)[start_dim], range(x.ndim)[end_dim]  # -1: the last axis
    if start > end:
        raise ValueError(f"start_dim {start_dim} comes after end_dim {end_dim}")
    ### BEGIN SOLUTION
    joined = math.prod(x.shape[start : end + 1])
    y = x.reshape(*x.shape[:start], joined, *x.shape[end + 1 :])
    return y, (x.shape,)
    ### END SOLUTION


def flatten_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Give the gradient of y the shape of x.

    Returns:
        grad_x, of the shape of x.

    Example:
        >>> _, cache = flatten_forward(np.zeros((1, 3, 2)))
        >>> flatten_backward(np.zeros((1, 6)), cache).shape
        (1, 3, 2)
    """
    (shape,) = cache
    return grad_y.reshape(shape)


class Flatten(Layer):
    """Join axes into one (`torch.nn.Flatten`); by default all but the first.

    Example:
        >>> Flatten()(np.zeros((4, 3, 2))).shape
        (4, 6)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = flatten_forward(
            x, start_dim=self.start_dim, end_dim=self.end_dim
        )
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return flatten_backward(grad_y, self.cache)


class Identity(Layer):
    """Return the input unchanged; any arguments are ignored (`torch.nn.Identity`).

    Example:
        >>> Identity()(np.array([1.0, 2.0]))
        array([1., 2.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, x: np.ndarray) -> np.ndarray:
        return x

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return grad_y
