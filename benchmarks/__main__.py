"""Print benchmarks as Markdown tables: `python -m benchmarks [layers] [grading]`."""

import os
import sys
from importlib import import_module

# One thread each, before NumPy and torch start theirs: a ratio of cores says little.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

PARTS = ("layers", "grading")

for name in sys.argv[1:] or PARTS:
    if name not in PARTS:
        raise SystemExit(f"{name!r} is no benchmark, expected {' or '.join(PARTS)}")
    import_module(f"benchmarks.{name}").main()
