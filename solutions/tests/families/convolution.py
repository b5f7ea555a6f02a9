"""Conv1d to Conv3d, ConvTranspose1d to ConvTranspose3d."""

from typing import Any

from solutions.tests.modules import Module

SIZES = {1: (11,), 2: (7, 9), 3: (5, 6, 7)}
"""Sizes that differ, so that swapped axes show."""

CONVOLUTIONS: list[dict[str, Any]] = [
    {},
    {"bias": False},
    {"stride": 2},
    {"stride": 3, "padding": 2},
    {"padding": 1},
    {"padding": "valid"},
    {"padding": "same"},
    {"padding": "same", "dilation": 2},
    {"dilation": 2, "padding": 2, "stride": 2},
    {"groups": 2, "padding": 1},
    {"groups": 2, "stride": 2, "bias": False},
    *[
        {"padding_mode": mode, **options}
        for mode in ("reflect", "replicate", "circular")
        for options in ({"padding": 2}, {"padding": "same"}, {"stride": 2})
    ],
]

TRANSPOSED: list[dict[str, Any]] = [
    {},
    {"bias": False},
    {"stride": 2},
    {"stride": 2, "output_padding": 1},
    {"stride": 3, "padding": 2, "output_padding": 2},
    {"padding": 1},
    {"dilation": 2, "padding": 1},
    {"dilation": 3, "output_padding": 2, "padding": 2},
    {"groups": 2, "stride": 2, "padding": 1},
]


def _along_axes(dims: int) -> list[dict[str, Any]]:
    """Options that differ from axis to axis."""
    return [
        {
            "stride": (2, 1, 3)[:dims],
            "padding": (2, 0, 1)[:dims],
            "dilation": (1, 2, 1)[:dims],
        },
        {"stride": (2,), "padding": (1,)},
    ]


def _conv(dims: int) -> list[Module]:
    name, size = f"Conv{dims}d", SIZES[dims]
    kernel, even = (3, 2, 3)[:dims], (4, 4, 2)[:dims]
    options = [*CONVOLUTIONS, *_along_axes(dims)]
    return [
        *[Module(name, (4, 6, kernel), o, shapes=((2, 4, *size),)) for o in options],
        Module(name, (3, 5, even, 1, "same"), shapes=((2, 3, *size),)),
        Module(
            name,
            (3, 2, even, 1, "same"),
            {"padding_mode": "reflect"},
            shapes=((3, *size),),
        ),
        Module(name, (3, 2, 1), shapes=((2, 3, *size),)),
        Module(name, (4, 8, 3), {"groups": 4}, shapes=((1, 4, *size),)),
        Module(name, (3, 2, size), shapes=((2, 3, *size),)),
        Module(name, (3, 2, 3), {"stride": 5}, shapes=((3, *size),)),
        Module(name, (3, 2, 3), shapes=((0, 3, *size),)),
        Module(name, (3, 2, 3), shapes=((2, 3, *size),), offset=1e4),
        Module(name, (3, 2, 3), {"padding": 4}, shapes=((2, 3, *[1] * dims),)),
        Module(name, (2, 3, 2), {"stride": 2}, shapes=((2, 2, *size),), training=False),
    ]


def _conv_transpose(dims: int) -> list[Module]:
    name = f"ConvTranspose{dims}d"
    size = tuple(s // 2 for s in SIZES[dims])
    kernel, strides = (3, 2, 3)[:dims], (2, 1, 3)[:dims]
    options = [*TRANSPOSED, *_along_axes(dims)]
    least = [(s - 1) * 3 + 1 for s in size]
    several = {"stride": strides, "output_padding": (1, 0, 2)[:dims]}
    return [
        *[Module(name, (4, 6, kernel), o, shapes=((2, 4, *size),)) for o in options],
        Module(name, (4, 6, 4), several, shapes=((2, 4, *size),)),
        Module(name, (3, 2, 1), {"stride": 2}, shapes=((2, 3, *size),)),
        Module(name, (4, 8, 3), {"groups": 4}, shapes=((1, 4, *size),)),
        Module(name, (3, 2, 2), shapes=((3, *size),)),
        Module(name, (3, 2, 2), shapes=((0, 3, *size),)),
        Module(name, (3, 2, 2), shapes=((2, 3, *size),), offset=1e4),
        *[
            Module(name, (3, 2, 1, 3), shapes=((*batch, 3, *size),), call=call)
            for batch in ((2,), ())
            for call in (
                {"output_size": least},
                {"output_size": [s + 2 - i for i, s in enumerate(least)]},
                {"output_size": [*batch, 2, *[s + 1 for s in least]]},
            )
        ],
    ]


MODULES = [
    module
    for dims in SIZES
    for family in (_conv, _conv_transpose)
    for module in family(dims)
]
