"""Under the title of a chapter: its notebook, to download."""

import re
from pathlib import Path

from sphinx.application import Sphinx

TITLE = re.compile(r"^# .*\n", re.MULTILINE)

DOWNLOAD = """
:::{{div}} notebook-download
{{download}}`Download the notebook {name} </notebooks/{chapter}/{name}>`
{{doc}}`How to study it </book/study>`
:::
"""


def setup(app: Sphinx) -> None:
    app.connect("source-read", offer_notebook)


def offer_notebook(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the link below the title of a page that has a notebook."""
    chapter = Path(docname).name
    name = f"{chapter}.ipynb"
    if (Path(app.srcdir) / "notebooks" / chapter / name).exists():
        link = DOWNLOAD.format(chapter=chapter, name=name)
        source[0] = TITLE.sub(lambda title: title[0] + link, source[0], count=1)
