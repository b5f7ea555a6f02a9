"""Our layers against torch's, one thread each, and against the loop over entries."""

import json
import statistics
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from autograde.course import PROJECT
from benchmarks.cases import LAYERS, STEPS
from benchmarks.machine import blas, cpu, machine
from benchmarks.sides import Layers, Optimizers
from benchmarks.simple import FORMS
from benchmarks.timing import SGEMM_FLOPS, Run, cpu_time, medians, peak_memory, sgemm

RESULTS = PROJECT / "_build" / "bench" / "layers.json"
BUDGET = 1.5
"""CPU seconds for the rounds of a layer."""
HEAD = """\
Our classes and torch's, float32, one thread, median CPU time of calls in turn.

| layer | torch ms: f | f + b | ours / torch: f | f + b | % of sgemm: f | f + b | MB \
| simple / ours: f + b | loop / ours: f |
|---|---|---|---|---|---|---|---|---|---|"""


@dataclass
class Row:
    """What one layer takes; by run: "forward" and "both" (with backward), or "step"."""

    layer: str
    sgemm: float
    """The rate of a large matrix product in the same rounds, GFLOP/s."""
    peak: float
    """MB that one call of the last run allocates at most."""
    torch: dict[str, float] = field(default_factory=dict)
    """CPU seconds."""
    ours: dict[str, float] = field(default_factory=dict)
    ratio: dict[str, float] = field(default_factory=dict)
    """Ours / torch."""
    share: dict[str, float] = field(default_factory=dict)
    """Of the sgemm rate, counting matrix products only."""
    simple: float | None = None
    """Forward and backward in the plainest vectorized form / ours."""
    loop: float | None = None
    """The forward pass by loops / ours."""

    def __str__(self) -> str:
        simple = "" if self.simple is None else f"{self.simple:.2f}"
        loop = "" if self.loop is None else f"{self.loop:,.0f}"
        numbers = [
            (self.torch, "{:.2f}", 1000),
            (self.ratio, "{:.2f}", 1),
            (self.share, "{:.0f}", 100),
        ]
        cells = [
            text.format(scale * values[run]) if run in values else ""
            for values, text, scale in numbers
            for run in ("forward", "both" if "both" in values else "step")
        ]
        cells += [f"{self.peak:.1f}", simple, loop]
        return f"| {self.layer} | {' | '.join(cells)} |"


def rows() -> Iterator[Row]:
    """Measure all layers, one after the other."""
    for case in LAYERS:
        yield layer_row(Layers(case), str(case))
    for step in STEPS:
        yield timed(Optimizers(step), str(step))


def layer_row(sides: Layers, title: str) -> Row:
    """A layer: also its matrix products, its simple form and its loop."""
    row = timed(sides, title)
    for run, flops in products(sides).items():
        if flops:
            row.share[run] = flops / row.ours[run] / row.sgemm / 1e9
    if sides.case.name in FORMS:
        simple, ours = medians([sides.simple, sides.both], BUDGET / 2)
        row.simple = simple / ours
    if sides.case.naive:
        part, whole = sides.naive().size, sides.forward().size
        row.loop = cpu_time(sides.naive) * whole / part / row.ours["forward"]
    return row


def timed(sides: Layers | Optimizers, title: str) -> Row:
    """Both sides and a large matrix product, in turn."""
    runs = sides.runs()
    flat = [run for pair in runs.values() for run in pair]
    *times, product = medians([*flat, sgemm()], BUDGET)
    row = Row(title, SGEMM_FLOPS / product / 1e9, peak_memory(flat[-2]))
    for name, ours, theirs in zip(runs, times[::2], times[1::2], strict=True):
        row.ours[name], row.torch[name] = ours, theirs
        row.ratio[name] = ours / theirs
    return row


def products(sides: Layers) -> dict[str, int]:
    """Operations of the matrix products, counted where torch shows each of them."""

    def count(run: Run) -> int:
        with FlopCounterMode(display=False) as counter:
            run()
        return counter.get_total_flops()

    with warnings.catch_warnings(action="ignore"):  # of kernels for other processors
        plain = torch.backends.mkldnn.flags(enabled=False)
        with plain, sdpa_kernel(SDPBackend.MATH):
            return {name: count(theirs) for name, (_, theirs) in sides.runs().items()}


def geometric_mean(rows: Iterable[Row], run: str) -> float:
    """Of the ratios; each layer counts as much as any other."""
    return statistics.geometric_mean(r.ratio[run] for r in rows if run in r.ratio)


def main() -> None:
    """Print the table row by row, and keep it as JSON."""
    torch.set_num_threads(1)
    print(HEAD)
    found = []
    for row in rows():
        found.append(row)
        print(row, flush=True)
    summary = {
        "forward": geometric_mean(found, "forward"),
        "both": geometric_mean(found, "both"),
        "sgemm": statistics.median(row.sgemm for row in found),
    }
    print(
        "\nf: forward, f + b: forward and backward, or one step. Geometric mean of "
        f"ours / torch: f {summary['forward']:.2f}, f + b {summary['both']:.2f}. "
        f"sgemm: {summary['sgemm']:.0f} GFLOP/s. {cpu()}; {blas()}."
    )
    record: dict[str, Any] = {"machine": machine(), **summary}
    record["rows"] = [asdict(row) for row in found]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
