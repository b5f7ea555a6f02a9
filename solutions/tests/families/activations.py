"""The activations: over kinks, axes, far tails; in one, two and more axes."""

import numpy as np

from solutions.tests.modules import Module

SHAPES = [(), (7,), (4, 3), (2, 3, 4), (2, 3, 1, 5), (1, 3), (0, 3)]
KINKS = np.array([[-1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 6.0, 20.0]])
FAR = np.array([[-1e4, -700.0, -30.0, -7.0], [7.0, 30.0, 700.0, 1e4]])
WIDE = np.linspace(-40, 40, 321).reshape(3, 107)
STRIDED = np.linspace(-3, 3, 24).reshape(6, 4)[::2, ::-1].T

OPTIONS: list[tuple] = [
    ("ReLU",),
    ("LeakyReLU",),
    ("LeakyReLU", 0.2),
    ("LeakyReLU", -0.5),
    ("LeakyReLU", 0),
    ("ELU",),
    ("ELU", 0.3),
    ("ELU", 2),
    ("SELU",),
    ("SiLU",),
    ("GELU",),
    ("GELU", "tanh"),
    ("Softplus",),
    ("Softplus", 2.5),
    ("Softplus", 0.5, 1.5),
    ("Softplus", 3, 0),
    ("Sigmoid",),
    ("Tanh",),
    ("Hardtanh",),
    ("Hardtanh", -0.5, 0.5),
    ("Hardtanh", 0, 6),
    ("PReLU",),
    ("PReLU", 1, 0.5),
]
ENTRIES = [
    Module(name, args, shapes=(x,))
    for name, *rest in OPTIONS
    for args in [tuple(rest)]
    for x in [*SHAPES, KINKS, FAR, WIDE, STRIDED]
]
CHANNELS = [
    Module("PReLU", (3,), shapes=((4, 3),)),
    Module("PReLU", (3, 0.1), shapes=((2, 3, 5),)),
    Module("PReLU", kwargs={"num_parameters": 3}, shapes=((2, 3, 4, 2),)),
    Module("PReLU", (3,), shapes=((0, 3, 2),)),
    Module("PReLU", (1,), shapes=((2, 3, 4, 2, 2),)),
    Module("PReLU", (8,), shapes=(KINKS,)),
    Module("PReLU", (2,), shapes=((4, 2, 0),)),
]
MASKED = np.where(
    np.arange(24).reshape(2, 3, 4) % 5 == 0, -np.inf, WIDE.flat[:24].reshape(2, 3, 4)
)
AXES = [
    Module(name, (dim,), shapes=(x,))
    for name in ["Softmax", "LogSoftmax"]
    for dim, x in [
        (0, ()),
        (-1, ()),
        (0, (5,)),
        (1, (4, 3)),
        (0, (4, 3)),
        (-2, (2, 3, 4)),
        (1, (2, 3, 4, 2)),
        (3, (2, 3, 4, 2)),
        (1, (0, 3)),
        (1, (3, 0)),
        (0, (1, 3)),
        (1, FAR),
        (0, FAR),
        (1, np.zeros((3, 4))),
        (1, 1e4 + WIDE),
        (2, MASKED),
        (1, 1e4 * WIDE),
        (1, STRIDED),
    ]
]
MODULES = ENTRIES + CHANNELS + AXES
