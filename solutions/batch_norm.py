"""Batch normalization (chapter 12; `torch.nn.BatchNorm1d` to `BatchNorm3d`)."""

import math

import numpy as np

from solutions.layer import Layer
from solutions.normalize import (
    Moments,
    Normalized,
    check_shapes,
    normalize_backward,
    normalize_forward,
    scale_and_shift,
)


def batch_norm_forward(
    x: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    *,
    running_mean: np.ndarray | None = None,
    running_var: np.ndarray | None = None,
    eps: float = 1e-5,
) -> tuple[np.ndarray, Normalized]:
    """Give every channel the mean 0 and the variance 1 (Ioffe and Szegedy, 2015).

    Mean and variance are those of the batch, as in training; or the running ones if
    they are given, as in evaluation. Then an example's output depends on no other.

    Shapes:
        x, y                        (N, C, ...)   any number of further axes
        weight, bias                (C,)          or None: not scaled, not shifted
        running_mean, running_var   (C,)          or None, both: those of the batch

    Returns:
        y, and the cache that `batch_norm_backward` takes.

    Raises:
        ValueError: an array is not (C,); only one running statistic is given; eps is
            negative; or it is 0, or there is only one value a channel, and the
            statistics are those of the batch.

    Example:
        >>> x = np.array([[1.0, 0.0], [3.0, 8.0]])
        >>> batch_norm_forward(x)[0].round(3)
        array([[-1., -1.],
               [ 1.,  1.]])
        >>> mean, var = np.array([1.0, 4.0]), np.array([4.0, 4.0])
        >>> batch_norm_forward(x, running_mean=mean, running_var=var)[0].round(3)
        array([[ 0., -2.],
               [ 1.,  2.]])
    """
    running = {"running_mean": running_mean, "running_var": running_var}
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var must both be given, or neither")
    check_batch(x, running_mean is None, eps)
    check_shapes(x.shape[1:2], weight=weight, bias=bias, **running)
    channels = x.reshape(*x.shape[:2], math.prod(x.shape[2:]))  # (N, C, L)
    w, b = (None if a is None else a[:, np.newaxis] for a in (weight, bias))  # (C, 1)
    if running_mean is None or running_var is None:
        y, cache = normalize_forward(channels, w, b, axes=[0, 2], eps=eps)
        return y.reshape(x.shape), cache
    mean, var = running_mean[:, np.newaxis], running_var[:, np.newaxis]
    y, cache = scale_and_shift(Moments(channels - mean, mean, var), w, b, eps)
    return y.reshape(x.shape), cache


