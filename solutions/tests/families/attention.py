"""MultiheadAttention."""

from itertools import product
from typing import Any

import numpy as np

from solutions.tests.modules import Module

N, M, L, S, E = 2, 3, 4, 5, 6
RNG = np.random.default_rng(0)
SOME = RNG.random((L, S)) < 0.4  # True forbids
SOME[:, 0] = False
DEAD = SOME.copy()
DEAD[1] = True  # a query that may look at no key
PADDED = np.array(
    [[False, False, True, True, True], [False, False, False, False, True]]
)

OPTIONS: list[dict[str, Any]] = [
    {},
    {"bias": False},
    {"add_bias_kv": True},
    {"add_zero_attn": True},
    {"add_bias_kv": True, "add_zero_attn": True, "bias": False},
    {"kdim": 7, "vdim": 5},
    {"kdim": 7, "batch_first": True},
    {"vdim": 2, "bias": False, "add_bias_kv": True},
]
MASKS: list[dict[str, Any]] = [
    {},
    {"attn_mask": SOME},
    {"attn_mask": DEAD},
    {"attn_mask": RNG.standard_normal((L, S))},
    {"attn_mask": np.where(DEAD, -np.inf, 0.5)},
    {"attn_mask": RNG.standard_normal((N * M, L, S))},
    {"attn_mask": ~np.tri(L, S, dtype=bool), "is_causal": True},
    {"key_padding_mask": PADDED},
    {"key_padding_mask": RNG.standard_normal((N, S))},
    {"key_padding_mask": PADDED, "attn_mask": SOME, "is_causal": True},
]
WEIGHTS: list[dict[str, Any]] = [
    {},
    {"average_attn_weights": False},
    {"need_weights": False},
]


def attention(options: dict[str, Any], call: dict[str, Any], **more: Any) -> Module:
    """Cross-attention of (L, N, E) with (S, N, kdim) and (S, N, vdim)."""
    sizes = [(L, E), (S, options.get("kdim", E)), (S, options.get("vdim", E))]
    first = options.get("batch_first")
    shapes = [(N, T, D) if first else (T, N, D) for T, D in sizes]
    outputs = 1 if call.get("need_weights") is False else 2
    more = {"shapes": shapes, "outputs": outputs, **more}
    return Module("MultiheadAttention", (E, M), options, call=call, **more)


UNBATCHED = ((L, E), (S, E), (S, E))
ALONE: list[dict[str, Any]] = [
    {},
    {"key_padding_mask": PADDED[0], "attn_mask": SOME},
    {"attn_mask": RNG.standard_normal((M, L, S)), "average_attn_weights": False},
    {"attn_mask": DEAD, "need_weights": False},
]
MODULES = [
    *(attention(o, m | w) for o, m, w in product(OPTIONS, MASKS[::3], WEIGHTS)),
    *(attention({}, m | w) for m, w in product(MASKS, WEIGHTS)),
    *(
        attention({"add_bias_kv": True, "add_zero_attn": True}, m | WEIGHTS[2])
        for m in MASKS
    ),
    *(attention(OPTIONS[2], call, shapes=UNBATCHED) for call in ALONE),
    attention({}, {}, outputs=1),
    attention({"dropout": 0.5}, {}, training=False),
    attention({}, {}, shapes=((L, 0, E), (S, 0, E), (S, 0, E))),
    attention({}, {}, shapes=((1, 1, E), (1, 1, E), (1, 1, E))),
    attention({}, MASKS[1], offset=100.0),
]
