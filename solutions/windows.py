"""Where a sliding window lands, tap by tap (chapters 7 to 10).

Convolution, its transpose, unfolding and pooling differ in what they do with the
entries of a window. Which entries these are is the same question for all of them.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from operator import index
from typing import Any

import numpy as np

Tap = tuple[tuple[Any, ...], tuple[Any, ...]]
CACHE = 2**18
"""How many entries a piece of work may have to stay in the cache."""


@dataclass(frozen=True)
class Windows:
    """The places of a window that slides over the last axes of an array.

    One entry for each axis. Output o sees, through entry k of the window, the input
    o * stride + k * dilation - padding, or nothing where there is no such input.
    So padding is never written into memory.

    Attributes:
        size    of the input
        count   how many places the window takes: the size of the output
    """

    size: tuple[int, ...]
    count: tuple[int, ...]
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]

    def taps(self) -> Iterator[Tap]:
        """For each entry of the window: which outputs see which inputs through it.

        Example:
            >>> windows = slide((4,), (2,), stride=2)
            >>> [np.arange(4)[inputs] for outputs, inputs in windows.taps()]
            [array([0, 2]), array([1, 3])]
        """
        axes = [list(self._axis_taps(axis)) for axis in range(len(self.size))]
        for tap in product(*axes):
            outputs, inputs = zip(*tap, strict=True)
            yield (..., *outputs), (..., *inputs)

    def rows(self, rows: slice) -> "Windows":
        """The windows of some of the outputs, along the first axis.

        Example:
            >>> windows = slide((4, 5), 2, stride=2).rows(slice(1, 2))
            >>> windows.count, windows.padding
            ((1, 2), (-2, 0))
        """
        count = (rows.stop - rows.start, *self.count[1:])
        before = self.padding[0] - rows.start * self.stride[0]
        return replace(self, count=count, padding=(before, *self.padding[1:]))

    def _axis_taps(self, axis: int) -> Iterator[tuple[slice, slice]]:
        size, count, stride = self.size[axis], self.count[axis], self.stride[axis]
        for k in range(self.kernel_size[axis]):
            shift = k * self.dilation[axis] - self.padding[axis]
            first = max(0, -(shift // stride))  # the ceiling of -shift / stride
            last = max(first, min(count, (size - 1 - shift) // stride + 1))
            start = first * stride + shift
            stop = start + (last - first) * stride
            yield slice(first, last), slice(start, stop, stride)


def slide(
    size: Sequence[int],
    kernel_size: int | Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
) -> Windows:
    """Slide a window over axes of `size`, as far as it fits.

    Padding is a number for both ends of an axis, "valid" (none) or "same" (as many
    outputs as inputs; an odd number puts the extra place at the far end).
    With `ceil_mode`, a last window may reach beyond the padding that it starts before.

    Returns:
        The windows; count = floor((size + 2 padding - span) / stride) + 1 for a window
        that spans dilation * (kernel_size - 1) + 1 entries.

    Raises:
        TypeError: an option is no integer.
        ValueError: an option has a wrong length or is too small; the window spans more
            than the padded input; padding "same" with a stride.

    Example:
        >>> slide((5, 7), 3, stride=(2, 1), padding=1).count
        (3, 7)
    """
    n = len(size)
    kernel = integers("kernel_size", kernel_size, n, least=1)
    step = integers("stride", stride, n, least=1)
    spread = integers("dilation", dilation, n, least=1)
    before, total = paddings(padding, kernel, step, spread)
    if min(before) < 0:
        raise ValueError(f"padding is {padding}, expected at least 0")
    spans = tuple(d * (k - 1) + 1 for k, d in zip(kernel, spread, strict=True))
    axes = zip(size, spans, step, before, total, strict=True)
    count = tuple(places(*axis, ceil_mode) for axis in axes)
    if 0 in size or min(count) < 1:
        raise ValueError(
            f"a window that spans {spans} does not fit: the input has size "
            f"{tuple(size)}, padding adds {total}"
        )
    return Windows(tuple(size), count, kernel, step, before, spread)


def places(
    size: int, span: int, stride: int, before: int, total: int, ceil_mode: bool
) -> int:
    """How many places a window of `span` entries takes along one axis.

    Example:
        >>> [places(4, 3, 2, 0, 0, ceil_mode) for ceil_mode in (False, True)]
        [1, 2]
    """
    room = size + total - span
    if not ceil_mode:
        return room // stride + 1
    rounded_up = -(-room // stride) + 1
    return min(rounded_up, -(-(size + before) // stride))  # no start in the far padding


def paddings(
    padding: int | Sequence[int] | str,
    kernel_size: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What padding adds before each axis, and what it adds in total.

    Raises:
        ValueError: an unknown string; "same" with a stride.

    Example:
        >>> paddings("same", (4,), (1,), (1,))
        ((1,), (3,))
    """
    if padding == "same":
        if max(stride) > 1:
            raise ValueError(f"padding 'same' needs stride 1, stride is {stride}")
        pairs = zip(kernel_size, dilation, strict=True)
        total = tuple(d * (k - 1) for k, d in pairs)
        return tuple(t // 2 for t in total), total
    if isinstance(padding, str) and padding != "valid":
        raise ValueError(f"padding is {padding!r}, expected 'same', 'valid' or numbers")
    numbers = 0 if isinstance(padding, str) else padding
    before = integers("padding", numbers, len(kernel_size))
    return before, tuple(2 * p for p in before)


def integers(
    name: str,
    value: int | Sequence[int],
    n: int,
    *,
    least: int | None = None,
    exact: bool = False,
) -> tuple[int, ...]:
    """One integer for each of `n` axes; a single one counts for every axis.

    If `exact`, a sequence must have n of them, even where it has one.

    Raises:
        TypeError: not an integer.
        ValueError: another number of integers, or one below `least`.

    Example:
        >>> integers("stride", 2, 3), integers("stride", (1, 2), 2)
        ((2, 2, 2), (1, 2))
    """
    values = tuple(value) if isinstance(value, Sequence) else (value,)
    try:
        numbers = tuple(map(index, values))
    except TypeError:
        raise TypeError(f"{name} is {value!r}, expected an integer or {n}") from None
    if len(numbers) == 1 and not (exact and isinstance(value, Sequence)):
        numbers *= n
    if len(numbers) != n:
        raise ValueError(f"{name} is {value!r}, expected one integer or {n}")
    if least is not None and min(numbers) < least:
        raise ValueError(f"{name} is {value!r}, expected at least {least}")
    return numbers


def gather(x: np.ndarray, windows: Windows) -> np.ndarray:
    """Copy the entries that each window sees; 0 where it sees none (im2col).

    Shapes:
        x        (A, B, *size)
        columns  (A, taps, B, *count)

    Example:
        >>> windows = slide((3,), 2)
        >>> gather(np.array([[[1.0, 2.0, 3.0]]]), windows)[0, :, 0]
        array([[1., 2.],
               [2., 3.]])
    """
    A, B, taps = *x.shape[:2], math.prod(windows.kernel_size)
    columns = np.zeros((A, taps, B, *windows.count), x.dtype)
    for t, (outputs, inputs) in enumerate(windows.taps()):
        columns[:, t][outputs] = x[inputs]
    return columns


def scatter(columns: np.ndarray, windows: Windows, x: np.ndarray) -> None:
    """Add the entries of each window to `x`, where `gather` took them (col2im).

    Shapes:
        columns  (A, taps, B, *count)
        x        (A, B, *size)  changed

    Example:
        >>> x = np.zeros((1, 1, 3))
        >>> scatter(np.ones((1, 2, 1, 2)), slide((3,), 2), x)
        >>> x
        array([[[1., 2., 1.]]])
    """
    for t, (outputs, inputs) in enumerate(windows.taps()):
        x[inputs] += columns[:, t][outputs]


def chunks(N: int, entries: int) -> Iterator[slice]:
    """Cut N examples of so many entries into pieces that stay in the cache.

    Example:
        >>> list(chunks(5, entries=CACHE // 2))
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    step = max(1, CACHE // max(1, entries))
    return (slice(i, min(i + step, N)) for i in range(0, N, step))


def blocks(
    N: int, windows: Windows, height: int
) -> Iterator[tuple[slice, slice, Windows]]:
    """Cut the places of N examples into pieces whose columns stay in the cache.

    A piece is some examples, some rows of their outputs, and the windows of those rows;
    `height` is that of a column. An example is cut only where it does not fit.

    Example:
        >>> pieces = blocks(2, slide((3, CACHE), 1), height=1)
        >>> [(examples.start, rows.start) for examples, rows, _ in pieces]
        [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    """
    count = windows.count
    row = height * math.prod(count[1:])
    for examples in chunks(N, row * count[0]):
        for rows in chunks(count[0], row * (examples.stop - examples.start)):
            yield examples, rows, windows.rows(rows)
