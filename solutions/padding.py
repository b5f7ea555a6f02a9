"""More room around an array (chapter 8; `torch.nn.functional.pad`)."""

from collections.abc import Iterator, Sequence

import numpy as np

MODES = ("constant", "reflect", "replicate", "circular")


def pad_forward(
    x: np.ndarray, *, pad: Sequence[int], mode: str = "constant", value: float = 0.0
) -> tuple[np.ndarray, tuple]:
    """Add entries before and after the last axes of `x` (`torch.nn.functional.pad`).

    "constant" adds `value`; "reflect" mirrors x at its edge, which it does not repeat;
    "replicate" repeats the edge; "circular" goes on at the other end.
    A negative number takes entries away.

    Shapes:
        x    (..., A, B)
        pad  (before B, after B, before A, after A, ...), the last axis first
        y    (..., before A + A + after A, before B + B + after B)

    Returns:
        y, and the cache that `pad_backward` takes.

    Raises:
        ValueError: an unknown mode; an odd number of paddings, or more than x has axes;
            a padding that is too big for its mode.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> for mode in MODES:
        ...     print(pad_forward(x, pad=(2, 1), mode=mode)[0])
        [0. 0. 1. 2. 3. 0.]
        [3. 2. 1. 2. 3. 2.]
        [1. 1. 1. 2. 3. 3.]
        [2. 3. 1. 2. 3. 1.]
    """
    if mode not in MODES:
        raise ValueError(f"mode is {mode!r}, expected one of {', '.join(MODES)}")
    y = x
    for axis, before, after in padded_axes(x.shape, pad):
        sources = source_of(y.shape[axis], before, after, mode)
        y = y.take(np.maximum(sources, 0), axis=axis)
        np.moveaxis(y, axis, 0)[sources < 0] = value
    return y, (x.shape, tuple(pad), mode)


def pad_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Add the gradient of each padded entry to that of the entry it was copied from.

    Returns:
        grad_x, of the shape of x.

    Example:
        >>> _, cache = pad_forward(np.zeros(3), pad=(2, 1), mode="reflect")
        >>> pad_backward(np.array([1.0, 2.0, 10.0, 20.0, 30.0, 3.0]), cache)
        array([10., 25., 31.])
    """
    shape, pad, mode = cache
    for axis, before, after in reversed(list(padded_axes(shape, pad))):
        size = shape[axis]
        sources = source_of(size, before, after, mode)
        place = np.arange(-before, size + after)
        inside = (place >= 0) & (place < size)
        widths = (*grad_y.shape[:axis], size, *grad_y.shape[axis + 1 :])
        grad_x = np.zeros(widths, grad_y.dtype)
        rows, rows_y = np.moveaxis(grad_x, axis, 0), np.moveaxis(grad_y, axis, 0)
        rows[place[inside]] = rows_y[inside]
        for outer in np.flatnonzero(~inside & (sources >= 0)):
            rows[sources[outer]] += rows_y[outer]
        grad_y = grad_x
    return grad_y


def padded_axes(
    shape: Sequence[int], pad: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    """The axes that `pad` is about, the last one first, with the room on either side.

    Example:
        >>> list(padded_axes((4, 5, 6), (1, 2, 3, 4)))
        [(2, 1, 2), (1, 3, 4)]
    """
    if len(pad) % 2 or len(pad) > 2 * len(shape):
        raise ValueError(
            f"pad is {tuple(pad)}, expected two numbers for each of the last axes "
            f"of an input of shape {tuple(shape)}"
        )
    for i in range(len(pad) // 2):
        yield len(shape) - 1 - i, pad[2 * i], pad[2 * i + 1]


def source_of(size: int, before: int, after: int, mode: str) -> np.ndarray:
    """Which entry of an axis each entry of the padded axis is copied from; -1: none.

    Example:
        >>> source_of(3, 1, 2, "constant")
        array([-1,  0,  1,  2, -1, -1])
    """
    most = {"reflect": size - 1, "circular": size}.get(mode, max(before, after))
    left = size + min(before, 0) + min(after, 0)
    if max(before, after) > most or left < (0 if mode == "constant" else 1):
        raise ValueError(
            f"pad is {before}, {after} on an axis of size {size}: mode {mode!r} allows "
            f"at most {most}, and something to copy must be left"
        )
    place = np.arange(-before, size + after)
    if mode == "replicate":
        return place.clip(0, size - 1)
    if mode == "circular":
        first = max(
            -before, 0
        )  # what is taken away does not come back at the other end
        return first + (place - first) % left
    if mode == "reflect":
        return np.where(place < size, np.abs(place), 2 * (size - 1) - place)
    return np.where((place >= 0) & (place < size), place, -1)
