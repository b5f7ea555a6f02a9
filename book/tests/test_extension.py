"""What the page makes of a chapter's cells, and when a chapter runs anew."""

import re
import shutil
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

import jupytext
import nbformat
import pytest
import torch
from bs4 import BeautifulSoup
from nbgrader.preprocessors import ClearSolutions

import solutions
from book.extension import cells, layers
from solutions.exercise import answer, source_of

ROOT = Path(__file__).parents[2]

CHAPTER = """\
# 99 A chapter

```{code-cell} ipython3
:tags: [setup]

import math

import numpy as np

from solutions.layer import Layer
```

```{code-cell} ipython3
---
tags: [exercise]
nbgrader: {grade: false, grade_id: linear, locked: false, solution: true}
---
from solutions.linear import linear_forward, linear_backward
```

```{code-cell} ipython3
:tags: [given]

from solutions.linear import Linear
```

```{code-cell} ipython3
float(linear_forward(np.ones((1, 2)), np.ones((1, 2)))[0][0, 0])
```
"""


def code_blocks(text: str) -> list[str]:
    """What a page shows as static code."""
    return re.findall(r"```\{code-block\} python\n(.*?)\n```", text, re.DOTALL)


def cleared(source: str) -> str:
    """What nbgrader makes of a cell that holds the answer."""
    cell = nbformat.v4.new_code_cell(
        answer(source), metadata={"nbgrader": {"solution": True}}
    )
    cell, _ = ClearSolutions().preprocess_cell(cell, {"language": "python"}, 0)
    return cell.source


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("solutions.linear", ["linear_forward"]),
        ("solutions.linear", ["linear_forward", "linear_backward"]),  # several names
        ("solutions.linear", ["Linear"]),  # a class
        ("solutions.shape", ["flatten_forward"]),  # partly given
    ],
)
def test_does_the_page_show_what_nbgrader_would_release(module, names):
    cell = f"from {module} import {', '.join(names)}"
    text = f"```{{code-cell}} ipython3\n:tags: [exercise]\n\n{cell}\n```\n"
    shown = code_blocks(cells.rewrite(text, "1"))
    assert shown == ["\n\n\n".join(cleared(source_of(module, n)) for n in names)]
    assert "raise NotImplementedError()" in shown[0]


def test_does_the_reference_run_unseen():
    text = cells.rewrite(CHAPTER, "1")
    found = [cells.split(cell) for cell in cells.CELL.findall(text)]
    unseen = [code for tags, code in found if "remove-cell" in tags]
    assert unseen == [
        "# solutions 1",
        "from solutions.linear import linear_forward, linear_backward",
    ]


def test_is_given_code_shown_without_the_answers():
    """Names that the notebook has elsewhere, exercises among them, stay out."""
    given = code_blocks(cells.rewrite(CHAPTER, "1"))[-1]
    assert given == source_of("solutions.linear", "Linear")


def test_do_other_cells_stay_as_they_are():
    setup, *_, last = re.findall(r"```\{code-cell\}.*?\n```\n", CHAPTER, re.DOTALL)
    assert setup in cells.rewrite(CHAPTER, "1")
    assert last in cells.rewrite(CHAPTER, "1")


@pytest.mark.parametrize("options", [":tags: [a, b]\n\n", "---\ntags: [a, b]\n---\n"])
def test_are_both_forms_of_options_read(options):
    assert cells.split(f"{options}x = 1\n") == (["a", "b"], "x = 1")
    assert cells.split("x = 1\n") == ([], "x = 1")


