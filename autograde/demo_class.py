"""A class that does not exist: what students hand in, in all its variety.

Made from the released notebook, the reference answers, and the right answers and
mistakes that the checks are proved with. Always the same, byte for byte.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from autograde.mistakes import known
from solutions.exercise import BEGIN, END

ASSIGNMENT = "02_linear"
ON_TIME, DUE, LATE = "2026-03-05 21:12:40", "2026-03-06 18:00:00", "2026-03-07 09:30:15"

Edit = Callable[[NotebookNode], None]


@dataclass(frozen=True)
class Invented:
    """A student, and how the notebook differs from the reference answers."""

    name: str
    what: str
    """What an instructor would say of the submission, in a few words."""
    edits: tuple[Edit, ...] = ()
    file: str = f"{ASSIGNMENT}.ipynb"
    timestamp: str = ON_TIME
    damage: Callable[[bytes], bytes] = bytes

    @property
    def id(self) -> str:
        """The name of the student's folder."""
        return self.name.lower().replace(" ", ".")

    def submission(self, released: NotebookNode, answers: dict[str, str]) -> bytes:
        """The notebook as it was handed in."""
        notebook = deepcopy(released)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(name, cell.source)
        for edit in self.edits:
            edit(notebook)
        for number, cell in enumerate(notebook.cells):
            cell.id = f"cell-{number}"
        return self.damage(nbformat.writes(notebook).encode())


