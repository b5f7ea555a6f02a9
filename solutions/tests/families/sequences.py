"""Embedding and EmbeddingBag."""

from typing import Any

import numpy as np

from solutions.tests.modules import Module


def integers(V: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(V).integers(0, V, shape)


EMPTY = np.zeros((0, 3), np.int64)
SOME = integers(6, 3, 4)
BAGS = np.array([1, 4, 4, 2, 4, 0, 0, 5])
TWICE = np.array([[0, 3, 2, 5], [2, 3, 5, 0]])
CUTS = np.array([0, 3, 3, 7, 8])  # the second and the last bag are empty


def _bag(*shapes: Any, **kwargs: Any) -> Module:
    return Module("EmbeddingBag", (6, 5), kwargs, shapes)


EMBEDDINGS = [
    *(Module("Embedding", (6, 5), shapes=(x,)) for x in (SOME, EMPTY, SOME[0, :0])),
    Module("Embedding", (6, 5), shapes=(SOME.astype(np.int32),)),
    Module("Embedding", (1, 1), shapes=(integers(1, 7),)),
    Module("Embedding", (6, 5, 4), shapes=(SOME,)),
    Module("Embedding", (6, 5, -2), {"scale_grad_by_freq": True}, (SOME,)),
    Module("Embedding", (6, 5), {"scale_grad_by_freq": True}, (SOME,)),
    *(
        Module("Embedding", (6, 5, 1, m, p), shapes=(SOME,))
        for m, p in [(1, 2), (2, 1)]
    ),
    Module("Embedding", (6, 5), {"max_norm": 0.5, "norm_type": np.inf}, (SOME,)),
    Module("Embedding", (6, 5), {"max_norm": 1.5, "norm_type": 3.0}, (EMPTY,)),
]
BAG_OPTIONS: list[dict[str, Any]] = [
    {},
    {"padding_idx": 4},
    {"padding_idx": -6},
    {"max_norm": 1.0},
    {"max_norm": 2.0, "norm_type": 1.0, "padding_idx": 4},
]
EMBEDDING_BAGS = [
    _bag(*inputs, mode=mode, include_last_offset=last, **options)
    for mode in ("sum", "mean", "max")
    for options in BAG_OPTIONS
    for inputs, last in [((SOME,), False), ((BAGS, CUTS), False), ((BAGS, CUTS), True)]
] + [
    _bag(EMPTY, mode="max"),
    _bag(EMPTY[:, 0], np.array([0, 0])),
    _bag(EMPTY[:, 0], np.array([0, 0]), mode="max"),
    _bag(SOME, None, SOME.shape, mode="sum"),
    _bag(BAGS, CUTS, BAGS.shape, mode="sum"),
    _bag(BAGS, CUTS, BAGS.shape, mode="sum", padding_idx=4, include_last_offset=True),
    _bag(TWICE, mode="sum", scale_grad_by_freq=True),
    _bag(SOME, mode="mean", scale_grad_by_freq=True, padding_idx=3),
    _bag(BAGS, CUTS, mode="sum", scale_grad_by_freq=True, include_last_offset=True),
    _bag(BAGS, CUTS, BAGS.shape, mode="sum", scale_grad_by_freq=True),
]

MODULES = [*EMBEDDINGS, *EMBEDDING_BAGS]
