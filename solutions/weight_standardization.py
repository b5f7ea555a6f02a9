"""Convolution with standardized filters (chapter 14; torch does not have it).

Normalizing what a layer learns, instead of what it computes, needs no batch: Siyuan
Qiao et al., "Micro-batch training with batch-channel normalization and weight
standardization", 2019. Scaled so that a filter keeps the variance of its input: Andrew
Brock et al., "Characterizing signal propagation to close the performance gap in
unnormalized ResNets", 2021; the networks without normalization build on it.
"""

import math
from typing import Any

import numpy as np

from solutions.conv import ConvNd
from solutions.normalize import check_shapes, normalize_backward, normalize_forward


def weight_standardization_forward(
    weight: np.ndarray,
    gain: np.ndarray | None = None,
    *,
    scale: float = 1.0,
    eps: float = 1e-6,
) -> tuple[np.ndarray, tuple]:
    """Give each filter the mean 0 and the variance 1, times scale * gain.

    y[k] = scale * gain[k] * (weight[k] - mean) / sqrt(var + eps), mean and (biased)
    variance over the entries of weight[k].

    Shapes:
        weight, y  (K, C, *kernel_size)
        gain       (K, 1, ..., 1)  as many axes as weight, or None

    Returns:
        y, and the cache that `weight_standardization_backward` takes.

    Raises:
        ValueError: gain has another shape.

    Example:
        >>> weight = np.array([[[1.0, 3.0]], [[0.0, 8.0]]])
        >>> weight_standardization_forward(weight, scale=2.0, eps=0.0)[0]
        array([[[-2.,  2.]],
               [[-2.,  2.]]])
    """
    columns = (len(weight), *[1] * (weight.ndim - 1))
    check_shapes(columns, gain=gain)
    factor = np.full(columns, scale, weight.dtype) if gain is None else scale * gain
    axes = range(1, weight.ndim)
    y, normalized = normalize_forward(weight, factor, axes=axes, eps=eps)
    return y, (normalized, None if gain is None else scale)


def weight_standardization_backward(
    grad_y: np.ndarray, cache: tuple
) -> tuple[np.ndarray, np.ndarray | None]:
    """The gradients of weight and gain.

    A filter plus a constant, or times one, is standardized to the same filter: so the
    gradient of a filter sums to 0, and so does its product with the filter (eps apart).

    Example:
        >>> weight = np.array([[[1.0, 3.0, 5.0]]])
        >>> _, cache = weight_standardization_forward(weight, eps=0.0)
        >>> grad_y = np.array([[[6.0, 0.0, 0.0]]])
        >>> weight_standardization_backward(grad_y, cache)[0].round(3)
        array([[[ 0.612, -1.225,  0.612]]])
    """
    normalized, scale = cache
    grad_weight, grad_factor, _ = normalize_backward(grad_y, normalized)
    if scale is None or grad_factor is None:
        return grad_weight, None
    return grad_weight, grad_factor * scale


class WSConvNd(ConvNd):
    """A convolution whose filters are standardized (Qiao et al., 2019).

    Takes the arguments of the convolution, and keyword-only `eps`, which is added to
    the variance of each filter.

    Shapes:
        weight  (out_channels, in_channels / groups, *kernel_size)  as it is learned
        bias    (out_channels,)
    """

    scale: float = 1.0

    def __init__(self, *args: Any, eps: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.eps = eps

    def filters(self) -> np.ndarray:
        y, self.filter_cache = weight_standardization_forward(
            self.own_params["weight"],
            self.own_params.get("gain"),
            scale=self.scale,
            eps=self.eps,
        )
        return y

    def add_filter_grads(self, grad_weight: np.ndarray) -> None:
        grad, grad_gain = weight_standardization_backward(
            grad_weight, self.filter_cache
        )
        self.add_grads(weight=grad)
        self.add_grads(gain=grad_gain)


class ScaledWSConvNd(WSConvNd):
    """The same, scaled by gamma / sqrt(entries of a filter) and a gain (Brock, 2021).

    `gamma` makes up for the activation before: 1 / (the deviation of its output for
    normal inputs), sqrt(2 / (1 - 1 / pi)) for ReLU.

    Shapes:
        gain  (out_channels, 1, ..., 1)  learned, starts at 1
    """

    def __init__(self, *args: Any, gamma: float = 1.0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        weight = self.own_params["weight"]
        self.scale = gamma / math.sqrt(weight[0].size)
        self.add_params(gain=np.ones((len(weight), *[1] * self.dims, 1), np.float32))


class WSConv1d(WSConvNd):
    """Conv1d with standardized filters.

    Example:
        >>> layer = WSConv1d(3, 4, 3, padding="same")
        >>> layer(np.ones((2, 3, 8), np.float32)).shape
        (2, 4, 8)
    """

    dims = 1


class WSConv2d(WSConvNd):
    """Conv2d with standardized filters.

    Example:
        >>> layer = WSConv2d(3, 4, 3, padding="same")
        >>> layer(np.ones((2, 3, 8, 9), np.float32)).shape
        (2, 4, 8, 9)
    """

    dims = 2


class WSConv3d(WSConvNd):
    """Conv3d with standardized filters.

    Example:
        >>> layer = WSConv3d(3, 4, 3, padding="same")
        >>> layer(np.ones((2, 3, 4, 6, 8), np.float32)).shape
        (2, 4, 4, 6, 8)
    """

    dims = 3


class ScaledWSConv1d(ScaledWSConvNd):
    """Conv1d with scaled and standardized filters.

    Example:
        >>> layer = ScaledWSConv1d(3, 4, 3, padding="same")
        >>> layer(np.ones((2, 3, 8), np.float32)).shape
        (2, 4, 8)
    """

    dims = 1


class ScaledWSConv2d(ScaledWSConvNd):
    """Conv2d with scaled and standardized filters.

    Example:
        >>> layer = ScaledWSConv2d(3, 4, 3, padding="same")
        >>> layer(np.ones((2, 3, 8, 9), np.float32)).shape
        (2, 4, 8, 9)
    """

    dims = 2


class ScaledWSConv3d(ScaledWSConvNd):
    """Conv3d with scaled and standardized filters.

    Example:
        >>> layer = ScaledWSConv3d(3, 4, 3, padding="same")
        >>> layer(np.ones((2, 3, 4, 6, 8), np.float32)).shape
        (2, 4, 4, 6, 8)
    """

    dims = 3
