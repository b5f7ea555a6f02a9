"""Layers against torch and against the loop over single entries."""

import statistics
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import torch

from solutions.linear import linear_backward, linear_forward


def cpu_time(run: Callable[[], object]) -> float:
    """Seconds of process CPU time that one call takes."""
    start = time.process_time()
    run()
    return time.process_time() - start


def ratio(a: Callable[[], object], b: Callable[[], object], rounds: int = 15) -> float:
    """The median time of `a` over that of `b`, measured in turn."""
    a(), b()  # warm up
    times = [(cpu_time(a), cpu_time(b)) for _ in range(rounds)]
    return statistics.median(t for t, _ in times) / statistics.median(
        t for _, t in times
    )


def peak_memory(run: Callable[[], object]) -> float:
    """The peak of NumPy's and Python's allocations in one call, in MB."""
    tracemalloc.start()
    run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def loop(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """The linear layer, one entry after the other."""
    y = np.empty((len(x), len(weight)), x.dtype)
    for n in range(len(x)):
        for k in range(len(weight)):
            y[n, k] = sum(x[n, d] * weight[k, d] for d in range(x.shape[1])) + bias[k]
    return y


def linear(N: int, D: int, K: int) -> str:
    rng = np.random.default_rng(0)
    shapes = [(N, D), (K, D), (K,), (N, K)]
    x, weight, bias, grad_y = (
        rng.standard_normal(s).astype(np.float32) for s in shapes
    )
    tensors = [torch.tensor(a, requires_grad=True) for a in (x, weight, bias)]

    def forward() -> object:
        return linear_forward(x, weight, bias)

    def both() -> object:
        return linear_backward(grad_y, linear_forward(x, weight, bias)[1])

    def torch_forward() -> object:
        with torch.no_grad():
            return torch.nn.functional.linear(*tensors)

    def torch_both() -> object:
        y = torch.nn.functional.linear(*tensors)
        return torch.autograd.grad(y, tensors, torch.from_numpy(grad_y))

    part = x[:2], weight[:16], bias[:16]  # the loop is slow: a part of the work, scaled
    scale = N * K / (2 * 16)
    naive = scale * cpu_time(lambda: loop(*part)) / cpu_time(forward)
    return (
        f"| Linear {N}x{D}x{K} | {ratio(forward, torch_forward):.2f} "
        f"| {ratio(both, torch_both):.2f} | {peak_memory(both):.1f} | {naive:,.0f} |"
    )


def main() -> None:
    """Print the table of layers."""
    torch.set_num_threads(1)
    print("| layer | forward / torch | forward + backward / torch | MB | loop / ours |")
    print("|---|---|---|---|---|")
    for sizes in [(256, 1024, 1024), (64, 784, 128)]:
        print(linear(*sizes), flush=True)
