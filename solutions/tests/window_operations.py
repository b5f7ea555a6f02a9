"""The pairs of chapters 7 to 10: convolution, pooling, unfolding, padding."""

from typing import Any

import numpy as np
from torch.nn import functional as F

from solutions.tests.operations import Case

RNG = np.random.default_rng(0)


def _filters(op: str, x: tuple[int, ...], *params: Any, **options: Any) -> Case:
    reference = getattr(F, f"{op}{len(x) - 2}d")
    names = ["x", "weight", "bias"]
    shapes = zip(names, [x, *params], strict=True)
    arrays = {n: None if s is None else RNG.standard_normal(s) for n, s in shapes}
    return Case(op, lambda *tensors: reference(*tensors, **options), arrays, options)


def _window(op: str, x: tuple[int, ...], name: str = "", **options: Any) -> Case:
    reference = getattr(F, name or f"{op}{len(x) - 2}d")
    arrays = {"x": RNG.standard_normal(x)}
    return Case(op, lambda tensor: reference(tensor, **options), arrays, options)


WINDOW_CASES = [
    _filters("conv", (2, 4, 9), (6, 2, 3), (6,), groups=2, stride=2, padding=1),
    _filters("conv", (2, 3, 5, 6), (4, 3, 2, 3), None, padding="same"),
    _filters("conv", (2, 2, 5, 7), (3, 2, 2, 3), (3,), stride=(1, 2), dilation=(2, 1)),
    _filters("conv", (1, 2, 3, 4, 5), (3, 2, 2, 1, 3), (3,), padding=(1, 0, 2)),
    _filters("conv_transpose", (2, 4, 5), (4, 3, 3), (6,), groups=2, stride=2),
    _filters("conv_transpose", (2, 3, 3, 4), (3, 2, 2, 3), None, padding=1, dilation=2),
    _filters(
        "conv_transpose", (1, 2, 2, 3, 2), (2, 3, 2, 1, 3), (3,), stride=2, padding=0
    ),
    _filters(
        "conv_transpose", (2, 2, 3, 3), (2, 1, 3, 2), (1,), stride=3, output_padding=2
    ),
    _window("max_pool", (2, 3, 9), kernel_size=3, stride=2, padding=1),
    _window("max_pool", (2, 3, 5, 7), kernel_size=(3, 2), stride=1, dilation=2),
    _window("max_pool", (1, 2, 4, 5, 6), kernel_size=3, stride=2, ceil_mode=True),
    _window("avg_pool", (2, 3, 9), kernel_size=3, stride=2, padding=1, ceil_mode=True),
    _window(
        "avg_pool", (2, 3, 5, 7), kernel_size=4, padding=2, count_include_pad=False
    ),
    _window("avg_pool", (1, 2, 4, 5, 6), kernel_size=2, stride=1, divisor_override=3),
    _window("lp_pool", (2, 3, 9), norm_type=2, kernel_size=3, ceil_mode=True),
    _window("lp_pool", (2, 3, 5, 7), norm_type=4, kernel_size=(3, 2), stride=2),
    _window("adaptive_avg_pool", (2, 3, 7), output_size=(3,)),
    _window("adaptive_avg_pool", (2, 3, 5, 7), output_size=(2, 9)),
    _window("unfold", (2, 3, 5, 6), "unfold", kernel_size=(2, 3), padding=1, stride=2),
    _window(
        "fold", (2, 12, 12), "fold", output_size=(4, 5), kernel_size=(2, 2), stride=1
    ),
    *[
        _window("pad", (2, 3, 4, 5), "pad", pad=(2, 1, 0, 3), mode=mode)
        for mode in ("constant", "reflect", "replicate", "circular")
    ],
]
