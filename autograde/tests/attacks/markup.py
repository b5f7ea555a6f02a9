"""Markup in every field of text: none of it may reach a page as markup."""

from autograde.tests.attacks.attack import (
    NOTHING,
    Attack,
    Notebook,
    added,
    body,
    solved,
    wrote,
)

SCRIPT = "<script>alert('owned')</script>"
IMAGE = "<img src=x onerror=alert('owned')>"
ENDS = "</pre></code></textarea></title></style>-->]]>" + SCRIPT + "{{ 7 * 7 }}{% x %}"


def everywhere(notebook: Notebook) -> None:
    """In metadata, outputs, attachments, tags, names, sources."""
    for one in notebook["cells"]:
        one["metadata"] |= {"tags": [ENDS], "name": ENDS, "slideshow": ENDS}
        one["attachments"] = {ENDS: {"text/html": ENDS, "image/svg+xml": ENDS}}
        if one["cell_type"] == "code":
            one["outputs"] = [
                {
                    "output_type": "display_data",
                    "data": {"text/html": ENDS, "application/javascript": "alert(1)"},
                    "metadata": {ENDS: ENDS},
                },
                {
                    "output_type": "error",
                    "ename": ENDS,
                    "evalue": ENDS,
                    "traceback": [ENDS],
                },
                {"output_type": "stream", "name": ENDS, "text": ENDS},
            ]
        elif not one["metadata"].get("nbgrader"):
            one["source"] += ENDS
    notebook["metadata"] |= {
        "title": ENDS,
        "authors": [{"name": ENDS}],
        "widgets": ENDS,
    }
    notebook["metadata"]["kernelspec"] = {"name": ENDS, "display_name": ENDS}
    notebook["metadata"]["language_info"] = {"name": ENDS, "pygments_lexer": ENDS}


MARKDOWN = (
    f"# {SCRIPT}\n{IMAGE}\n[x](javascript:alert(1))\n$\\href{{javascript:alert(1)}}x$"
)

ATTACKS = [
    Attack(
        "markup-fields",
        "markup in every field of a notebook",
        "passed",
        NOTHING,
        data=solved(everywhere),
    ),
    Attack(
        "markup-text",
        "markup in cells of text, raw cells and code",
        "passed",
        NOTHING,
        data=solved(
            added(MARKDOWN, "markdown"), added(ENDS, "raw"), added(f"text = {ENDS!r}")
        ),
    ),
    Attack(
        "markup-message",
        "markup in an exception",
        "raised",
        data=body(f"raise ValueError({ENDS!r})"),
    ),
    Attack(
        "markup-class",
        "markup in the name of an exception",
        "raised",
        data=body(f"raise type({SCRIPT!r}, (ValueError,), {{}})({IMAGE!r})"),
    ),
    Attack(
        "markup-terminal",
        "codes for the terminal in an exception",
        "raised",
        data=body(
            "raise ValueError('\\x1b]0;owned\\x07\\x1b[2J\\r\\x08\\u202e\\u2028')"
        ),
    ),
    Attack(
        "markup-load",
        "markup in a statement that fails",
        "passed",
        NOTHING,
        data=solved(added(f"import os\nwanted = os.environ[{ENDS!r}]")),
    ),
    Attack(
        "markup-syntax",
        "markup where Python cannot read it",
        "raised",
        data=solved(wrote(f"def linear_forward(x, weight, bias=None):\n    {ENDS}")),
    ),
]
