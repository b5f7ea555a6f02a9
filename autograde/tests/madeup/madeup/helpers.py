"""What other made-up chapters build."""

import functools
from collections.abc import Callable

import numpy as np

STEP = 1e-6


class Counted:
    """Counts its calls."""

    calls = 0

    def count(self) -> int:
        self.calls += 1
        return self.calls


def difference(f: Callable[[float], float], x: float) -> float:
    """f(x + h) - f(x - h), for a small h."""
    return float(np.subtract(f(x + STEP), f(x - STEP)))


@functools.cache
def never_used() -> int:
    return 0
