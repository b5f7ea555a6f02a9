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

    The nodes stand in a random order.
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
        output: str = "y",
        shape: tuple[int, ...] = (2, 3),
        dtype: str = "float64",
    ) -> Self:
        """Draw the inputs of a graph, and ask torch.

        Example:
            >>> rng = np.random.default_rng(0)
            >>> problem = GraphProblem.solve("b = a + a, y = b * a", rng, shape=())
            >>> a, grad_y = problem.values["a"], problem.grad_output
            >>> bool(np.isclose(problem.grads["a"], 4 * a * grad_y))
            True
        """
        graph = read(text)
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
            graph=shuffled(rng, graph),
            values=shuffled(rng, values),
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


def shuffled(rng: np.random.Generator, things: Mapping[str, Any]) -> dict[str, Any]:
    """The same dict in another order."""
    return {name: things[name] for name in rng.permutation(sorted(things)).tolist()}
