"""Linear, Flatten, Identity, ReLU."""

from solutions.tests.modules import Module

MODULES = [
    Module("Linear", (3, 2), shapes=((5, 3),)),
    Module("Linear", (3, 2), shapes=((3,),)),
    Module("Linear", (3, 4), {"bias": False}, shapes=((2, 5, 3),)),
    Module("Linear", (3, 3), shapes=((4, 3),), offset=1e4),
    Module("Linear", (3, 2), shapes=((0, 3),)),
    Module("Flatten", shapes=((4, 3, 2),)),
    Module("Flatten", (0, 1), shapes=((4, 3, 2),)),
    Module("Flatten", (-2, -1), shapes=((4, 3, 2, 5),)),
    Module("Identity", (54,), {"unused": 1}, shapes=((4, 3),)),
    Module("ReLU", shapes=((4, 7),)),
    Module("ReLU", shapes=((4, 7),), training=False),
]
