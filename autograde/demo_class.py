"""A class that does not exist: what students hand in, in all its variety.

Made from the released notebook, the reference answers, and the right answers and
mistakes that the checks are proved with. Always the same, byte for byte.
"""

from autograde import demo_derived
from autograde.demo_student import (
    LATE,
    Invented,
    added,
    body,
    doubled,
    first,
    forged,
    known_answers,
    left,
    truncated,
    wrote,
)

HELPER = """\
def rows(array):
    "Everything but the last axis becomes one."
    return array.reshape(-1, array.shape[-1])"""

IN_WORDS = """\
It could use `grad_y[::-1]`: the gradients follow grad_y, but those of other examples.
With ones, all rows are equal, so their order does not matter; random rows differ."""

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
        (
            known_answers("forward_by_einsum", "backward_by_einsum"),
            wrote("explain_ones", IN_WORDS),
        ),
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


def derived(assignment: str) -> tuple[Invented, ...]:
    """What the first of them hand in of another chapter."""
    return demo_derived.derived(assignment, [student.name for student in CLASS])
