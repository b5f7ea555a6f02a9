"""What this book adds to Sphinx; `local_extensions` in _config.yml loads it."""

from sphinx.application import Sphinx

from book.extension import cells, interactive, layers, mathjax, mend


def setup(app: Sphinx) -> dict[str, object]:
    for part in (cells, interactive, layers, mathjax, mend):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
