"""From untrusted bytes to the cells of a notebook: kinds, sources and names of ours."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograde.limits import Limits

DEFAULTS = Limits()
AGAIN = "Save the notebook again and hand in the new file."
PLAIN = re.compile(r"\w[\w.-]{0,63}")
Notebook = dict[str, Any]


class Unreadable(Exception):  # noqa: N818 (a verdict, no error of ours)
    """The file is no notebook. The message says what came and what to do."""


@dataclass(frozen=True)
class Cell:
    """One cell as it was handed in."""

    kind: str
    """code, markdown or raw."""
    source: str
    grade_id: str
    """nbgrader's name for it, or ""."""


def cells(data: bytes, limits: Limits = DEFAULTS) -> tuple[Cell, ...]:
    """The cells of a notebook, of format 3 or 4.

    Raises:
        Unreadable: the bytes are no notebook.
    """
    return tuple(cells_of(notebook_of(data, limits)))


def assignment_of(data: bytes) -> str:
    """Which assignment a notebook says it is, or "". Raises Unreadable."""
    return claim(notebook_of(data), "assignment")


def notebook_of(data: bytes, limits: Limits = DEFAULTS) -> Notebook:
    """What the bytes say, as plain data.

    Raises:
        Unreadable: they are no notebook.
    """
    if len(data) > limits.notebook_bytes:
        raise Unreadable(
            f"The file has {len(data) >> 20} MB, more than the "
            f"{limits.notebook_bytes >> 20} allowed. Clear its outputs. {AGAIN}"
        )
    if data.count(b"{") + data.count(b"[") > limits.notebook_parts:
        raise Unreadable(
            f"The file has more than {limits.notebook_parts} parts. Clear its outputs. "
            f"{AGAIN}"
        )
    if not data.strip():
        raise Unreadable(f"The file is empty. {AGAIN}")
    try:
        notebook = json.loads(_decoded(data))
    except json.JSONDecodeError as error:
        raise Unreadable(_why(error)) from None
    except (ValueError, RecursionError, MemoryError):
        raise Unreadable(f"The file is not a notebook: not text. {AGAIN}") from None
    if not isinstance(notebook, dict) or not any(cells_of(notebook)):
        raise Unreadable(f"The file holds no notebook, or one without cells. {AGAIN}")
    return notebook


def _decoded(data: bytes) -> str:
    """Text in Unicode, or as Windows wrote it; a byte-order mark is no part of it."""
    try:
        return data.decode(json.detect_encoding(data), "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _why(error: json.JSONDecodeError) -> str:
    rest = error.doc[error.pos :]
    if not rest.strip() or error.msg.startswith("Unterminated"):
        return f"The file ends in the middle of the notebook. {AGAIN}"
    if error.doc.lstrip().startswith("<"):
        return f"The file is a web page, not a notebook. {AGAIN}"
    place = f"line {error.lineno}, column {error.colno}"
    return f"The file is not a notebook: {error.msg} at {place}. {AGAIN}"


def cells_of(notebook: Notebook) -> Iterator[Cell]:
    """The cells, as far as they are well formed; format 3 keeps them in worksheets."""
    sheets = notebook.get("worksheets")
    for sheet in [notebook, *(sheets if isinstance(sheets, list) else [])]:
        found = sheet.get("cells") if isinstance(sheet, dict) else None
        for cell in found if isinstance(found, list) else []:
            if isinstance(cell, dict):
                yield Cell(
                    kind=_one_of(cell.get("cell_type"), ("code", "markdown", "raw")),
                    source=_text(cell.get("source", cell.get("input", ""))),
                    grade_id=_text(
                        _dict(_dict(cell, "metadata"), "nbgrader").get("grade_id")
                    ),
                )


def _text(source: object) -> str:
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    return source.encode("utf-8", "replace").decode()


def _one_of(value: object, allowed: tuple[str, ...]) -> str:
    return value if isinstance(value, str) and value in allowed else allowed[-1]


def _dict(value: object, key: str) -> dict[str, Any]:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def claim(notebook: Notebook, name: str) -> str:
    """What a notebook says of itself, such as its release, or ""; only looked up."""
    found = _dict(_dict(notebook, "metadata"), "layers_from_scratch").get(name)
    return found if isinstance(found, str) and PLAIN.fullmatch(found) else ""
