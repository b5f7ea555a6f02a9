"""What this book adds to Sphinx; `local_extensions` in _config.yml loads it."""

import zlib
from pathlib import Path

from sphinx.application import Sphinx

from book.extension import (
    cells,
    describe,
    editions,
    interactive,
    kernel,
    layers,
    mathjax,
    mend,
    notebook,
)

HERE = Path(__file__).parent
PARTS = cells, describe, editions, interactive, kernel, layers, mathjax, mend, notebook


def setup(app: Sphinx) -> dict[str, object]:
    for part in PARTS:
        part.setup(app)
    sources = b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))
    return {
        "env_version": zlib.crc32(sources),  # another extension: all pages anew
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
