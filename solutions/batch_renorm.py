"""Batch renormalization (chapter 12; torch does not have it).

Sergey Ioffe, "Batch renormalization: towards reducing minibatch dependence in
batch-normalized models", 2017.
"""

import math

import numpy as np

from solutions.batch_norm import check_batch, update_running
from solutions.layer import Layer
from solutions.normalize import (
    Moments,
    Normalized,
    check_shapes,
    moments,
    normalize_backward,
    scale_and_shift,
)


def batch_renorm_forward(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray,
    *,
    running_mean: np.ndarray,
    running_std: np.ndarray,
    training: bool = True,
    r_max: float = 3.0,
    d_max: float = 5.0,
    eps: float = 1e-3,
) -> tuple[np.ndarray, tuple]:
    """Normalize by the batch, then correct toward the running statistics.

    y = ((x - mean) / std * r + d) * weight + bias, with std = sqrt(var + eps) and

        r = std / running_std                     from 1 / r_max to r_max,
        d = (mean - running_mean) / running_std   from -d_max to d_max.

    Inside these bounds training computes what evaluation computes. r and d are taken
    for constants: no gradient goes through them. r_max = 1, d_max = 0 is batch
    normalization; the paper starts there, and ends with 3 and 5.

    Shapes:
        x, y                       (N, C, ...)   any number of further axes
        weight, bias               (C,)
        running_mean, running_std  (C,)

    Returns:
        y, and the cache that `batch_renorm_backward` takes.

    Raises:
        ValueError: an array is not (C,); r_max is below 1 or d_max below 0; in training
            eps is not positive, or there is only one value per channel.

    Example:
        >>> x, mean, std = np.array([[1.0], [3.0]]), np.array([1.0]), np.array([2.0])
        >>> running = {"running_mean": mean, "running_std": std}
        >>> batch_renorm_forward(x, np.ones(1), np.zeros(1), **running)[0].round(9)
        array([[0.],
               [1.]])
    """
    check_batch(x, training, eps)
    running = {"running_mean": running_mean, "running_std": running_std}
    check_shapes(x.shape[1:2], weight=weight, bias=bias, **running)
    if r_max < 1 or d_max < 0:
        raise ValueError(f"r_max {r_max} must be at least 1, d_max {d_max} at least 0")
    channels = x.reshape(*x.shape[:2], math.prod(x.shape[2:]))  # (N, C, L)
    columns = (a[:, np.newaxis] for a in (weight, bias, running_mean, running_std))
    w, b, old_mean, old_std = columns  # (C, 1)
    if not training:
        fixed = Moments(channels - old_mean, old_mean, old_std * old_std)
        y, cache = scale_and_shift(fixed, w, b, eps=0.0)  # running_std holds eps
        return y.reshape(x.shape), (cache, 1.0, 0.0)
    of_batch = moments(channels, [0, 2])
    std = np.sqrt(of_batch.var + eps)
    r = np.clip(std / old_std, 1 / r_max, r_max)[0]
    d = np.clip((of_batch.mean - old_mean) / old_std, -d_max, d_max)[0]
    y, cache = scale_and_shift(of_batch, w * r, b + w * d, eps)
    return y.reshape(x.shape), (cache, r, d)


def batch_renorm_backward(
    grad_y: np.ndarray, cache: tuple
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients of x, weight and bias.

    To x this is batch normalization with the weight w r and the bias b + w d.

    Example:
        >>> x, mean, std = np.array([[1.0], [3.0]]), np.array([1.0]), np.array([2.0])
        >>> running = {"running_mean": mean, "running_std": std}
        >>> _, cache = batch_renorm_forward(x, np.ones(1), np.zeros(1), **running)
        >>> batch_renorm_backward(np.array([[5.0], [6.0]]), cache)[1].round(9)
        array([6.])
    """
    normalized, r, d = cache
    grad_x, *grads = normalize_backward(grad_y, normalized)
    grad_wr, grad_b = (grad for grad in grads if grad is not None)  # (C, 1)
    grad_weight = grad_wr * r + grad_b * d
    return grad_x, grad_weight[:, 0], grad_b[:, 0]


class BatchRenorm(Layer):
    """Batch renormalization of (N, C, ...), with the defaults of the paper.

    Change `r_max` and `d_max` while training: the paper begins with 1 and 0.

    Shapes:
        weight, bias               (num_features,), ones and zeros at the start
        running_mean, running_std  (num_features,), zeros and ones at the start

    Example:
        >>> layer = BatchRenorm(1, r_max=1.0, d_max=0.0)
        >>> layer(np.array([[1.0], [3.0]])).round(3)
        array([[-1.],
               [ 1.]])
        >>> layer.state["running_mean"]
        array([0.02], dtype=float32)
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-3,
        momentum: float = 0.01,
        r_max: float = 3.0,
        d_max: float = 5.0,
    ) -> None:
        super().__init__()
        self.eps, self.momentum, self.r_max, self.d_max = eps, momentum, r_max, d_max
        self.add_params(
            weight=np.ones(num_features, np.float32),
            bias=np.zeros(num_features, np.float32),
        )
        self.add_state(
            running_mean=np.zeros(num_features, np.float32),
            running_std=np.ones(num_features, np.float32),
        )

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = batch_renorm_forward(
            x,
            self.own_params["weight"],
            self.own_params["bias"],
            **self.own_state,
            training=self.training,
            r_max=self.r_max,
            d_max=self.d_max,
            eps=self.eps,
        )
        if self.training and x.size:
            self.track(self.cache[0])
        return y

    def track(self, batch: Normalized) -> None:
        """Bring the mean and the deviation of the batch into the running ones."""
        mean, std = batch.moments.mean.ravel(), 1 / batch.rstd.ravel()
        running = self.own_state["running_mean"], self.own_state["running_std"]
        update_running(*running, mean, std, self.momentum)

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        grad_x, grad_weight, grad_bias = batch_renorm_backward(grad_y, self.cache)
        self.add_grads(weight=grad_weight, bias=grad_bias)
        return grad_x
