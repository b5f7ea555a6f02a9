"""Normalization over any axes: what the layers of chapters 12 and 13 share.

Batch, layer, instance, group and RMS normalization are one formula,

    y = (x - mean) / sqrt(var + eps) * weight + bias,

and differ in the axes over which mean and variance are taken and in the shape of the
weight. Each layer looks at its input as an array whose axes say so, for instance
(N, C, L) for batch normalization: statistics over the axes 0 and 2, weight (C, 1).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Moments(NamedTuple):
    """An array without its mean, and what was found out about it."""

    centered: np.ndarray
    """x - mean, of the shape of x."""
    mean: np.ndarray
    var: np.ndarray
    """Of size 1 on the axes that they are taken over; var is biased."""
    entries: int = 0
    """How many entries share a mean; 0 if mean and var do not depend on x."""
    center: bool = True
    """Whether the mean was taken from x; if not, it counts as 0."""


class Normalized(NamedTuple):
    """The cache of `normalize_forward`."""

    moments: Moments
    rstd: np.ndarray
    """1 / sqrt(var + eps)."""
    weight: np.ndarray
    learned: tuple[bool, bool]
    """Whether there was a weight, and whether there was a bias."""


def normalize_forward(
    x: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    *,
    axes: Sequence[int],
    eps: float,
    center: bool = True,
) -> tuple[np.ndarray, Normalized]:
    """Give `x` the mean 0 and the variance 1 over `axes`, then scale and shift it.

    Shapes:
        x, y          any, equal
        weight, bias  any one shape that broadcasts to that of x, or None

    Returns:
        y, and the cache that `normalize_backward` takes. Without `center` the mean
        counts as 0.

    Example:
        >>> normalize_forward(np.array([[1.0, 3.0], [0.0, 8.0]]), axes=[1], eps=0.0)[0]
        array([[-1.,  1.],
               [-1.,  1.]])
    """
    return scale_and_shift(moments(x, axes, center), weight, bias, eps)


def moments(x: np.ndarray, axes: Sequence[int], center: bool = True) -> Moments:
    """The mean and the variance of `x` over `axes`.

    The mean is subtracted before the variance is taken: E[x^2] - E[x]^2 would lose
    every digit where the mean is far above the spread.

    Example:
        >>> moments(np.array([[1.0, 3.0]]), axes=[1])[:3]
        (array([[-1.,  1.]]), array([[2.]]), array([[1.]]))
    """
    shape = tuple(1 if axis in axes else size for axis, size in enumerate(x.shape))
    entries = math.prod(x.shape[axis] for axis in axes) or 1  # never divide by 0
    mean = sum_to(shape, x) / entries if center else np.zeros((), x.dtype)
    centered = x - mean if center else x
    var = sum_to(shape, centered, centered) / entries
    return Moments(centered, mean, var, entries, center)


def scale_and_shift(
    moments: Moments, weight: np.ndarray | None, bias: np.ndarray | None, eps: float
) -> tuple[np.ndarray, Normalized]:
    """The array centered / sqrt(var + eps) * weight + bias, and the cache."""
    learned = weight is not None, bias is not None
    if weight is None:
        weight = np.ones(() if bias is None else bias.shape, moments.var.dtype)
    rstd = 1 / np.sqrt(moments.var + eps)
    y = product(moments.centered, rstd, weight)
    if bias is not None:
        y += bias
    return y, Normalized(moments, rstd, weight, learned)


def normalize_backward(
    grad_y: np.ndarray, cache: Normalized
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """The gradients of x, weight and bias (Ioffe and Szegedy, 2015, section 3).

    With h = grad_y * weight and z = (x - mean) / std, averages over the axes:
    grad_x = (h - average(h) - z * average(h * z)) / std. The second term is there
    because x moves the mean, the third because it moves the standard deviation.
    Sums are taken before the weight is multiplied: they serve all three gradients.

    Example:
        >>> x = np.array([[1.0, 3.0]])
        >>> _, cache = normalize_forward(x, np.array([5.0, 7.0]), axes=[1], eps=0.0)
        >>> normalize_backward(np.array([[1.0, 2.0]]), cache)
        (array([[0., 0.]]), array([-1.,  2.]), None)
    """
    (centered, _, _, entries, center), rstd, weight, learned = cache
    g = grad_y.reshape(centered.shape)  # y may have been given another shape
    small = np.broadcast_shapes(rstd.shape, weight.shape)
    sum_g = sum_to(small, g)
    sum_gz = sum_to(small, g, centered)
    sum_gz *= rstd
    grad_x = product(g, rstd, weight)
    if entries:
        average_hz = sum_to(rstd.shape, sum_gz, weight) / entries
        grad_x -= centered * (average_hz * rstd * rstd)
    if entries and center:
        grad_x -= sum_to(rstd.shape, sum_g, weight) / entries * rstd
    grad_weight = sum_to(weight.shape, sum_gz) if learned[0] else None
    grad_bias = sum_to(weight.shape, sum_g) if learned[1] else None
    return grad_x.reshape(grad_y.shape), grad_weight, grad_bias


def product(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """The product of `a` and what broadcasts to it; b * c first if it is smaller.

    Example:
        >>> product(np.array([[1.0, 2.0]]), np.array([[3.0]]), np.array([1.0, 10.0]))
        array([[ 3., 60.]])
    """
    if np.broadcast_shapes(b.shape, c.shape) != a.shape:
        return a * (b * c)
    result = a * b
    result *= c
    return result


def check_shapes(shape: tuple[int, ...], **arrays: np.ndarray | None) -> None:
    """Refuse an array that would broadcast silently."""
    for name, array in arrays.items():
        if array is not None and array.shape != shape:
            raise ValueError(f"{name} {array.shape} must have the shape {shape}")


def sum_to(
    shape: tuple[int, ...], a: np.ndarray, b: np.ndarray | None = None
) -> np.ndarray:
    """Sum `a`, or `a * b`, over the axes on which `shape` has size 1 or nothing.

    Shapes:
        shape   broadcasts to a.shape
        b       broadcasts to a.shape
        result  shape

    Example:
        >>> sum_to((2, 1), np.array([[1.0, 2.0], [3.0, 4.0]]))
        array([[3.],
               [7.]])
        >>> sum_to((2,), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 1.0]))
        array([40.,  6.])
    """
    kept = (1,) * (a.ndim - len(shape)) + shape
    axes = [axis for axis in range(a.ndim) if kept[axis] != a.shape[axis]]
    if a.ndim - 1 in axes:  # BLAS sums the last axis several times as fast as np.sum
        ones = np.ones(a.shape[-1], a.dtype)
        a = (a @ ones if b is None else np.vecdot(a, b))[..., np.newaxis]
        axes.pop()
    elif b is not None:
        a = a * b
    if axes == [0]:  # and the first
        return np.tensordot(np.ones(len(a), a.dtype), a, axes=1).reshape(shape)
    return (a.sum(axis=tuple(axes)) if axes else a).reshape(shape)
