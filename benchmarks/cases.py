"""Which layers are measured, at which sizes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

import solutions
from benchmarks import composed, naive


@dataclass(frozen=True)
class Input:
    """An array to draw: normal numbers, or integers below a number."""

    shape: tuple[int, ...]
    below: int = 0
    learned: bool = True
    """Whether its gradient is asked for; never that of integers."""

    def draw(self, rng: np.random.Generator, examples: int | None) -> np.ndarray:
        """The array, or so many examples of it: its first axis is cut."""
        shape = (min(examples or self.shape[0], self.shape[0]), *self.shape[1:])
        if self.below:
            return rng.integers(0, self.below, shape)
        return rng.standard_normal(shape, np.float32)


@dataclass(frozen=True)
class Case:
    """A class that has one name in our library and in torch's, and its arguments.

    `module` and `layer` make both; where one library lacks it, `composed` has it.
    """

    name: str
    arguments: tuple[Any, ...]
    inputs: tuple[Input, ...]
    naive: Callable[..., np.ndarray] | None
    options: dict[str, Any]

    def __str__(self) -> str:
        options = [f"{name}={value!r}" for name, value in self.options.items()]
        arguments = ", ".join([*map(repr, self.arguments), *options])
        return f"{self.name}({arguments}) of {'x'.join(map(str, self.inputs[0].shape))}"

    def layer(self) -> solutions.Layer:
        ours = getattr(composed, self.name, None) or getattr(solutions, self.name)
        return ours(*self.arguments, **self.options)

    def module(self) -> torch.nn.Module:
        theirs = getattr(composed, f"Torch{self.name}", None)
        theirs = theirs or getattr(torch.nn, self.name)
        return theirs(*self.arguments, **self.options)


@dataclass(frozen=True)
class Step:
    """One step of an optimizer."""

    name: str
    parameters: int
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        return f"{self.name}({options}), {self.parameters:,} parameters"


def case(
    name: str,
    *arguments: Any,
    of: Input | tuple[Input, ...],
    by: Callable[..., np.ndarray] | None = None,
    **options: Any,
) -> Case:
    """The class `name` with its arguments, applied to arrays; `by` is its loop."""
    inputs = of if isinstance(of, tuple) else (of,)
    return Case(name, arguments, inputs, by, options)


def normal(*shape: int) -> Input:
    return Input(shape)


def integers(below: int, *shape: int) -> Input:
    return Input(shape, below, learned=False)


def constant(*shape: int) -> Input:
    return Input(shape, learned=False)


IMAGES = normal(32, 64, 28, 28)  # 1.6 million entries
MAPS = normal(64, 64, 28, 28)
MATRIX = normal(1024, 1024)
ROWS = normal(2048, 512)
SEQUENCE = normal(64, 32, 128)  # T, N, D
VECTORS = normal(8, 256, 256)  # N, T, E
WORDS = integers(10000, 64, 128)
HEADS = normal(8, 8, 256, 64)  # N, M, T, E
QUERIES, KEYS = normal(16, 32, 128), normal(16, 64, 128)
LARGEST, MEAN = naive.pool(np.max, fill=-np.inf), naive.pool(np.mean)
NORM = naive.pool(np.linalg.norm)

LAYERS = [
    case("Linear", 1024, 1024, of=normal(256, 1024), by=naive.linear),
    case("Linear", 784, 128, of=normal(64, 784), by=naive.linear),
    case("ReLU", of=IMAGES),
    case("Sigmoid", of=IMAGES),
    case("Tanh", of=IMAGES),
    case("GELU", "tanh", of=IMAGES),
    case("GELU", of=IMAGES),
    case("SiLU", of=IMAGES),
    case("Softmax", -1, of=normal(2048, 1024)),
    case("CrossEntropyLoss", of=(normal(4096, 1000), integers(1000, 4096))),
    case("MSELoss", of=(MATRIX, constant(1024, 1024))),
    case("BCEWithLogitsLoss", of=(MATRIX, constant(1024, 1024))),
    case("Conv2d", 16, 32, 3, padding=1, of=normal(32, 16, 32, 32), by=naive.conv),
    case("Conv2d", 64, 64, 3, padding=1, of=IMAGES, by=naive.conv),
    case("Conv2d", 3, 64, 7, 2, 3, of=normal(8, 3, 112, 112), by=naive.conv),
    case("Conv2d", 64, 128, 1, of=IMAGES, by=naive.conv),
    case("Conv1d", 64, 128, 5, padding=2, of=normal(32, 64, 256), by=naive.conv),
    case("Conv3d", 16, 32, 3, padding=1, of=normal(8, 16, 16, 16, 16), by=naive.conv),
    case("ConvTranspose1d", 64, 32, 4, 2, 1, of=normal(32, 64, 128)),
    case("ConvTranspose2d", 64, 32, 4, 2, 1, of=normal(32, 64, 14, 14)),
    case("ConvTranspose3d", 32, 16, 4, 2, 1, of=normal(8, 32, 8, 8, 8)),
    case("MaxPool2d", 2, of=IMAGES, by=LARGEST),
    case("MaxPool2d", 3, 2, 1, of=IMAGES, by=LARGEST),
    case("AvgPool2d", 2, of=IMAGES, by=MEAN),
    case("LPPool2d", 2, 2, of=IMAGES, by=NORM),
    case("BatchNorm2d", 64, of=MAPS),
    case("BatchNorm1d", 256, of=normal(1024, 256)),
    case("LayerNorm", 512, of=ROWS),
    case("GroupNorm", 8, 64, of=MAPS),
    case("InstanceNorm2d", 64, of=MAPS),
    case("FilterResponseNorm", 64, of=MAPS),
    case("RMSNorm", 512, of=ROWS),
    case("Dropout", 0.5, of=MATRIX),
    case("Embedding", 10000, 128, of=WORDS),
    case("EmbeddingBag", 10000, 128, of=WORDS),
    case("LSTM", 128, 128, of=SEQUENCE),
    case("GRU", 128, 128, of=SEQUENCE),
    case("RNN", 128, 128, of=SEQUENCE),
    case("DotProductAttention", of=(HEADS, HEADS, HEADS)),
    case("AdditiveAttention", 128, 128, 128, of=(QUERIES, KEYS, KEYS)),
    case("SelfAttention", 256, 8, batch_first=True, of=VECTORS),
    case(
        *("TransformerEncoderLayer", 256, 8, 1024, 0.0),
        batch_first=True,
        of=VECTORS,
    ),
]
STEPS = [Step("Adam", 2**21), Step("SGD", 2**21, {"lr": 0.01, "momentum": 0.9})]
