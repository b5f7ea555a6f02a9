"""Grading in the sandbox: submissions a second, and what one costs."""

import resource
import time

import nbformat

from autograde.chapter import build
from autograde.grade import grade
from autograde.release import chapters

ROUNDS = 20


def cpu_seconds() -> float:
    """CPU time of this process and of the sandboxes that have ended."""
    kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    used = [resource.getrusage(kind) for kind in kinds]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def main() -> None:
    """Print what grading the solved notebook costs, one worker, nothing recorded."""
    path = chapters()[0]
    data = nbformat.writes(build(path)[0]).encode()
    report = grade(data, path.stem, b"warm up: torch is imported, checks collected")
    start, cpu = time.perf_counter(), cpu_seconds()
    for run in range(ROUNDS):
        grade(data, path.stem, b"the secret of a benchmark", run=run)
    seconds, cpu = time.perf_counter() - start, cpu_seconds() - cpu
    print()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("| submission | marks | a second | CPU s each | grader's peak MB |")
    print("|---|---|---|---|---|")
    print(
        f"| {path.stem}, solved | {report.points:g} / {report.max_points:g} "
        f"| {ROUNDS / seconds:.1f} | {cpu / ROUNDS:.3f} | {peak:.0f} |"
    )
