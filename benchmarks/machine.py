"""What a benchmark ran on: a ratio says little without it."""

import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_info

CPUINFO = Path("/proc/cpuinfo")


def machine() -> dict[str, Any]:
    """The processor, the versions, and the libraries with their kernels and threads."""
    return {
        "cpu": cpu(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "torch kernels": torch.backends.cpu.get_cpu_capability(),
        "torch threads": torch.get_num_threads(),
        "libraries": [
            {name: value for name, value in library.items() if name != "filepath"}
            for library in threadpool_info()
        ],
    }


def cpu() -> str:
    """The name of the processor, as far as the system tells."""
    lines = CPUINFO.read_text().splitlines() if CPUINFO.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def blas() -> str:
    """NumPy's BLAS in a line: its version, kernels and threads."""
    found = [i for i in threadpool_info() if i["user_api"] == "blas"]
    return ", ".join(
        f"{i['internal_api']} {i['version']} ({i['architecture']} kernels, "
        f"{i['num_threads']} thread{'s' * (i['num_threads'] != 1)})"
        for i in found
    )
