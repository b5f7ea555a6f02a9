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


class Normalized(NamedTuple):
    """The cache of `normalize_forward`."""

    centered: np.ndarray
    """x - mean, of the shape of x."""
    mean: np.ndarray
    var: np.ndarray
    """The statistics, of size 1 on the axes they are taken over; var is biased."""
    rstd: np.ndarray
    """1 / sqrt(var + eps)."""
    weight: np.ndarray
    learned: tuple[bool, bool]
    """Whether there was a weight, and whether there was a bias."""
    entries: int
    """How many entries share a statistic; 0 if the statistics do not depend on x."""
    center: bool


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

    The mean is subtracted before the variance is taken: E[x^2] - E[x]^2 would lose
    every digit where the mean is far above the spread.

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
    shape = tuple(1 if axis in axes else size for axis, size in enumerate(x.shape))
    entries = math.prod(x.shape[axis] for axis in axes) or 1  # never divide by 0
    mean = sum_to(shape, x) / entries if center else np.zeros((), x.dtype)
    centered = x - mean if center else x
    var = sum_to(shape, centered, centered) / entries
    cache = prepare(centered, mean, var, weight, bias, eps, entries, center)
    return scale_and_shift(cache, bias), cache


def prepare(
    centered: np.ndarray,
    mean: np.ndarray,
    var: np.ndarray,
    weight: np.ndarray | None,
    bias: np.ndarray | None,
    eps: float,
    entries: int = 0,
    center: bool = True,
) -> Normalized:
    """The cache, with a weight of ones where there is none."""
    learned = weight is not None, bias is not None
    if weight is None:
        weight = np.ones(() if bias is None else bias.shape, centered.dtype)
    rstd = 1 / np.sqrt(var + eps)
    return Normalized(centered, mean, var, rstd, weight, learned, entries, center)


def scale_and_shift(cache: Normalized, bias: np.ndarray | None) -> np.ndarray:
    """y; weight and 1 / std are multiplied first, often they are small."""
    y = cache.centered * (cache.rstd * cache.weight)
    if bias is not None:
        y += bias
    return y


def normalize_backward(
    grad_y: np.ndarray, cache: Normalized
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """The gradients of x, weight and bias (Ioffe and Szegedy, 2015, section 3).

    With g = grad_y * weight and z = (x - mean) / std, averages over the axes:
    grad_x = (g - average(g) - z * average(g * z)) / std. The second term is there
    because x moves the mean, the third because it moves the standard deviation.

    Example:
        >>> x = np.array([[1.0, 3.0]])
        >>> _, cache = normalize_forward(x, np.array([5.0, 7.0]), axes=[1], eps=0.0)
        >>> normalize_backward(np.array([[1.0, 2.0]]), cache)
        (array([[0., 0.]]), array([-1.,  2.]), None)
    """
    centered, _, _, rstd, weight, learned, entries, center = cache
    small = np.broadcast_shapes(rstd.shape, weight.shape)
    sum_g = sum_to(small, grad_y)
    sum_gz = sum_to(small, grad_y, centered) * rstd
    grad_x = grad_y * (weight * rstd)
    if entries:
        average_gz = sum_to(rstd.shape, sum_gz, weight) / entries
        grad_x -= centered * (average_gz * rstd * rstd)
    if entries and center:
        grad_x -= sum_to(rstd.shape, sum_g, weight) / entries * rstd
    grad_weight = sum_to(weight.shape, sum_gz) if learned[0] else None
    grad_bias = sum_to(weight.shape, sum_g) if learned[1] else None
    return grad_x, grad_weight, grad_bias


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
    return (a.sum(axis=tuple(axes), keepdims=True) if axes else a).reshape(shape)
