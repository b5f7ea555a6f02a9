"""The directive `{layers}`: a table of all layers in `solutions`, from their code.

What a layer does is the first sentence of its docstring; its parameters are those of
the layer that the docstring's example builds.
"""

import ast
import inspect
import re
from collections.abc import Iterator

import numpy as np
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import solutions
from solutions.layer import Layer

HEAD = "| layer | what it does | parameters, for example | file, chapter |"


def layers() -> Iterator[type[Layer]]:
    """The layers that `solutions` exports, by chapter, then by name."""
    found = [c for c in vars(solutions).values() if inspect.isclass(c)]
    layers = [c for c in found if issubclass(c, Layer) and c is not Layer]
    yield from sorted(set(layers), key=lambda c: (int(chapter(c)), c.__name__))


def chapter(layer: type[Layer]) -> str:
    """The first chapter that the docstring of its module names."""
    text = inspect.getmodule(layer).__doc__ or ""
    found = re.search(r"[Cc]hapters? (\d+)", text)
    if found is None:
        raise ValueError(f"the docstring of {layer.__module__} names no chapter")
    return found[1]


def row(layer: type[Layer]) -> str:
    """One line of the table, in Markdown."""
    first = inspect.cleandoc(layer.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    torch = re.search(r"`(torch\.nn\.\w+)`", first)
    does = re.sub(r"\s*\(`torch\.nn[^)]*\)|\(chapter[^)]*\)", "", first)
    cells = [
        f"`{torch[1] if torch else layer.__name__}`",
        does.replace("|", r"\|") + ("" if torch else " Not in torch."),
        parameters(layer),
        f"`{layer.__module__.split('.')[1]}.py`, {chapter(layer)}",
    ]
    return f"| {' | '.join(cells)} |"


def parameters(layer: type[Layer]) -> str:
    """The layer that the docstring's example builds, and its parameters' shapes."""
    call, built = example(layer)
    if not built.params:
        return "none"
    call.keywords = [k for k in call.keywords if k.arg != "rng"]
    shapes = [f"`{name} {array.shape}`" for name, array in built.params.items()]
    return f"`{ast.unparse(call)}`: " + ", ".join(shapes)


def example(layer: type[Layer]) -> tuple[ast.Call, Layer]:
    """The first call of the class in its docstring's example, and what it builds."""
    lines = re.findall(r"^ *(?:>>>|\.\.\.) ?(.*)$", layer.__doc__ or "", re.MULTILINE)
    scope = {**vars(solutions), "np": np}
    for statement in ast.parse("\n".join(lines)).body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == layer.__name__:
                return node, eval(ast.unparse(node), scope)
        exec(ast.unparse(statement), scope)
    raise ValueError(
        f"the docstring of {layer.__name__} has no example that builds one"
    )


class Layers(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        lines = [HEAD, "|---" * 4 + "|", *map(row, layers())]
        table = self.parse_text_to_nodes("\n".join(lines))
        return [nodes.container("", *table, classes=["layers"])]


def setup(app: Sphinx) -> None:
    app.add_directive("layers", Layers)