def reference_answers(source: NotebookNode) -> dict[str, str]:
    """The answers of the instructor's notebook, by exercise, without the markers."""
    return {
        cell.metadata.nbgrader.grade_id: "\n".join(
            line
            for line in cell.source.splitlines()
            if line.strip() not in (BEGIN, END)
        )
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def known_answers(*names: str) -> Edit:
    """Answer with right answers or mistakes of `autograde/mistakes`, by name."""

    def edit(notebook: NotebookNode) -> None:
        answers = known(ASSIGNMENT)
        every = {answer.name: answer for answer in answers.mistakes + answers.rights}
        for name in names:
            wrote(every[name].exercise, every[name].source)(notebook)

    return edit


def wrote(exercise: str, source: str) -> Edit:
    """Answer an exercise with this source."""

    def edit(notebook: NotebookNode) -> None:
        notebook.cells[_index(notebook, exercise)].source = source

    return edit


def body(exercise: str, *lines: str) -> Edit:
    """Put these lines into the place of an answer, under its signature."""

    def edit(notebook: NotebookNode) -> None:
        cell = notebook.cells[_index(notebook, exercise)]
        head, quotes, rest = cell.source.partition('"""')
        docstring = quotes + rest.partition('"""')[0] + quotes
        cell.source = head + docstring + "".join(f"\n    {line}" for line in lines)

    return edit


def first(exercise: str, *lines: str) -> Edit:
    """Put these lines before an answer that is right."""

    def edit(notebook: NotebookNode) -> None:
        cell = notebook.cells[_index(notebook, exercise)]
        head, quotes, rest = cell.source.partition('"""')
        docstring, end, answer = rest.partition('"""')
        inserted = "".join(f"\n    {line}" for line in lines)
        cell.source = head + quotes + docstring + end + inserted + answer

    return edit


def left(*exercises: str) -> Edit:
    """Leave these exercises as they were released."""

    def edit(notebook: NotebookNode) -> None:
        for exercise in exercises:
            body(exercise, "# YOUR CODE HERE", "raise NotImplementedError()")(notebook)

    return edit


def added(before: str, source: str) -> Edit:
    """Add a cell of the student's own before an exercise."""

    def edit(notebook: NotebookNode) -> None:
        cell = nbformat.v4.new_code_cell(source)
        notebook.cells.insert(_index(notebook, before), cell)

    return edit


def doubled(exercise: str) -> Edit:
    """Copy and paste an answer, nbgrader's metadata included."""

    def edit(notebook: NotebookNode) -> None:
        index = _index(notebook, exercise)
        notebook.cells.insert(index, deepcopy(notebook.cells[index]))

    return edit


def forged(exercise: str) -> Edit:
    """Change the check cell: another test, more points, a result that says so."""

    def edit(notebook: NotebookNode) -> None:
        cell = notebook.cells[_index(notebook, f"check_{exercise}")]
        cell.source = "100"
        cell.metadata.nbgrader.update(points=100, schema_version=99)
        cell.outputs = [
            nbformat.v4.new_output("execute_result", data={"text/plain": "100"})
        ]

    return edit


def truncated(data: bytes) -> bytes:
    """Half a file: a transfer that broke off."""
    return data[: len(data) // 2]


def _index(notebook: NotebookNode, grade_id: str) -> int:
    return next(
        index
        for index, cell in enumerate(notebook.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


HELPER = """\
def rows(array):
    "Everything but the last axis becomes one."
    return array.reshape(-1, array.shape[-1])"""

LEFTOVERS = """\
%matplotlib inline
import matplotlib.pyplot as plt

losses = []
for step in range(1000):
    losses.append(1 / (step + 1))
plt.plot(losses)"""

TORCH = """\
import torch
def linear_forward(x, weight, bias=None):
    y = torch.nn.functional.linear(*map(torch.tensor, (x, weight, bias)))
    return y.numpy(), (x, weight, True)"""

CLASS = (
    Invented("Amina Diallo", "as the reference does it"),
    Invented(
        "Ben Okafor",
        "einsum throughout",
        (known_answers("forward_by_einsum", "backward_by_einsum"),),
    ),
    Invented(
        "Carla Moreno",
        "loops throughout",
        (
            known_answers(
                "forward_by_loops",
                "backward_by_loops",
                "flatten_by_loop",
                "bilinear_by_loop",
                "bilinear_backward_by_loop",
            ),
        ),
    ),
    Invented(
        "Dmitri Volkov",
        "np.dot, tensordot, outer products",
        (
            known_answers(
                "forward_by_dot",
                "backward_by_tensordot",
                "bilinear_by_outer_products",
                "bilinear_backward_by_outer_products",
            ),
        ),
    ),
    Invented(
        "Elif Yilmaz",
        "@, a helper in a cell of her own",
        (
            added("linear_forward", HELPER),
            body(
                "linear_forward",
                "y = x @ weight.T if bias is None else x @ weight.T + bias",
                "return y, (x, weight, bias is not None)",
            ),
            body(
                "linear_backward",
                "x, weight, has_bias = cache",
                "grad_weight = rows(grad_y).T @ rows(x)",
                "grad_bias = rows(grad_y).sum(axis=0) if has_bias else None",
                "return grad_y @ weight, grad_weight, grad_bias",
            ),
        ),
    ),
    Invented(
        "Farid Haddad",
        "prints, and warnings on stderr",
        (
            first(
                "linear_forward",
                "import sys, warnings",
                'warnings.warn("is this right?")',
                'print("x is", x.shape, file=sys.stderr)',
            ),
            first("flatten_forward", 'print("flatten", x.shape)'),
        ),
    ),
    Invented(
        "Grace Lin",
        "a plot, a loop and a magic left in",
        (added("bilinear_forward", LEFTOVERS),),
    ),
    Invented("Hugo Lambert", "file renamed", file="02_linear (final 2).ipynb"),
    Invented("Ingrid Berg", "an exercise cell doubled", (doubled("linear_backward"),)),
    Invented("Jonas Keller", "handed in 15 hours late", timestamp=LATE),
    Invented(
        "Kavya Rao",
        "weight not transposed",
        (known_answers("weight_not_transposed"),),
    ),
    Invented(
        "Liam Byrne",
        "bias gradient averaged",
        (known_answers("bias_gradient_is_a_mean"),),
    ),
    Invented(
        "Mei Tanaka",
        "only two axes",
        (known_answers("two_axes_only", "backward_for_two_axes_only"),),
    ),
    Invented(
        "Nadia Benali",
        "float64 whatever goes in",
        (known_answers("upcast_forward", "upcast_backward"),),
    ),
    Invented(
        "Omar Farouk",
        "weight gradient transposed",
        (known_answers("grad_weight_transposed"),),
    ),
    Invented(
        "Paula Schmidt", "changes x in place", (known_answers("centered_in_place"),)
    ),
    Invented(
        "Quentin Roy",
        "gradients in another order",
        (known_answers("gradients_in_another_order", "input_gradients_swapped"),),
    ),
    Invented(
        "Rosa Jimenez",
        "flattens in Fortran's order",
        (known_answers("order_of_fortran", "backward_in_order_of_fortran"),),
    ),
    Invented(
        "Samir Patel",
        "bilinear: examples mixed, means",
        (known_answers("examples_mixed", "bilinear_parameter_means"),),
    ),
    Invented("Tara Walsh", "forgets the cache", (known_answers("no_cache"),)),
    Invented(
        "Uchenna Eze",
        "half done",
        (left("flatten_backward", "bilinear_forward", "bilinear_backward"),),
    ),
    Invented(
        "Vera Novak",
        "untouched",
        (
            left(
                "linear_forward",
                "linear_backward",
                "flatten_forward",
                "flatten_backward",
                "bilinear_forward",
                "bilinear_backward",
            ),
        ),
    ),
    Invented(
        "Wei Zhang",
        "a syntax error",
        (
            wrote(
                "flatten_backward", "def flatten_backward(grad_y, cache)\n    return 1"
            ),
        ),
    ),
    Invented(
        "Ximena Popa",
        "an endless loop",
        (body("flatten_backward", "while True:", "    pass"),),
    ),
    Invented(
        "Yusuf Demir",
        "a memory bomb",
        (body("bilinear_forward", "return np.ones((1 << 20, 1 << 20)), ()"),),
    ),
    Invented(
        "Zoe Martin",
        "ends the process",
        (first("flatten_forward", "import os", "os._exit(0)"),),
    ),
    Invented(
        "Adam Nowak",
        "tries to read the checks",
        (
            body(
                "linear_forward",
                "import glob",
                'checks = glob.glob("/**/check_02_linear.py", recursive=True)',
                "expected = open(checks[0]).read()",
                "raise SystemExit(expected)",
            ),
        ),
    ),
    Invented("Bianca Rossi", "calls torch", (wrote("linear_forward", TORCH),)),
    Invented(
        "Chen Liu",
        "forged its check cell and points",
        (left("bilinear_backward"), forged("bilinear_backward")),
    ),
    Invented("Daniel Fischer", "half a file (truncated JSON)", damage=truncated),
)
