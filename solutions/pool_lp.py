"""Power-average pooling in 1 to 3 dimensions (chapter 10; `torch.nn.LPPool2d`)."""

import math
from typing import Any

import numpy as np

from solutions.pool_avg import avg_pool_backward, avg_pool_forward
from solutions.pool_max import max_pool_backward, max_pool_forward
from solutions.pooling import Ints, PoolNd, check_axes, check_fits


def lp_pool_forward(
    x: np.ndarray,
    *,
    norm_type: float,
    kernel_size: Ints,
    stride: Ints | None = None,
    ceil_mode: bool = False,
) -> tuple[np.ndarray, tuple]:
    """Take the root of the sum of powers of the entries that each window sees.

    y = (sum of x ** norm_type) ** (1 / norm_type); entries keep their sign, so that an
    odd power may give a negative sum and NaN. At its limits inf and -inf, y is the
    largest and the smallest absolute value. With `ceil_mode`, as in torch, a window
    that reaches beyond x counts as if it were full of entries of the same mean.

    Shapes:
        x  (..., *size)
        y  (..., *count)

    Returns:
        y, and the cache that `lp_pool_backward` takes.

    Raises:
        ValueError: norm_type is 0; an option is out of range, or no window fits.

    Example:
        >>> x = np.array([[[3.0, 4.0]]])
        >>> lp_pool_forward(x, norm_type=2, kernel_size=2)[0]
        array([[[5.]]])
    """
    if norm_type == 0:
        raise ValueError("norm_type is 0, expected another number")
    norm_type = float(norm_type)  # a NumPy scalar would turn float32 into float64
    windows: dict[str, Any] = {
        "kernel_size": kernel_size,
        "stride": stride,
        "ceil_mode": ceil_mode,
    }
    if math.isinf(norm_type):
        sign = math.copysign(1, norm_type)
        y, cache = max_pool_forward(sign * np.abs(x), **windows)
        return sign * y, (x, None, norm_type, None, cache)
    with np.errstate(all="ignore"):
        mean, cache = avg_pool_forward(x**norm_type, **windows)
        entries = math.prod(cache[2].kernel_size)
        y = (mean * entries) ** (1 / norm_type)
    return y, (x, mean, norm_type, entries, cache)


def lp_pool_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """The gradient of x; 0 for a window whose sum is 0, where there is none.

    Returns:
        grad_x, of the shape of x.

    Example:
        >>> x = np.array([[[3.0, 4.0, 0.0, 0.0]]])
        >>> _, cache = lp_pool_forward(x, norm_type=2, kernel_size=2)
        >>> lp_pool_backward(np.array([[[10.0, 20.0]]]), cache)
        array([[[6., 8., 0., 0.]]])
    """
    x, mean, p, entries, mean_cache = cache
    if math.isinf(p):
        return max_pool_backward(grad_y, mean_cache) * np.sign(x)
    with np.errstate(all="ignore"):
        slope = entries / p * (mean * entries) ** (1 / p - 1)
        grad_mean = np.where(mean == 0, 0, grad_y * slope)
        return avg_pool_backward(grad_mean, mean_cache) * (p * x ** (p - 1))


class LPPoolNd(PoolNd):
    """The root of the sum of powers of each window."""

    def __init__(
        self,
        norm_type: float,
        kernel_size: Ints,
        stride: Ints | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, norm_type=norm_type, ceil_mode=ceil_mode)

    def forward(self, x: np.ndarray) -> np.ndarray:
        check_axes(x, self.dims)
        y, self.cache = lp_pool_forward(x, **self.options)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return lp_pool_backward(grad_y, self.cache)


class LPPool1d(LPPoolNd):
    """The root of the sum of powers over time (`torch.nn.LPPool1d`).

    Example:
        >>> LPPool1d(2, 2)(np.zeros((2, 3, 8))).shape
        (2, 3, 4)
    """

    dims = 1


class LPPool2d(LPPoolNd):
    """The root of the sum of powers over an image (`torch.nn.LPPool2d`).

    Example:
        >>> LPPool2d(2, 2)(np.zeros((2, 3, 8, 9))).shape
        (2, 3, 4, 4)
    """

    dims = 2


class LPPool3d(LPPoolNd):
    """The root of the sum of powers over a volume (`torch.nn.LPPool3d`).

    Example:
        >>> LPPool3d(2, 2)(np.zeros((2, 3, 4, 6, 8))).shape
        (2, 3, 2, 3, 4)
    """

    dims = 3

    def forward(self, x: np.ndarray) -> np.ndarray:
        check_axes(x, self.dims)
        check_fits(x, self.kernel_size)
        return super().forward(x)
