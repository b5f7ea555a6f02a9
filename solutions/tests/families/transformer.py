"""TransformerEncoderLayer, TransformerDecoderLayer, TransformerEncoder."""

from itertools import product
from typing import Any

import numpy as np

from solutions.tests.modules import Module

N, L, S, E, M, WIDE = 2, 4, 5, 6, 3, 7
SIZES = (E, M, WIDE)
RNG = np.random.default_rng(0)
SOME = RNG.random((L, L)) < 0.4  # True forbids
SOME[:, 0] = False
DEAD = SOME.copy()
DEAD[2] = True  # a query that may look at no key
CAUSAL = ~np.tri(L, dtype=bool)
CROSS = RNG.standard_normal((L, S))
PADDED = np.array([[False, False, True, True], [False, False, False, True]])
PADDED_MEMORY = np.array([[False] * 3 + [True] * 2, [False] * 5])

OPTIONS: list[dict[str, Any]] = [
    {"norm_first": first, "activation": activation, "bias": bias}
    for first, activation, bias in product(
        (False, True), ("relu", "gelu"), (True, False)
    )
]
MASKS: list[dict[str, Any]] = [
    {},
    {"src_mask": SOME},
    {"src_mask": DEAD},
    {"src_mask": RNG.standard_normal((N * M, L, L))},
    {"src_mask": CAUSAL, "is_causal": True},
    {"src_key_padding_mask": PADDED},
    {"src_key_padding_mask": PADDED, "src_mask": CAUSAL, "is_causal": True},
]
DECODER_MASKS: list[dict[str, Any]] = [
    {},
    {"tgt_mask": CAUSAL, "tgt_is_causal": True},
    {"tgt_mask": SOME, "memory_mask": CROSS},
    {"memory_mask": ~np.tri(L, S, dtype=bool), "memory_is_causal": True},
    {"tgt_key_padding_mask": PADDED, "memory_key_padding_mask": PADDED_MEMORY},
    {"memory_mask": CROSS > 0.5, "memory_key_padding_mask": PADDED_MEMORY},
]


def encoder_layer(options: dict[str, Any], call: dict[str, Any], **more: Any) -> Module:
    more = {"shapes": ((L, N, E),), **more}
    options = {"dropout": 0.0, **options}
    return Module("TransformerEncoderLayer", SIZES, options, call=call, **more)


def decoder_layer(options: dict[str, Any], call: dict[str, Any], **more: Any) -> Module:
    more = {"shapes": ((L, N, E), (S, N, E)), **more}
    options = {"dropout": 0.0, **options}
    return Module("TransformerDecoderLayer", SIZES, options, call=call, **more)


def encoder(options: dict[str, Any], call: dict[str, Any], norm: bool) -> Module:
    first = options.get("batch_first")
    layer = encoder_layer(options, {})
    last = Module("LayerNorm", (E,)) if norm else None
    shape = (N, L, E) if first else (L, N, E)
    kwargs = {"norm": last, "enable_nested_tensor": False}
    return Module("TransformerEncoder", (layer, 2), kwargs, (shape,), call)


LAYERS = [
    *(encoder_layer(o, m) for o, m in product(OPTIONS, MASKS[::3])),
    *(encoder_layer({}, m) for m in MASKS),
    encoder_layer({"dropout": 0.3}, {}, training=False),
    encoder_layer({"layer_norm_eps": 0.1}, {}),
    encoder_layer({"batch_first": True}, MASKS[-1], shapes=((N, L, E),)),
    encoder_layer({}, {"src_mask": SOME}, shapes=((L, E),)),
    encoder_layer({}, {}, shapes=((L, 0, E),)),
    encoder_layer({}, {}, shapes=((1, 1, E),)),
    encoder_layer({"norm_first": True}, MASKS[4], offset=1e4),
]
DECODER_LAYERS = [
    *(decoder_layer(o, m) for o, m in product(OPTIONS, DECODER_MASKS[::2])),
    *(decoder_layer({}, m) for m in DECODER_MASKS),
    decoder_layer({"dropout": 0.3}, {}, training=False),
    decoder_layer({"batch_first": True}, {}, shapes=((N, L, E), (N, S, E))),
    decoder_layer({"layer_norm_eps": 0.1}, {}, shapes=((L, E), (S, E))),
]
ENCODERS = [
    encoder({"norm_first": True}, {}, norm=True),
    encoder({"activation": "gelu"}, {"mask": CAUSAL, "is_causal": True}, norm=True),
    encoder({}, {"mask": CAUSAL}, norm=False),
    encoder({"bias": False}, {"mask": SOME, "is_causal": False}, norm=False),
    encoder({"batch_first": True}, {"src_key_padding_mask": PADDED}, norm=True),
]
MODULES = [*LAYERS, *DECODER_LAYERS, *ENCODERS]
