"""BatchNorm1d, BatchNorm2d, BatchNorm3d."""

from itertools import product

from solutions.tests.modules import Module

SHAPES = {
    "BatchNorm1d": [(5, 3), (4, 3, 6), (1, 3, 6), (2, 3, 1)],
    "BatchNorm2d": [(4, 3, 5, 2), (1, 3, 5, 2)],
    "BatchNorm3d": [(2, 3, 4, 2, 5), (1, 3, 1, 2, 1)],
}
OPTIONS = [
    {},
    {"momentum": None},
    {"momentum": 0.7, "eps": 0.1},
    {"momentum": 0.0},
    {"affine": False},
    {"bias": False},
    {"track_running_stats": False},
    {"affine": False, "track_running_stats": False},
]

MODULES = [
    Module(name, (3,), kwargs, shapes=(shape,), training=training)
    for name, shapes in SHAPES.items()
    for shape, kwargs, training in product(shapes, OPTIONS, [True, False])
]
MODULES += [
    Module(name, (3,), shapes=((0, *shapes[-1][1:]),), training=training)
    for (name, shapes), training in product(SHAPES.items(), [True, False])
]
MODULES += [
    Module(name, (3,), shapes=shapes[:1], offset=1e4, training=training)
    for (name, shapes), training in product(SHAPES.items(), [True, False])
]
MODULES += [
    Module("BatchNorm1d", (3,), shapes=((1, 3),), training=False),
    Module("BatchNorm1d", (3, 0.0), shapes=((5, 3),), training=False),
    Module("BatchNorm2d", (3, 0.1, 0.3, False, True), shapes=((2, 3, 4, 5),)),
    Module("BatchNorm2d", (3,), shapes=((2, 3, 0, 2),)),
]
