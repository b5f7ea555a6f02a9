"""A graph of operations with torch's answer: its values and all gradients."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch

OPERATIONS: dict[str, Any] = {
    "add": torch.add,
    "multiply": torch.mul,
    "tanh": torch.tanh,
}
SIGNS = {"+": "add", "*": "multiply"}

Graph = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class GraphProblem:
    """A graph as chapter 1 writes it, with random values, and what torch makes of it.

    The nodes stand in the order of their names. Choose names whose order is that of the
    computation in neither direction.
    """

    graph: Graph
    values: Mapping[str, Any]
    output: str
    grad_output: Any
    grads: Mapping[str, Any]
    """The gradient of `output`, and of each node that it is computed from."""

    @classmethod
    def solve(
        cls,
        text: str,
        rng: np.random.Generator,
        *,
        output: str = "",
        shape: tuple[int, ...] = (2, 3),
        dtype: str = "float64",
    ) -> Self:
        """Draw the inputs of a graph, and ask torch; the output is the last node.

        Example:
            >>> rng = np.random.default_rng(0)
            >>> problem = GraphProblem.solve("b = a + a, y = b * a", rng, shape=())
            >>> a, grad_y = problem.values["a"], problem.grad_output
            >>> bool(np.isclose(problem.grads["a"], 4 * a * grad_y))
            True
        """
        graph = read(text)
        output = output or [*graph][-1]
        used = {name for _, *inputs in graph.values() for name in inputs}
        computed = {
            name: torch.tensor(draw(rng, shape, dtype), requires_grad=True)
            for name in sorted(used - graph.keys())
        }
        for name, (op, *inputs) in graph.items():
            computed[name] = OPERATIONS[op](*(computed[i] for i in inputs))
        grad_output = draw(rng, shape, dtype)
        found = torch.autograd.grad(
            computed[output],
            list(computed.values()),
            torch.tensor(grad_output),
            allow_unused=True,
        )
        grads = zip(computed, found, strict=True)
        values = {name: array.detach().numpy() for name, array in computed.items()}
        return cls(
            graph=dict(sorted(graph.items())),
            values=dict(sorted(values.items())),
            output=output,
            grad_output=grad_output,
            grads={n: g.numpy() for n, g in grads if g is not None},
        )


def read(text: str) -> Graph:
    """A graph in the order of computation.

    Example:
        >>> read("c = a + b, d = a * c, y = tanh d")
        {'c': ('add', 'a', 'b'), 'd': ('multiply', 'a', 'c'), 'y': ('tanh', 'd')}
    """
    graph: Graph = {}
    for equation in text.split(", "):
        match equation.split():
            case [name, "=", "tanh", x]:
                graph[name] = ("tanh", x)
            case [name, "=", x1, sign, x2]:
                graph[name] = (SIGNS[sign], x1, x2)
    return graph


def draw(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Any:
    """A random array, also where it has no axes."""
    return np.asarray(rng.standard_normal(shape), dtype)
