"""What the pooling layers share: which windows, which inputs (chapter 10)."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from solutions.layer import Layer
from solutions.windows import Windows, chunks, integers, slide

Ints = int | Sequence[int]


def pool_windows(
    x: np.ndarray,
    kernel_size: Ints,
    *,
    stride: Ints | None = None,
    padding: Ints = 0,
    **options: Any,
) -> Windows:
    """The windows over the last axes of `x`; without a stride they lie side by side.

    A `kernel_size` of n numbers slides over n axes, a single integer over all axes but
    the first two.

    Raises:
        ValueError: padding is more than half of the kernel, so that a window could hold
            nothing but padding; see also `slide`.

    Example:
        >>> pool_windows(np.zeros((2, 3, 8, 9)), (2, 3)).count
        (4, 3)
    """
    n = len(kernel_size) if isinstance(kernel_size, Sequence) else x.ndim - 2
    kernel = integers("kernel_size", kernel_size, n, least=1)
    before = integers("padding", padding, n, least=0)
    if any(2 * p > k for p, k in zip(before, kernel, strict=True)):
        raise ValueError(
            f"padding is {before}, expected at most half of kernel_size {kernel}"
        )
    step = kernel if stride is None else stride
    return slide(x.shape[-n:], kernel, stride=step, padding=before, **options)


def pieces(n: int, *arrays: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """Look at a few channels at a time, of each array the same, to stay in the cache.

    Shapes:
        arrays  (..., *size)  n axes of size, which may differ; equal axes before
        result  (channels, *size)

    Example:
        >>> x, y = np.zeros((2, 3, 8)), np.zeros((2, 3, 4))
        >>> [(a.shape, b.shape) for a, b in pieces(1, x, y)]
        [((6, 8), (6, 4))]
    """
    sizes = [a.shape[a.ndim - n :] for a in arrays]
    channels = math.prod(arrays[0].shape[: arrays[0].ndim - n])
    maps = [a.reshape(channels, *s) for a, s in zip(arrays, sizes, strict=True)]
    for part in chunks(channels, sum(map(math.prod, sizes))):
        yield tuple(m[part] for m in maps)


def check_axes(x: np.ndarray, n: int) -> None:
    """See that x is (N, C, *size) or (C, *size) with `n` axes of size.

    Raises:
        ValueError: it is not, or an axis other than N is empty.

    Example:
        >>> check_axes(np.zeros((0, 3, 8, 9)), 2)
    """
    if x.ndim not in (n + 1, n + 2) or 0 in x.shape[-n - 1 :]:
        raise ValueError(
            f"x has shape {x.shape}, expected {n + 2} axes, or {n + 1} without batch, "
            "none empty but the batch"
        )


def check_fits(x: np.ndarray, kernel_size: Sequence[int]) -> None:
    """See that the window is nowhere larger than x, even where padding makes room.

    torch asks for it where it takes means in three dimensions, and only there.

    Raises:
        ValueError: it is.
    """
    size = x.shape[-len(kernel_size) :]
    if any(k > s for k, s in zip(kernel_size, size, strict=True)):
        raise ValueError(f"kernel_size {kernel_size} is larger than the input, {size}")


def check_floats(x: np.ndarray) -> None:
    """See that x holds floats: a mean of integers would be cut to an integer.

    Raises:
        TypeError: it does not.
    """
    if x.dtype.kind != "f":
        raise TypeError(f"x holds {x.dtype}, expected floats")


class PoolNd(Layer):
    """A layer that turns each window of each channel into one number.

    Shapes:
        x  (N, C, *size)  or without N; `dims` axes of size
        y  (N, C, *count)
    """

    dims: ClassVar[int]

    def __init__(self, kernel_size: Ints, stride: Ints | None, **options: Any) -> None:
        super().__init__()
        self.kernel_size = integers("kernel_size", kernel_size, self.dims)
        step = kernel_size if stride is None or stride == () else stride
        self.stride = integers("stride", step, self.dims)
        self.options = {
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            **options,
        }
