"""Print all benchmarks as Markdown tables: `python -m benchmarks`."""

import os

# One thread each, before NumPy and torch start theirs: a ratio of cores says little.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

from benchmarks import grading, layers

layers.main()
grading.main()