def batch_norm_backward(
    grad_y: np.ndarray, cache: Normalized
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """The gradients of x, weight and bias; None for what was None.

    Statistics of the batch depend on x: their gradients are a part of that of x.
    Running statistics are constants.

    Example:
        >>> _, cache = batch_norm_forward(np.array([[1.0], [3.0]]), np.ones(1))
        >>> batch_norm_backward(np.array([[5.0], [6.0]]), cache)[1].round(3)
        array([1.])
    """
    grad_x, *grads = normalize_backward(grad_y, cache)
    weight, bias = (None if grad is None else grad[:, 0] for grad in grads)
    return grad_x, weight, bias


def batch_statistics(cache: Normalized) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the unbiased variance of each channel, from the forward pass.

    The batch is normalized by its own variance, a sum over n values divided by n;
    what is kept for later estimates the variance of all data: divided by n - 1.
    If each example has statistics, as in instance normalization: their averages.

    Example:
        >>> _, cache = batch_norm_forward(np.array([[1.0], [3.0]]))
        >>> batch_statistics(cache)
        (array([2.]), array([2.]))
    """
    _, mean, var, n, _ = cache.moments
    mean, var = mean.mean(axis=0), var.mean(axis=0)  # (C, 1)
    return mean[:, 0], var[:, 0] * (n / (n - 1))


def update_running(
    running_mean: np.ndarray,
    running_var: np.ndarray,
    mean: np.ndarray,
    var: np.ndarray,
    momentum: float,
) -> None:
    """Move the running statistics toward new ones, in place.

    Momentum is the weight of what is new, as in torch.

    Example:
        >>> running_mean, running_var = np.zeros(1), np.ones(1)
        >>> update_running(running_mean, running_var, np.full(1, 5.0), np.ones(1), 0.1)
        >>> running_mean
        array([0.5])
    """
    # Not running + momentum * (new - running): with a new value far below the old one
    # the difference would forget it.
    running_mean *= 1 - momentum
    running_mean += momentum * mean
    running_var *= 1 - momentum
    running_var += momentum * var


def check_batch(x: np.ndarray, of_the_batch: bool, eps: float) -> None:
    if eps < 0 or (eps == 0 and of_the_batch):
        raise ValueError(f"eps must be positive, got {eps}")
    if x.ndim < 2:
        raise ValueError(f"x {x.shape} must have the axes (N, C, ...)")
    if of_the_batch and x.size == x.shape[1] > 0:
        raise ValueError(
            f"x {x.shape} has one value per channel: its variance is 0 and its "
            "gradient too; normalize more examples, or in evaluation mode"
        )


class BatchNorm(Layer):
    """What the batch normalizations of one, two and three dimensions share."""

    ndims: tuple[int, ...]
    """How many axes a batch may have."""
    unbatched = 0
    """How many axes a single example has, where one is taken."""
    function = staticmethod(batch_norm_forward)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        if affine:
            self.add_params(weight=np.ones(num_features, np.float32))
        if affine and bias:
            self.add_params(bias=np.zeros(num_features, np.float32))
        if track_running_stats:
            self.add_state(
                running_mean=np.zeros(num_features, np.float32),
                running_var=np.ones(num_features, np.float32),
                num_batches_tracked=np.zeros((), np.int64),
            )

    def forward(self, x: np.ndarray) -> np.ndarray:
        batch = self.as_batch(x)
        running = {k: self.own_state.get(k) for k in ("running_mean", "running_var")}
        weight, bias = self.own_params.get("weight"), self.own_params.get("bias")
        y, self.cache = self.function(
            batch, weight, bias, eps=self.eps, **({} if self.training else running)
        )
        if self.training and self.own_state:
            self.track()
        return y.reshape(x.shape)

    def as_batch(self, x: np.ndarray) -> np.ndarray:
        """The input with a batch axis, if its axes and its C are as asked for."""
        allowed = [*self.ndims, self.unbatched] if self.unbatched else [*self.ndims]
        if x.ndim not in allowed:
            raise ValueError(
                f"x {x.shape} must have {' or '.join(map(str, allowed))} axes"
            )
        batch = x[np.newaxis] if x.ndim == self.unbatched else x
        if batch.shape[1] != self.num_features and (self.own_params or self.own_state):
            raise ValueError(f"x {x.shape} must have num_features {self.num_features}")
        return batch

    def track(self) -> None:
        """Bring the statistics of the batch into the running ones."""
        share = self.count_batch()
        if self.cache.moments.centered.size:  # an empty batch has no statistics
            running = self.own_state["running_mean"], self.own_state["running_var"]
            update_running(*running, *batch_statistics(self.cache), share)

    def count_batch(self) -> float:
        """Count one more batch; its share in the running statistics."""
        self.own_state["num_batches_tracked"] += 1
        if self.momentum is None:
            return 1 / int(self.own_state["num_batches_tracked"])
        return self.momentum

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        grad_x, grad_weight, grad_bias = batch_norm_backward(grad_y, self.cache)
        self.add_grads(weight=grad_weight, bias=grad_bias)
        return grad_x


class BatchNorm1d(BatchNorm):
    """Batch normalization of (N, C) or (N, C, L) (`torch.nn.BatchNorm1d`).

    Momentum is the weight of a new batch in the running statistics; None gives each
    batch the same weight. Without `track_running_stats` evaluation mode takes the
    statistics of the batch, too.

    Shapes:
        weight, bias               (C,), ones and zeros at the start
        running_mean, running_var  (C,), zeros and ones at the start
        num_batches_tracked        ()

    Raises:
        ValueError: the input has other axes, another C, or one value per channel
            where the statistics are those of the batch.

    Example:
        >>> layer = BatchNorm1d(1)
        >>> layer(np.array([[1.0], [3.0]])).round(3)
        array([[-1.],
               [ 1.]])
        >>> layer.state["running_mean"]
        array([0.2], dtype=float32)
    """

    ndims = (2, 3)


class BatchNorm2d(BatchNorm):
    """Batch normalization of (N, C, H, W) (`torch.nn.BatchNorm2d`).

    Example:
        >>> BatchNorm2d(3)(np.ones((2, 3, 4, 5))).shape
        (2, 3, 4, 5)
    """

    ndims = (4,)


class BatchNorm3d(BatchNorm):
    """Batch normalization of (N, C, D, H, W) (`torch.nn.BatchNorm3d`).

    Example:
        >>> BatchNorm3d(3)(np.ones((2, 3, 4, 5, 6))).shape
        (2, 3, 4, 5, 6)
    """

    ndims = (5,)
