"""The pairs of chapters 15 and 18: embeddings, rotary positions, attention."""

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from solutions.tests.operations import Case

RNG = np.random.default_rng(0)


def _embedding(x: tuple[int, ...], V: int, E: int) -> Case:
    arrays = {"x": RNG.integers(0, V, x), "weight": RNG.standard_normal((V, E))}
    return Case("embedding", F.embedding, arrays)


def _bag(offsets: np.ndarray | None, factors: bool = False, **options: Any) -> Case:
    def reference(
        x: torch.Tensor,
        weight: torch.Tensor,
        offsets: torch.Tensor | None,
        factors: torch.Tensor | None,
    ) -> torch.Tensor:
        given = {"per_sample_weights": factors, **options}
        return F.embedding_bag(x, weight, offsets, **given)

    shape = (4, 3) if offsets is None else (8,)
    arrays = {
        "index": RNG.integers(0, 6, shape),
        "weight": RNG.standard_normal((6, 5)),
        "offsets": offsets,
        "per_sample_weights": RNG.standard_normal(shape) if factors else None,
    }
    return Case("embedding_bag", reference, arrays, options)


def _rotary(x: tuple[int, ...], positions: np.ndarray | None = None) -> Case:
    def reference(x: torch.Tensor, positions: torch.Tensor | None) -> torch.Tensor:
        T, D = x.shape[-2:]
        t = torch.arange(T) if positions is None else positions
        angle = t[:, None] * 10000.0 ** (
            -torch.arange(0, D, 2, dtype=torch.float64) / D
        )
        pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], D // 2, 2))
        turned = pairs * torch.polar(torch.ones_like(angle), angle)
        return torch.view_as_real(turned).reshape(x.shape)

    arrays = {"x": RNG.standard_normal(x), "positions": positions}
    return Case("rotary", reference, arrays)


def _dot(
    query: tuple[int, ...],
    key: tuple[int, ...],
    value: tuple[int, ...],
    mask: np.ndarray | None = None,
    **options: Any,
) -> Case:
    def reference(*arrays: torch.Tensor) -> torch.Tensor:
        return F.scaled_dot_product_attention(*arrays, **options)

    shapes = {"query": query, "key": key, "value": value}
    arrays = {n: RNG.standard_normal(s) for n, s in shapes.items()}
    op = "scaled_dot_product_attention"
    return Case(op, reference, {**arrays, "attn_mask": mask}, options)


def _additive(batch: tuple[int, ...], mask: np.ndarray | None = None) -> Case:
    def reference(
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        weight_query: torch.Tensor,
        weight_key: torch.Tensor,
        weight_score: torch.Tensor,
    ) -> torch.Tensor:
        left = torch.einsum("...ld,hd->...lh", query, weight_query)
        right = torch.einsum("...sd,hd->...sh", key, weight_key)
        hidden = torch.tanh(left.unsqueeze(-2) + right.unsqueeze(-3))
        scores = torch.einsum("...lsh,h->...ls", hidden, weight_score)
        if mask is not None:
            scores = scores.masked_fill(~torch.tensor(mask), -torch.inf)
        return torch.einsum("...ls,...sk->...lk", scores.softmax(-1), value)

    shapes = {
        "query": (*batch, 4, 3),
        "key": (*batch, 5, 2),
        "value": (*batch, 5, 6),
        "weight_query": (7, 3),
        "weight_key": (7, 2),
        "weight_score": (7,),
    }
    arrays = {name: RNG.standard_normal(shape) for name, shape in shapes.items()}
    return Case("additive_attention", reference, arrays, {"mask": mask})


SOME = RNG.random((4, 6)) < 0.6  # which keys a query may look at
SOME[:, 0] = True
NONE = SOME.copy()
NONE[1] = False  # a query that may look at no key
SCORES = np.where(NONE, RNG.standard_normal((4, 6)), -np.inf)
CUTS = np.array([0, 3, 3, 7])
HEADS = (2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 7)

SEQUENCE_CASES = [
    _embedding((3, 4), 6, 5),
    _embedding((7,), 3, 1),
    *(_bag(cuts, mode=m) for cuts in (None, CUTS) for m in ("sum", "mean", "max")),
    _bag(None, factors=True, mode="sum", padding_idx=2),
    _bag(CUTS, factors=True, mode="sum"),
    _bag(np.append(CUTS, 8), mode="mean", include_last_offset=True),
    _rotary((3, 5, 8)),
    _rotary((2, 3, 4, 6), np.array([7, 0, 7, 1000])),
    _rotary((1, 2)),
    _dot(*HEADS),
    _dot((4, 5), (6, 5), (6, 7)),
    _dot((3, 1, 4, 5), (2, 6, 5), (1, 6, 7)),
    _dot(*HEADS, SOME),
    _dot(*HEADS, NONE),
    _dot(*HEADS, SCORES),
    _dot(*HEADS, RNG.standard_normal((2, 1, 1, 6))),
    _dot(*HEADS, RNG.standard_normal((3, 4, 6)), scale=0.3),
    _dot(*HEADS, is_causal=True),
    _dot((4, 5), (2, 5), (2, 7), is_causal=True),
    _dot((2, 6, 4, 5), (2, 3, 6, 5), (2, 3, 6, 7), enable_gqa=True),
    _dot((2, 6, 4, 5), (2, 3, 6, 5), (2, 2, 6, 7), SOME, enable_gqa=True),
    _additive(()),
    _additive((3,)),
    _additive((2, 3), SOME[:, :5]),
]
