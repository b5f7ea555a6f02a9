"""RNN, LSTM, GRU and their cells."""

from itertools import product
from typing import Any

from solutions.tests.modules import Module

D, H, T, N = 3, 4, 5, 2
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("RNN", {}),
    ("RNN", {"nonlinearity": "relu"}),
    ("LSTM", {}),
    ("LSTM", {"proj_size": 2}),
    ("GRU", {}),
]


def sequence(
    name: str,
    layers: int,
    two_ways: bool,
    *,
    state: bool = True,
    batch: tuple[int, ...] = (N,),
    steps: int = T,
    outputs: int = 2,
    **kwargs: Any,
) -> Module:
    """A sequence layer, called with or without its initial state."""
    if batch:
        x = (*batch, steps, D) if kwargs.get("batch_first") else (steps, *batch, D)
    else:
        x = (steps, D)
    M = layers * (1 + two_ways)
    h, c = (M, *batch, kwargs.get("proj_size") or H), (M, *batch, H)
    shapes = (x, [h, c] if name == "LSTM" else h) if state else (x,)
    kwargs = {"num_layers": layers, "bidirectional": two_ways, **kwargs}
    return Module(name, (D, H), kwargs, shapes, outputs=outputs)


SEQUENCES = [
    sequence(name, layers, two_ways, state=state, **options)
    for (name, options), layers, two_ways, state in product(
        VARIANTS, (1, 2), (False, True), (False, True)
    )
] + [
    sequence(name, 3, True, **options, **more)
    for name, options in VARIANTS
    for more in (
        {"bias": False},
        {"batch_first": True},
        {"batch": ()},
        {"batch": (), "state": False, "batch_first": True},
        {"steps": 1, "batch": (1,)},
        {"batch": (0,)},
        {"outputs": 1},
    )
]
CELLS = [
    Module(f"{name}Cell", (D, H), {"bias": bias, **options}, shapes, outputs=outputs)
    for name, options, outputs in (
        ("RNN", {}, 1),
        ("RNN", {"nonlinearity": "relu"}, 1),
        ("LSTM", {}, 2),
        ("GRU", {}, 1),
    )
    for bias, batch in product((True, False), ((N,), (), (0,)))
    for x, h in [((*batch, D), (*batch, H))]
    for shapes in ((x,), (x, [h, h] if name == "LSTM" else h))
]
HARD = [
    Module("LSTM", (D, H, 2), shapes=((T, N, D),), outputs=2, offset=1e4),
    Module("GRU", (D, H, 2), shapes=((T, N, D),), outputs=2, offset=1e4),
    Module("RNN", (D, H, 2), shapes=((T, N, D),), outputs=2, training=False),
]

MODULES = [*SEQUENCES, *CELLS, *HARD]
