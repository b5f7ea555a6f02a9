"""Max, average, power-average and adaptive pooling; Unfold and Fold."""

from typing import Any

import numpy as np

from solutions.tests.modules import Module

SIZES = {1: (11,), 2: (7, 10), 3: (5, 6, 8)}
"""Sizes that differ and that no stride divides."""


def ties(*shape: int) -> np.ndarray:
    """Few values, so that many entries of a window are equal; all negative."""
    return np.random.default_rng(0).integers(-4, -1, shape).astype(float)


def holes(*shape: int) -> np.ndarray:
    """Entries of minus infinity, a whole corner of them."""
    x = np.random.default_rng(0).standard_normal(shape)
    x[x < -0.5] = -np.inf
    x[..., -4:] = -np.inf
    return x


def _hard(name: str, args: tuple[Any, ...], dims: int, **kwargs: Any) -> list[Module]:
    """Unbatched, one example, no example, ties, minus infinity, a mean far above."""
    size = SIZES[dims]
    return [
        Module(name, args, kwargs, shapes=(shape,))
        for shape in ((3, *size), (1, 2, *size), (0, 2, *size))
    ] + [
        Module(name, args, kwargs, shapes=(ties(2, 3, *size),)),
        Module(name, args, kwargs, shapes=((2, 3, *size),), offset=1e4),
        Module(name, args, kwargs, shapes=((2, 3, *size),), training=False),
    ]


def _max(dims: int) -> list[Module]:
    name, size = f"MaxPool{dims}d", SIZES[dims]
    kernel, strides = (3, 2, 4)[:dims], (2, 3, 1)[:dims]
    options: list[dict[str, Any]] = [
        {},
        {"stride": 1},
        {"stride": strides},
        {"padding": 1},
        {"stride": 2, "padding": (1, 0, 2)[:dims], "dilation": (1, 2, 1)[:dims]},
        {"stride": 2, "dilation": 2},
        {"stride": 2, "ceil_mode": True},
        {"stride": 3, "padding": 1, "ceil_mode": True},
    ]
    return [
        *[
            Module(name, (kernel,), {**o, "return_indices": indices}, shapes=(x,))
            for o in options
            for indices in (False, True)
            for x in ((2, 3, *size), ties(2, 3, *size))
        ],
        Module(name, (3, 2, 1, 1, True), shapes=(holes(2, 3, *size),)),
        Module(name, (size,), shapes=((2, 3, *size),)),
        *_hard(name, (2,), dims),
    ]


def _avg(dims: int) -> list[Module]:
    name, size = f"AvgPool{dims}d", SIZES[dims]
    kernel = (3, 2, 4)[:dims]
    options: list[dict[str, Any]] = [
        {},
        {"stride": 1},
        {"stride": (2, 3, 1)[:dims]},
        *[
            {
                "stride": stride,
                "padding": (1, 0, 2)[:dims],
                "ceil_mode": ceil,
                "count_include_pad": include,
            }
            for stride in (2, 3)
            for ceil in (False, True)
            for include in (False, True)
        ],
    ]
    if dims > 1:
        options += [
            {"divisor_override": 5},
            {"divisor_override": -2, "padding": 1, "ceil_mode": True},
        ]
    return [
        *[Module(name, (kernel,), o, shapes=((2, 3, *size),)) for o in options],
        Module(name, (size,), shapes=((2, 3, *size),)),
        *_hard(name, (2,), dims),
    ]


def _lp(dims: int) -> list[Module]:
    name, size = f"LPPool{dims}d", SIZES[dims]
    several = (3, 2, 4)[:dims] if dims > 1 else 3
    positive = np.random.default_rng(0).uniform(0.1, 3, (2, 3, *size))
    zeros = np.where(positive < 2, 0.0, positive)
    return [
        *[
            Module(name, (p, 3), {"stride": stride, "ceil_mode": ceil}, shapes=(x,))
            for p, x in [(1, positive), (2, positive), (3.0, positive), (1.5, positive)]
            for stride in (None, 1, 2)
            for ceil in (False, True)
        ],
        Module(name, (2, several), shapes=((2, 3, *size),)),
        Module(name, (2, several, 2, True), shapes=((3, *size),)),
        Module(name, (2, 2), shapes=(zeros,)),
        *[
            Module(name, (p, several, 2), {"ceil_mode": ceil}, shapes=(x,))
            for p in (float("inf"), -float("inf"), -1)
            for ceil in (False, True)
            for x in ((2, 3, *size), ties(2, 3, *size))
        ],
        *_hard(name, (2, 2), dims),
    ]


def _adaptive(kind: str, dims: int) -> list[Module]:
    name, size = f"Adaptive{kind}Pool{dims}d", SIZES[dims]
    sizes: list[Any] = [1, 3, 5, size, (4, 1, 7)[:dims], (13, 2, 9)[:dims]]
    if dims > 1:
        sizes += [(None,) * dims, (None, 4, 3)[:dims], (2, None, 5)[:dims]]
    flags = ({},) if kind == "Avg" else ({}, {"return_indices": True})
    return [
        *[
            Module(name, (s,), flag, shapes=(x,))
            for s in sizes
            for flag in flags
            for x in ((2, 3, *size), ties(2, 3, *size))
        ],
        *_hard(name, (3,), dims),
    ]


def _columns() -> list[Module]:
    options: list[dict[str, Any]] = [
        {},
        {"stride": 2},
        {"padding": (1, 2), "stride": (2, 3)},
        {"dilation": (2, 1), "padding": 1},
    ]
    unfold = [
        Module("Unfold", ((2, 3),), o, shapes=((*batch, 3, 7, 9),))
        for o in options
        for batch in ((2,), (0,), ())
    ]
    places = [6 * 7, 3 * 4, 4 * 4, 7 * 9]  # of the windows that these options give
    fold = [
        Module("Fold", ((7, 9), (2, 3)), o, shapes=((*batch, 3 * 6, L),))
        for o, L in zip(options, places, strict=True)
        for batch in ((2,), (0,), ())
    ]
    return [
        *unfold,
        *fold,
        Module("Unfold", (3,), shapes=((2, 2, 5, 4),)),
        Module("Fold", (5, 2), shapes=((2, 8, 16),)),
    ]


MODULES = [
    *_columns(),
    *[
        module
        for dims in SIZES
        for family in (_max, _avg, _lp)
        for module in family(dims)
    ],
    *[
        module
        for dims in SIZES
        for kind in ("Avg", "Max")
        for module in _adaptive(kind, dims)
    ],
]
