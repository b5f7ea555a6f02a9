"""What other extensions leave unfit: exercises, sources, navigation, reading."""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx_exercise.nodes import exercise_node


def setup(app: Sphinx) -> None:
    # It numbers sections, after all pages are read; this book has no such numbers.
    app.extensions["sphinx_multitoc_numbering"].parallel_read_safe = True
    app.connect("env-get-outdated", mend_navigation)
    app.connect("doctree-resolved", mend_exercises)
    app.connect("html-page-context", mend_sources)


def mend_navigation(app: Sphinx, env: BuildEnvironment, *found: set[str]) -> set[str]:
    """Read all pages again when _toc.yml has changed: each shows the whole of it."""
    toc = (Path(app.srcdir) / "_toc.yml").read_text(encoding="utf-8")
    known, env.toc_text = getattr(env, "toc_text", toc), toc
    return env.found_docs if known != toc else set()


def mend_exercises(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write "Exercise 2.1 Title" for "(2.1 Title)"; drop an id that all would share."""
    for exercise in doctree.findall(exercise_node):
        title, content = exercise.children
        shown = [child for child in title if child != ")"]
        title.children = [nodes.Text(" ") if c == " (" else c for c in shown]
        content["ids"] = []


def mend_sources(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Make a source an item of its list; docutils gives it a role long deprecated."""
    body = context.get("body", "")
    context["body"] = body.replace('role="doc-biblioentry"', 'role="listitem"')