@pytest.mark.parametrize(
    "chapter", sorted((ROOT / "book").glob("chapters/*.md")), ids=lambda path: path.stem
)
def test_are_the_cells_those_that_jupytext_reads(chapter):
    text = chapter.read_text(encoding="utf-8")
    ours = [cells.split(cell) for cell in cells.CELL.findall(text)]
    notebook = jupytext.reads(text, "md:myst")
    assert ours == [
        (cell.metadata.get("tags", []), cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def test_does_a_misspelled_exercise_fail():
    text = (
        "```{code-cell}\n:tags: [exercise]\n\nfrom solutions.linear import gone\n```\n"
    )
    with pytest.raises(LookupError, match=r"solutions\.linear defines no gone"):
        cells.rewrite(text, "1")


@pytest.fixture
def small_book(tmp_path):
    """A book of one chapter with a copy of the library, and how to build it."""
    ignored = shutil.ignore_patterns("__pycache__", "tests")
    for folder in ("solutions", "book/extension", "book/_static"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / "_config.yml", tmp_path)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/chapter\n")
    (tmp_path / "book" / "references.bib").write_text("")
    (tmp_path / "book" / "chapter.md").write_text(MYST + CHAPTER)

    def build() -> subprocess.CompletedProcess[str]:
        command = [Path(sys.executable).with_name("jupyter-book"), "build", tmp_path]
        return subprocess.run(
            [*command, "-W", "-n", "--keep-going"],
            cwd=tmp_path,
            env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )

    return tmp_path, build


MYST = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

"""


def output(folder: Path) -> str:
    """What the last cell of the page gave."""
    page = (folder / "_build" / "html" / "book" / "chapter.html").read_text()
    text = BeautifulSoup(page, "html.parser").select(".cell_output")[-1].get_text()
    return text.strip()


def test_runs_a_chapter_anew_when_the_library_changes(small_book):
    """The execution cache knows the cells of a chapter, not what they import."""
    folder, build = small_book
    first = build()
    assert first.returncode == 0, first.stdout + first.stderr
    before = output(folder)
    library = folder / "solutions" / "linear.py"
    library.write_text(library.read_text().replace("x @ weight.T", "7 * x @ weight.T"))
    second = build()
    assert "Executing notebook" in second.stdout + second.stderr
    assert (before, output(folder)) == ("2.0", "14.0")
    third = build()
    assert "Executing notebook" not in third.stdout + third.stderr


def test_is_the_execution_cache_there_before_a_chapter_runs(small_book):
    """Two processes that make it at the same time stop the build."""
    folder, build = small_book
    (folder / "book" / "chapter.md").write_text("# A page without code\n\nNone.\n")
    done = build()
    assert (folder / "_build" / ".jupyter_cache" / "global.db").is_file(), done.stdout


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import warnings; warnings.warn('look out')", "stderr"),
    ],
)
def test_does_a_cell_that_fails_or_warns_stop_the_build(small_book, written, said):
    folder, build = small_book
    chapter = folder / "book" / "chapter.md"
    chapter.write_text(f"{MYST}{CHAPTER}\n```{{code-cell}} ipython3\n{written}\n```\n")
    done = build()
    assert done.returncode != 0
    assert said in done.stdout + done.stderr


def test_does_an_unfit_interactive_figure_stop_the_build(small_book):
    """Without a text in its place, or without its script."""
    folder, build = small_book
    unfit = (
        "```{interactive} linear\n```\n\n```{interactive} gone\n:alt: A text.\n```\n"
    )
    (folder / "book" / "chapter.md").write_text(f"# A page\n\n{unfit}")
    done = build()
    assert done.returncode != 0
    assert "needs :alt:" in done.stderr
    assert "the figure gone has no" in done.stderr


def test_has_every_exported_layer_a_row():
    rows = [layers.row(layer) for layer in layers.layers()]
    assert len(rows) > 80
    assert all(row.count("|") - row.count(r"\|") == 6 for row in rows)
    linear = layers.row(solutions.Linear, {"2": "book/chapters/02_linear"})
    assert "`Linear(2, 3)`: `weight (3, 2)`, `bias (3,)`" in linear
    assert linear.endswith("| `linear.py` | [2](/book/chapters/02_linear.md) |")


# What the course is about; *d stands for 1d, 2d and 3d.
SCOPE = """
Linear Identity Flatten Conv*d ConvTranspose*d Unfold Fold MaxPool*d AvgPool*d
LPPool*d AdaptiveAvgPool*d AdaptiveMaxPool*d MinPool*d BatchNorm*d LayerNorm GroupNorm
InstanceNorm*d RMSNorm BatchRenorm FilterResponseNorm TLU WSConv*d Dropout Dropout*d
ReLU LeakyReLU PReLU ELU SELU SiLU GELU Softplus Sigmoid Tanh Hardtanh Softmax
LogSoftmax CrossEntropyLoss NLLLoss MSELoss L1Loss SmoothL1Loss HuberLoss BCELoss
BCEWithLogitsLoss KLDivLoss Embedding EmbeddingBag RNN LSTM GRU RNNCell LSTMCell
GRUCell AdditiveAttention MultiheadAttention TransformerEncoderLayer
TransformerEncoder TransformerDecoderLayer Sequential SGD Adam AdamW
sinusoidal_positions rotary scaled_dot_product_attention fuse_linear_bn_eval
fuse_conv_bn_eval clip_grad_norm_ adaptive_clip_grad_ xavier_uniform_ kaiming_normal_
"""


def test_has_everything_in_scope_a_row():
    rows = {layers.name(t).split(".")[-1] for t in layers.layers()}
    rows |= {layers.name(t).split(".")[-1] for t in layers.functions()}
    ends = ("1d", "2d", "3d")
    wanted = [
        word.replace("*d", end)
        for word in SCOPE.split()
        for end in (ends if "*" in word else [""])
    ]
    assert [name for name in wanted if name not in rows] == []


@pytest.mark.parametrize("things", [layers.layers, layers.functions])
def test_is_a_row_named_as_in_torch(things):
    """In full where torch has it; where the row denies that, torch.nn has no such."""
    for thing in things():
        name = layers.name(thing)
        if name.startswith("torch."):
            assert callable(attrgetter(name.removeprefix("torch."))(torch)), name
            assert "Not in torch" not in layers.row(thing)
        else:
            assert not hasattr(torch.nn, name), f"torch.nn has {name}"
            assert "Not in torch" in layers.row(thing)


def test_does_every_page_show_a_changed_table_of_contents(small_book):
    folder, build = small_book
    (folder / "book" / "chapter.md").write_text("# A page\n")
    (folder / "book" / "other.md").write_text("# Another page\n")
    assert build().returncode == 0
    page = folder / "_build" / "html" / "book" / "chapter.html"
    assert "other.html" not in page.read_text()
    toc = folder / "_toc.yml"
    toc.write_text(f"{toc.read_text()}chapters:\n  - file: book/other\n")
    assert build().returncode == 0
    assert "other.html" in page.read_text()
