"""Seconds of process CPU time, and memory, of calls that take turns."""

import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence

import numpy as np

Run = Callable[[], object]
SGEMM_SIZE = 512


def cpu_time(run: Run) -> float:
    """Seconds of process CPU time that one call takes."""
    start = time.process_time()
    run()
    return time.process_time() - start


def medians(runs: Sequence[Run], budget: float, least: int = 5) -> list[float]:
    """The median time of each, measured in turn: a busy moment hits all of them.

    One more round as long as the budget of CPU seconds lasts, 100 rounds at most.
    """
    rounds: list[list[float]] = []
    for run in runs:  # warm up
        run()
    while len(rounds) < least or (sum(map(sum, rounds)) < budget and len(rounds) < 100):
        rounds.append([cpu_time(run) for run in runs])
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def peak_memory(run: Run) -> float:
    """The peak of NumPy's and Python's allocations in one call, in MB."""
    tracemalloc.start()
    run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def sgemm() -> Run:
    """One product of square matrices in float32: the fastest that BLAS can do."""
    a = np.random.default_rng(0).standard_normal((SGEMM_SIZE, SGEMM_SIZE), np.float32)
    return lambda: a @ a


SGEMM_FLOPS = 2 * SGEMM_SIZE**3
