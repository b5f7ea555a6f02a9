"""Activations as chapter 3 asks for them; `solutions` has them with all options."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np


def loudly(forward: Callable[..., tuple[np.ndarray, tuple]], *args: Any) -> np.ndarray:
    """The y of a forward pass; a warning on the way is an error.

    Example:
        >>> loudly(lambda x: (np.exp(x), ()), np.array([1000.0]))
        Traceback (most recent call last):
        RuntimeWarning: overflow encountered in exp
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return forward(*args)[0]


def sigmoid_forward(x: np.ndarray) -> tuple[np.ndarray, tuple]:
    """1 / (1 + exp(-x)), entry by entry, without a warning for any x.

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `sigmoid_backward` takes.

    Example:
        >>> sigmoid_forward(np.array([-1000.0, 0.0, 1000.0]))[0]
        array([0. , 0.5, 1. ])
    """
    small = np.exp(-np.abs(x))  # between 0 and 1: the larger exp would overflow
    y = np.where(x >= 0, 1, small) / (1 + small)
    return y, (y,)


def sigmoid_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Turn the gradient of y into that of x.

    Shapes:
        grad_y, grad_x  those of x

    Returns:
        grad_x.

    Example:
        >>> _, cache = sigmoid_forward(np.array([0.0]))
        >>> sigmoid_backward(np.array([8.0]), cache)
        array([2.])
    """
    (y,) = cache
    return grad_y * (y * (1 - y))


def prelu_forward(x: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Multiply the negative entries of each channel by its own slope.

    Shapes:
        x, y    (N, C, ...)  equal; any number of axes after the channels
        weight  (C,)         one slope for each channel

    Returns:
        y, and the cache that `prelu_backward` takes.

    Example:
        >>> prelu_forward(np.array([[-2.0, -2.0]]), np.array([0.5, 3.0]))[0]
        array([[-1., -6.]])
    """
    slopes = weight.reshape(-1, *(1,) * (x.ndim - 2))  # (C, 1, ...)
    return np.where(x > 0, x, slopes * x), (x, slopes)


def prelu_backward(grad_y: np.ndarray, cache: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Turn the gradient of y into those of x and weight.

    Shapes:
        grad_y, grad_x  (N, C, ...)
        grad_weight     (C,)

    Returns:
        grad_x, grad_weight.

    Example:
        >>> _, cache = prelu_forward(np.array([[-2.0, 4.0]]), np.array([0.5, 3.0]))
        >>> prelu_backward(np.array([[10.0, 10.0]]), cache)
        (array([[ 5., 10.]]), array([-20.,   0.]))
    """
    x, slopes = cache
    grad_x = np.where(x > 0, grad_y, slopes * grad_y)
    others = tuple(axis for axis in range(x.ndim) if axis != 1)
    return grad_x, (grad_y * np.minimum(x, 0)).sum(axis=others)


def softmax_forward(x: np.ndarray, *, dim: int = -1) -> tuple[np.ndarray, tuple]:
    """exp(x) / sum(exp(x)) along the axis `dim`, for entries of any size.

    Shapes:
        x, y  any, equal; along `dim`, the entries of y add up to 1

    Returns:
        y, and the cache that `softmax_backward` takes.

    Example:
        >>> softmax_forward(np.array([1000.0, 1000.0, -np.inf]))[0]
        array([0.5, 0.5, 0. ])
    """
    y = np.exp(x - x.max(axis=dim, keepdims=True))  # no exp above 1
    y = y / y.sum(axis=dim, keepdims=True)
    return y, (y, dim)


def softmax_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Turn the gradient of y into that of x.

    Shapes:
        grad_y, grad_x  those of x

    Returns:
        grad_x.

    Example:
        >>> _, cache = softmax_forward(np.array([0.0, 0.0]))
        >>> softmax_backward(np.array([4.0, 0.0]), cache)
        array([ 1., -1.])
    """
    y, dim = cache
    return y * (grad_y - (y * grad_y).sum(axis=dim, keepdims=True))
