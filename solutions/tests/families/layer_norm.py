"""LayerNorm and RMSNorm."""

from itertools import product

from solutions.tests.modules import Module

SHAPES = [
    (4, (5, 4)),
    (4, (4,)),
    ([4], (2, 3, 4)),
    ([3, 4], (5, 3, 4)),
    ((2, 3, 4), (5, 2, 3, 4)),
    ([3, 4], (3, 4)),
    ([1, 3], (4, 1, 3)),
    (1, (5, 1)),
    (4, (0, 4)),
]

LAYER_NORM = [
    Module("LayerNorm", (sizes,), kwargs, shapes=(shape,))
    for (sizes, shape), kwargs in product(
        SHAPES, [{}, {"bias": False}, {"elementwise_affine": False}, {"eps": 0.1}]
    )
]
RMS_NORM = [
    Module("RMSNorm", (sizes,), kwargs, shapes=(shape,))
    for (sizes, shape), kwargs in product(
        SHAPES, [{}, {"eps": 0.1}, {"elementwise_affine": False, "eps": 1e-5}]
    )
]

MODULES = [
    *LAYER_NORM,
    *RMS_NORM,
    Module("LayerNorm", (4,), shapes=((5, 4),), offset=1e4),
    Module("LayerNorm", ([3, 4],), shapes=((1, 3, 4),), training=False),
    Module("LayerNorm", (4, 0.1, True, False), shapes=((5, 4),)),
    Module("RMSNorm", (4,), shapes=((5, 4),), offset=1e4),
    Module("RMSNorm", ([3, 4],), shapes=((1, 3, 4),), training=False),
    Module("RMSNorm", (4, 0.1, False), shapes=((5, 4),)),
]
