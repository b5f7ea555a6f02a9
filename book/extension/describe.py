"""What a page says of itself to search engines and link previews: its first words."""

from html import escape
from textwrap import shorten
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

META = '\n<meta name="description" content="{}">'


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", describe)


def describe(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add the first paragraph of a page's text, below its title, as description."""
    if doctree is None:
        return
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            words = shorten(paragraph.astext(), 160, placeholder=" ...")
            context["metatags"] = context.get("metatags", "") + META.format(
                escape(words)
            )
            return
