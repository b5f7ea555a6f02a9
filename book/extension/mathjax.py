"""Formulas without a network: MathJax comes from an installed package.

The package `sphinx-mathjax-offline` would copy all of MathJax, 15 MB. One file is
enough: its output is SVG, so that it needs no fonts, and all of TeX's extensions
are in it, so that it loads nothing else.
"""

from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.fileutil import copy_asset_file

PACKAGE = "sphinx-mathjax-offline"


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", copy_mathjax)


def copy_mathjax(app: Sphinx) -> None:
    """Put the file that `mathjax_path` names into the book's _static."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ImportError(f"formulas need {PACKAGE}: run `pip install -e .[book]`")
    source = Path(spec.origin).parent / "static" / app.config.mathjax_path
    target = Path(app.outdir) / "_static" / app.config.mathjax_path
    target.parent.mkdir(parents=True, exist_ok=True)
    copy_asset_file(str(source), str(target.parent))
