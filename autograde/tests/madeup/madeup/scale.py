"""Scaling: exercises of every kind."""

from collections.abc import Callable

import numpy as np

from madeup.helpers import STEP, Counted, difference


def scale_forward(x: np.ndarray, factor: float) -> tuple[np.ndarray, tuple]:
    """Multiply every entry of `x` by `factor`."""
    return x * factor, (factor,)


def scale_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """The gradient of x."""
    (factor,) = cache
    return grad_y * factor


def scale_twice(x: np.ndarray, factor: float) -> np.ndarray:
    """Scale, and scale what comes out."""
    y, _ = scale_forward(x, factor)
    return scale_forward(y, factor)[0]


def slope(f: Callable[[float], float], x: float) -> float:
    """The slope of `f` at `x`."""
    return difference(f, x) / (2 * STEP)


def clip(x: np.ndarray, low: float, high: float) -> np.ndarray:
    """Limit every entry to the range from `low` to `high`."""
    if low > high:
        raise ValueError(f"low {low} is above high {high}")
    ### BEGIN SOLUTION
    return np.minimum(np.maximum(x, low), high)
    ### END SOLUTION


class Meter(Counted):
    """Adds up what it is shown."""

    unit = "entries"

    def __init__(self, start: float = 0.0) -> None:
        """Begin at `start`."""
        self.total = start

    @property
    def doubled(self) -> float:
        """Twice the total."""
        return 2 * self.total

    def show(self, x: np.ndarray) -> None:
        """Add the entries of `x`."""
        self.count()
        self.total += float(x.sum())


class Scaler:
    """Scales by its own factor."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return scale_forward(x, self.factor)[0]


class Empty:
    """Leaves nothing to write."""
