"""What this book adds to Sphinx; `local_extensions` in _config.yml loads it."""

from sphinx.application import Sphinx

from book.extension import cells, exercises, interactive, mathjax


def setup(app: Sphinx) -> dict[str, object]:
    for part in (cells, exercises, interactive, mathjax):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
