"""The head of an exercise: "Exercise 2.1 Title" for sphinx-exercise's "(2.1 Title)"."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx_exercise.nodes import exercise_node


def setup(app: Sphinx) -> None:
    app.connect("doctree-resolved", clean)


def clean(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Drop the parentheses, and the id that every exercise of a page would share."""
    for exercise in doctree.findall(exercise_node):
        title, content = exercise.children
        shown = [child for child in title if child != ")"]
        title.children = [nodes.Text(" ") if c == " (" else c for c in shown]
        content["ids"] = []
