"""Normalization of groups of channels and of single channels, example by example.

Chapter 13; `torch.nn.GroupNorm`, `torch.nn.InstanceNorm1d` to `InstanceNorm3d`.
"""

import math

import numpy as np

from solutions.batch_norm import BatchNorm, batch_norm_backward, batch_norm_forward
from solutions.layer import Layer
from solutions.normalize import (
    Normalized,
    check_shapes,
    normalize_backward,
    normalize_forward,
)


def group_norm_forward(
    x: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    *,
    num_groups: int,
    eps: float = 1e-5,
) -> tuple[np.ndarray, Normalized]:
    """Give every group of channels of an example mean 0, variance 1 (Wu and He, 2018).

    Channels next to each other form a group: with C = 6 and two groups these are the
    channels 0, 1, 2 and 3, 4, 5.

    Shapes:
        x, y          (N, C, ...)   any number of further axes
        weight, bias  (C,)          or None: not scaled, not shifted

    Returns:
        y, and the cache that `group_norm_backward` takes.

    Raises:
        ValueError: weight or bias is not (C,); `num_groups` does not divide C; there is
            one example with one value in each group.

    Example:
        >>> x = np.array([[1.0, 3.0, 0.0, 8.0]])
        >>> group_norm_forward(x, num_groups=2)[0].round(3)
        array([[-1.,  1., -1.,  1.]])
    """
    check_groups(x, num_groups)
    check_shapes(x.shape[1:2], weight=weight, bias=bias)
    C, L = x.shape[1], math.prod(x.shape[2:])
    groups = x.reshape(len(x), num_groups, C // num_groups, L)  # (N, G, C / G, L)
    w, b = (
        None if a is None else a.reshape(num_groups, -1, 1) for a in (weight, bias)
    )  # (G, C / G, 1)
    y, cache = normalize_forward(groups, w, b, axes=[2, 3], eps=eps)
    return y.reshape(x.shape), cache


def group_norm_backward(
    grad_y: np.ndarray, cache: Normalized
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """The gradients of x, weight and bias; None for what was None.

    Example:
        >>> x, weight, bias = np.array([[1.0, 3.0]]), np.ones(2), np.ones(2)
        >>> _, cache = group_norm_forward(x, weight, bias, num_groups=1)
        >>> group_norm_backward(np.array([[5.0, 6.0]]), cache)[2]
        array([5., 6.])
    """
    grad_x, *grads = normalize_backward(grad_y, cache)
    weight, bias = (None if grad is None else grad.reshape(-1) for grad in grads)
    return grad_x, weight, bias


def check_groups(x: np.ndarray, num_groups: int) -> None:
    if x.ndim < 2:
        raise ValueError(f"x {x.shape} must have the axes (N, C, ...)")
    if num_groups < 1 or x.shape[1] % num_groups:
        raise ValueError(f"num_groups {num_groups} must divide C of x {x.shape}")
    if x.size == num_groups and len(x) == 1:
        raise ValueError(f"x {x.shape} has one value in each of {num_groups} groups")


def instance_norm_forward(
    x: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    *,
    running_mean: np.ndarray | None = None,
    running_var: np.ndarray | None = None,
    eps: float = 1e-5,
) -> tuple[np.ndarray, Normalized]:
    """Give every channel of an example mean 0, variance 1 (Ulyanov et al., 2016).

    With running statistics this is batch normalization in evaluation mode.

    Shapes:
        x, y                        (N, C, ...)   any number of further axes
        weight, bias                (C,)          or None: not scaled, not shifted
        running_mean, running_var   (C,)          or None, both: those of each example

    Returns:
        y, and the cache that `instance_norm_backward` takes.

    Raises:
        ValueError: an array is not (C,), or a channel of an example is one value.

    Example:
        >>> x = np.array([[[1.0, 3.0], [0.0, 8.0]]])
        >>> instance_norm_forward(x)[0].round(3)
        array([[[-1.,  1.],
                [-1.,  1.]]])
    """
    if running_mean is not None:
        running = {"running_mean": running_mean, "running_var": running_var}
        return batch_norm_forward(x, weight, bias, eps=eps, **running)
    L = math.prod(x.shape[2:])
    if L == 1:
        raise ValueError(f"x {x.shape} has one value a channel: its variance is 0")
    check_shapes(x.shape[1:2], weight=weight, bias=bias)
    w, b = (None if a is None else a[:, np.newaxis] for a in (weight, bias))  # (C, 1)
    channels = x.reshape(*x.shape[:2], L)
    y, cache = normalize_forward(channels, w, b, axes=[2], eps=eps)
    return y.reshape(x.shape), cache


def instance_norm_backward(
    grad_y: np.ndarray, cache: Normalized
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """The gradients of x, weight and bias; None for what was None.

    Example:
        >>> _, cache = instance_norm_forward(np.array([[[1.0, 3.0]]]))
        >>> instance_norm_backward(np.array([[[5.0, 5.0]]]), cache)[0]
        array([[[0., 0.]]])
    """
    return batch_norm_backward(grad_y, cache)


class GroupNorm(Layer):
    """Normalization of groups of channels of (N, C, ...) (`torch.nn.GroupNorm`).

    Raises:
        ValueError: `num_groups` is not positive or does not divide `num_channels`; the
            input has another C, or one value in each group.

    Shapes:
        weight, bias  (num_channels,), ones and zeros at the start

    Example:
        >>> GroupNorm(1, 2)(np.array([[1.0, 3.0]])).round(3)
        array([[-1.,  1.]])
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_groups < 1 or num_channels % num_groups:
            raise ValueError(
                f"num_groups {num_groups} must divide num_channels {num_channels}"
            )
        self.num_groups, self.eps = num_groups, eps
        if affine:
            self.add_params(weight=np.ones(num_channels, np.float32))
        if affine and bias:
            self.add_params(bias=np.zeros(num_channels, np.float32))

    def forward(self, x: np.ndarray) -> np.ndarray:
        weight, bias = self.own_params.get("weight"), self.own_params.get("bias")
        y, self.cache = group_norm_forward(
            x, weight, bias, num_groups=self.num_groups, eps=self.eps
        )
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        grad_x, grad_weight, grad_bias = group_norm_backward(grad_y, self.cache)
        self.add_grads(weight=grad_weight, bias=grad_bias)
        return grad_x


class InstanceNorm(BatchNorm):
    """What the instance normalizations of one, two and three dimensions share."""

    function = staticmethod(instance_norm_forward)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, bias=bias
        )

    def count_batch(self) -> float:
        """As in torch nothing is counted, and momentum None means a share of 0."""
        return 0.0 if self.momentum is None else self.momentum


class InstanceNorm1d(InstanceNorm):
    """Normalization of each channel of (N, C, L) or (C, L) (`torch.nn.InstanceNorm1d`).

    Running statistics are the averages of those of the examples. As in torch, momentum
    None leaves them as they are, and `num_batches_tracked` stays 0.

    Shapes:
        weight, bias               (C,), ones and zeros at the start, if `affine`
        running_mean, running_var  (C,), zeros and ones at the start, if tracked
        num_batches_tracked        (), if tracked

    Raises:
        ValueError: the input has other axes or another C, or one value per channel
            where the statistics are its own.

    Example:
        >>> InstanceNorm1d(2)(np.array([[1.0, 3.0], [0.0, 8.0]])).round(3)
        array([[-1.,  1.],
               [-1.,  1.]])
    """

    ndims, unbatched = (3,), 2


class InstanceNorm2d(InstanceNorm):
    """The same for (N, C, H, W) or (C, H, W) (`torch.nn.InstanceNorm2d`).

    Example:
        >>> InstanceNorm2d(3)(np.ones((3, 4, 5))).shape
        (3, 4, 5)
    """

    ndims, unbatched = (4,), 3


class InstanceNorm3d(InstanceNorm):
    """The same for (N, C, D, H, W) or (C, D, H, W) (`torch.nn.InstanceNorm3d`).

    Example:
        >>> InstanceNorm3d(3)(np.ones((2, 3, 4, 5, 6))).shape
        (2, 3, 4, 5, 6)
    """

    ndims, unbatched = (5,), 4
