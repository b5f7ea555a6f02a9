"""What a cell imports, defines, and is called; what of its metadata is handed out."""

import ast
from hashlib import sha256

from nbformat import NotebookNode

COLLAPSED = {"jupyter": {"source_hidden": True}, "cellView": "form"}  # Lab, Colab
HIDING = {"hide-input", "remove-input", "hide-cell"}


def modules(source: str) -> list[str]:
    """The top-level modules that a cell imports; its magics are no Python."""
    lines = [line for line in source.split("\n") if not line.lstrip().startswith("%")]
    modules: list[str] = []
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules.append(node.module or "")
    return [module.split(".")[0] for module in modules]


def bound(source: str) -> list[str]:
    """The names that a cell's own statements define, in order."""
    names: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names += [(a.asname or a.name).split(".")[0] for a in node.names]
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        else:
            stores = (n for n in ast.walk(node) if isinstance(n, ast.Name))
            names += [n.id for n in stores if isinstance(n.ctx, ast.Store)]
    return names


def title(source: str) -> str:
    """What to call a cell: its first definition, else the first name it binds."""
    body = ast.parse(source).body
    defined = [n.name for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    return [*defined, *bound(source), ""][0]


def digest(source: str) -> str:
    return sha256(source.encode()).hexdigest()[:12]


def cleaned(cell: NotebookNode) -> NotebookNode:
    """A cell's metadata without what only the page reads."""
    metadata = NotebookNode()
    tags = cell.metadata.get("tags", [])
    if "raises-exception" in tags:
        metadata["tags"] = ["raises-exception"]
    if HIDING & set(tags):
        metadata |= COLLAPSED
    if "nbgrader" in cell.metadata:
        metadata["nbgrader"] = cell.metadata["nbgrader"]
    return metadata


def give_ids(cells: list[NotebookNode]) -> None:
    """Give each cell an id that the next release repeats."""
    taken: set[str] = set()
    for cell in cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        source = cell.source
        while not name or name in taken:
            name, source = digest(source), source + "\n"
        taken.add(name)
        cell.id = name
