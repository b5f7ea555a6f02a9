"""A graph of operations, and the backward pass through it (chapter 1).

A graph is a dict: the name of each node that is computed, and how, as a tuple of the
operation and the names of its inputs. Names that are no key are the graph's inputs.
"""

import numpy as np


def node_forward(op: str, *inputs: np.ndarray) -> np.ndarray:
    """Compute one node: "add", "multiply" or "tanh", for inputs of one shape.

    Raises:
        ValueError: there is no such operation.

    Example:
        >>> float(node_forward("multiply", np.array(2.0), np.array(3.0)))
        6.0
    """
    operations = {"add": np.add, "multiply": np.multiply, "tanh": np.tanh}
    if op not in operations:
        raise ValueError(f"no operation {op!r}; there are {', '.join(operations)}")
    return operations[op](*inputs)


def node_backward(
    op: str, grad_y: np.ndarray, *inputs: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Turn the gradient of one node into those of its inputs, in their order.

    Raises:
        ValueError: there is no such operation.

    Example:
        >>> x1, x2 = np.array([2.0]), np.array([3.0])
        >>> node_backward("multiply", np.array([10.0]), x1, x2)
        (array([30.]), array([20.]))
    """
    if op == "add":
        return grad_y, grad_y
    if op == "multiply":
        x1, x2 = inputs
        return grad_y * x2, grad_y * x1
    if op == "tanh":
        return (grad_y * (1 - np.tanh(inputs[0]) ** 2),)
    raise ValueError(f"no operation {op!r}; there are add, multiply, tanh")


def backward(
    graph: dict, values: dict, output: str, grad_output: np.ndarray
) -> dict[str, np.ndarray]:
    """The gradient of every node that `output` is computed from, and of `output`.

    Args:
        graph: for each computed node its operation and the names of its inputs, such
            as {"c": ("add", "a", "b")}; in any order.
        values: the value of each node, the inputs of the graph included; in any order.
        output: the name of the node to start from.
        grad_output: its gradient, in the shape of its value.

    Returns:
        The gradients by name. What stands there for other nodes does not matter.

    Example:
        >>> graph = {"c": ("add", "a", "b"), "y": ("multiply", "c", "a")}
        >>> values = {"a": 2.0, "b": 1.0, "c": 3.0, "y": 6.0}
        >>> values = {name: np.array(value) for name, value in values.items()}
        >>> grads = backward(graph, values, "y", np.array(1.0))
        >>> {name: float(grads[name]) for name in "abc"}
        {'a': 5.0, 'b': 2.0, 'c': 2.0}
    """
    order: list[str] = []

    def visit(name: str) -> None:
        """Put a node behind everything that it is computed from."""
        if name not in order:
            for needed in graph.get(name, ())[1:]:
                visit(needed)
            order.append(name)

    visit(output)
    grads = {name: np.zeros_like(values[name]) for name in order}
    grads[output] = grad_output
    for name in reversed(order):
        if name in graph:
            op, *inputs = graph[name]
            arrays = [values[i] for i in inputs]
            found = node_backward(op, grads[name], *arrays)
            for i, grad in zip(inputs, found, strict=True):
                grads[i] = grads[i] + grad
    return grads
