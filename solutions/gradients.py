"""Gradients from the definition, to check a backward pass against (chapter 1)."""

from collections.abc import Callable

import numpy as np


def numerical_vjp(
    f: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    grad_y: np.ndarray,
    eps: float = 1e-6,
) -> np.ndarray:
    """Central differences of L = sum(grad_y * f(x)) for each entry of `x`.

    The error is about eps**2 plus rounding/eps, so `x` is taken as float64.

    Shapes:
        x       any
        grad_y  the shape of f(x)
        result  the shape of x

    Example:
        >>> x, grad_y = np.array([1.0, 2.0]), np.array([1.0, 10.0])
        >>> numerical_vjp(np.square, x, grad_y).round(6)
        array([ 2., 40.])
    """
    x = np.array(x, dtype=np.float64)  # a copy: the caller's array stays as it is
    grad_x = np.empty_like(x)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + eps
        above = np.sum(grad_y * f(x))
        x[index] = kept - eps
        below = np.sum(grad_y * f(x))
        x[index] = kept
        grad_x[index] = (above - below) / (2 * eps)
    return grad_x
