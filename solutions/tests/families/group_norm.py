"""GroupNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d."""

from itertools import product

from solutions.tests.modules import Module

GROUPS = [(1, 6), (2, 6), (3, 6), (6, 6)]
SHAPES = [(5, 6), (4, 6, 5), (1, 6, 3, 2), (2, 6, 2, 3, 4), (0, 6, 3)]
INSTANCES = {
    "InstanceNorm1d": [(4, 3, 6), (3, 6)],
    "InstanceNorm2d": [(4, 3, 5, 2), (3, 5, 2)],
    "InstanceNorm3d": [(2, 3, 4, 2, 5), (3, 4, 2, 5)],
}
OPTIONS = [
    {},
    {"affine": True},
    {"affine": True, "bias": False},
    {"track_running_stats": True},
    {"affine": True, "track_running_stats": True, "momentum": 0.7, "eps": 0.1},
    {"track_running_stats": True, "momentum": None},
]

MODULES = [
    Module("GroupNorm", args, kwargs, shapes=(shape,))
    for args, kwargs, shape in product(
        GROUPS, [{}, {"affine": False}, {"bias": False}, {"eps": 0.1}], SHAPES
    )
]
MODULES += [
    Module(name, (3,), kwargs, shapes=(shape,), training=training)
    for name, shapes in INSTANCES.items()
    for shape, kwargs, training in product(shapes, OPTIONS, [True, False])
]
MODULES += [
    Module(name, (3,), {"affine": True}, shapes=shapes[:1], offset=1e4)
    for name, shapes in INSTANCES.items()
]
MODULES += [
    Module("GroupNorm", (2, 6), shapes=((4, 6, 5),), offset=1e4),
    Module("GroupNorm", (2, 6, 0.1, False), shapes=((4, 6, 5),), training=False),
    Module("InstanceNorm1d", (3,), shapes=((0, 3, 4),)),
    Module("InstanceNorm2d", (3, 0.1, 0.3, True, True), shapes=((2, 3, 4, 5),)),
    Module(
        "InstanceNorm1d",
        (3,),
        {"track_running_stats": True},
        shapes=((5, 3, 1),),
        training=False,
    ),
]
