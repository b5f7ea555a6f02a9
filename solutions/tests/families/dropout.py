"""Dropout where nothing is drawn at random: in evaluation mode, p = 0 and p = 1."""

from solutions.tests.modules import Module

SHAPES = {
    "Dropout": ((4,), (3, 5), (2, 3, 4, 5), (0, 3)),
    "Dropout1d": ((3, 5), (4, 3, 5), (0, 3, 5)),
    "Dropout2d": ((2, 3, 4, 5), (1, 3, 2, 2), (0, 3, 4, 5)),
    "Dropout3d": ((3, 2, 4, 5), (2, 3, 2, 4, 5), (0, 3, 2, 4, 5)),
}

MODULES = [
    Module(name, args, shapes=(shape,), training=training)
    for name, shapes in SHAPES.items()
    for shape in shapes
    for args, training in [((), False), ((0.0,), True), ((1.0,), True)]
]
