"""The tables of the glossary: what is in `solutions`, from its code.

`{layers}` lists the layers, `{functions}` what else the library offers. What a thing
does is the first sentence of its docstring, which names its counterpart in torch; a
layer's parameters are those of the layer that its docstring's example builds. The
search finds each row by its name, with or without torch's modules in front of it.
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

import solutions
import solutions.init
from book.extension.cells import library
from solutions.layer import Layer
from solutions.optim import Optimizer

Thing = type | Callable[..., Any]
Chapters = dict[str, str]

TORCH = re.compile(r"`(torch\.[\w.]+)`")
BASES = (Layer, Optimizer)


def layers() -> list[type[Layer]]:
    """The layers that `solutions` exports, by chapter, then by name."""
    found = {c for c in vars(solutions).values() if inspect.isclass(c)}
    return in_order(c for c in found if issubclass(c, Layer) and c not in BASES)


def functions() -> list[Thing]:
    """What else `solutions` offers: optimizers, initializers, functions by themselves.

    The pairs of functions that a layer is made of have their row in the layer.
    """
    made = {layer.__module__ for layer in layers()}
    found = {
        thing
        for name, thing in {**vars(solutions.init), **vars(solutions)}.items()
        if callable(thing)
        and str(thing.__module__).startswith("solutions.")
        and thing not in BASES
        and not name.endswith("_backward")
        and not (name.endswith("_forward") and thing.__module__ in made)
        and (thing.__module__ != "solutions.init" or TORCH.search(sentence(thing)))
    }
    return in_order(found - set(layers()))


def in_order(things: Iterator[Any] | set[Any]) -> list[Any]:
    return sorted(things, key=lambda t: (int(chapter(t)), t.__name__))


def chapter(thing: Thing) -> str:
    """The first chapter that the docstring of its module names."""
    text = inspect.getmodule(thing).__doc__ or ""
    found = re.search(r"[Cc]hapters? (\d+)", text)
    if found is None:
        raise ValueError(f"the docstring of {thing.__module__} names no chapter")
    return found[1]


def sentence(thing: Thing) -> str:
    """The first paragraph of a docstring, in one line."""
    return inspect.cleandoc(thing.__doc__ or "").split("\n\n")[0].replace("\n", " ")


def name(thing: Thing) -> str:
    """What torch calls it, in full, else its own name."""
    torch = TORCH.search(sentence(thing))
    return torch[1] if torch else thing.__name__.removesuffix("_forward")


def row(thing: Thing, chapters: Chapters | None = None) -> str:
    """One line of a table, in Markdown; `chapters` has the page of each."""
    does = re.sub(r"\((`torch[^`]*`(; )?|chapter[^)]*)", "(", sentence(thing))
    does = re.sub(r"; `torch[^`]*`\)", ")", does)
    does = re.sub(r"\s*\(\)", "", does)
    number = chapter(thing)
    page = (chapters or {}).get(number)
    cells = [
        f"`{name(thing)}`",
        does.replace("|", r"\|") + ("" if "." in name(thing) else " Not in torch."),
        *([parameters(thing)] if thing in layers() else []),
        f"`{thing.__module__.split('.')[1]}.py`",
        f"[{number}](/{page}.md)" if page else number,
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


def pages(env: BuildEnvironment) -> Chapters:
    """The page of each chapter that is written: {"2": "book/chapters/02_linear"}."""
    found = (re.match(r"book/chapters/0*(\d+)_", page) for page in env.found_docs)
    return {match[1]: match.string for match in found if match}


class Table(SphinxDirective):
    head: tuple[str, ...]
    things: Callable[[], list[Any]]

    def run(self) -> list[nodes.Node]:
        things = type(self).things()
        chapters = pages(self.env)
        lines = [f"| {' | '.join(self.head)} |", "|---" * len(self.head) + "|"]
        lines += [row(thing, chapters) for thing in things]
        for path in library():
            self.env.note_dependency(str(path))
        self.env.metadata[self.env.docname]["has_table"] = True
        (table,) = self.parse_text_to_nodes("\n".join(lines))
        (body,) = table.findall(nodes.tbody)
        for line, thing in zip(body.children, things, strict=True):
            findable(line, name(thing))
        return [nodes.container("", table, classes=["layers"])]


class Layers(Table):
    head = ("layer", "what it does", "parameters, for example", "file", "chapter")
    things = staticmethod(layers)


class Functions(Table):
    head = ("name", "what it does", "file", "chapter")
    things = staticmethod(functions)


def findable(line: nodes.Element, name: str) -> None:
    """Give a row an address, and the search the names that lead there."""
    line["ids"] = [nodes.make_id(name)]
    known = {name, name.removeprefix("torch."), name.split(".")[-1]}
    entries = [("single", word, line["ids"][0], "main", None) for word in sorted(known)]
    line[0].insert(0, addnodes.index(entries=entries))


def keep_findable(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write a page with a table each time: Sphinx forgets the names it knew before."""
    return [page for page, about in env.metadata.items() if "has_table" in about]


def setup(app: Sphinx) -> None:
    app.add_directive("layers", Layers)
    app.add_directive("functions", Functions)
    app.connect("env-updated", keep_findable)
