"""Convolution in one to three dimensions (chapter 8; `torch.nn.Conv2d`).

y[n, k, o] = bias[k]
             + sum over c, t of weight[k, c, t] * x[n, c, o * stride + t * dilation]

The window is not flipped: strictly, it is a cross-correlation.
"""

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from solutions.correlation import correlate, match, spread
from solutions.layer import Layer
from solutions.padding import pad_backward, pad_forward
from solutions.windows import integers, paddings, slide

Ints = int | Sequence[int]
PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def conv_forward(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    stride: Ints = 1,
    padding: Ints | str = 0,
    dilation: Ints = 1,
    groups: int = 1,
) -> tuple[np.ndarray, tuple]:
    """Slide filters over the last axes of `x`, as many axes as the filters have.

    Shapes:
        x       (N, C, *size)  or without N
        weight  (K, C / groups, *kernel_size)  one filter for each output channel
        bias    (K,)  or None: no bias
        y       (N, K, *count)  count as `slide` says

    Returns:
        y, and the cache that `conv_backward` takes.

    Raises:
        ValueError: x has another number of axes or channels than the weight asks for;
            an option is out of range; the window does not fit.

    Example:
        >>> x, weight = np.array([[[1.0, 2.0, 4.0, 8.0]]]), np.array([[[1.0, 10.0]]])
        >>> conv_forward(x, weight, stride=2)[0]
        array([[[21., 84.]]])
    """
    check_channels(x, weight.ndim, weight.shape[1] * groups)
    windows = slide(
        x.shape[2 - weight.ndim :],
        weight.shape[2:],
        stride=stride,
        padding=padding,
        dilation=dilation,
    )
    batch = x if x.ndim == weight.ndim else x[None]
    y = correlate(batch, weight, windows, groups)
    if bias is not None:
        y += bias.reshape(-1, *[1] * len(windows.size))
    cache = (x, weight, bias is not None, windows, groups)
    return y if x.ndim == weight.ndim else y[0], cache


def conv_backward(
    grad_y: np.ndarray, cache: tuple
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Turn the gradient of y into those of x, weight and bias.

    Returns:
        grad_x, grad_weight, grad_bias (None if there was no bias).

    Example:
        >>> x, weight = np.array([[[1.0, 2.0, 4.0, 8.0]]]), np.array([[[1.0, 10.0]]])
        >>> _, cache = conv_forward(x, weight, stride=2)
        >>> grad_x, grad_weight, _ = conv_backward(np.array([[[1.0, 2.0]]]), cache)
        >>> grad_x, grad_weight
        (array([[[ 1., 10.,  2., 20.]]]), array([[[ 9., 18.]]]))
    """
    x, weight, has_bias, windows, groups = cache
    batched = x.ndim == weight.ndim
    batch, grad = (x, grad_y) if batched else (x[None], grad_y[None])
    grad_x = spread(grad, weight, windows, groups).reshape(x.shape)
    grad_weight = match(batch, grad, windows, groups)
    return grad_x, grad_weight, sum_over_places(grad) if has_bias else None


def sum_over_places(grad_y: np.ndarray) -> np.ndarray:
    """Every example and place used the same bias: (N, K, *count) -> (K,)."""
    N, K = grad_y.shape[:2]
    flat = grad_y.reshape(N, K, math.prod(grad_y.shape[2:]))
    return (flat @ np.ones(flat.shape[2], flat.dtype)).sum(axis=0)


def check_channels(x: np.ndarray, ndim: int, channels: int) -> None:
    """See that x is (N, C, *size) or (C, *size), of floats.

    Raises:
        TypeError: it holds no floats.
        ValueError: it has other axes; a wrong C would fail far away.
    """
    if x.dtype.kind != "f":
        raise TypeError(f"x holds {x.dtype}, expected floats")
    if x.ndim not in (ndim, ndim - 1):
        raise ValueError(
            f"x has shape {x.shape}, expected {ndim} axes, or {ndim - 1} without batch"
        )
    if x.shape[1 - ndim] != channels:
        raise ValueError(
            f"x of shape {x.shape} has {x.shape[1 - ndim]} channels, "
            f"the weight expects {channels}"
        )


class ConvNd(Layer):
    """A convolution over `dims` axes, with its parameters.

    Parameters start uniform in +-1/sqrt(entries of a filter), as torch's do.

    Shapes:
        weight  (out_channels, in_channels / groups, *kernel_size)
        bias    (out_channels,)

    Raises:
        ValueError: groups does not divide both numbers of channels; an unknown padding
            or padding_mode; padding "same" with a stride.
    """

    dims: ClassVar[int]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints = 1,
        padding: Ints | str = 0,
        dilation: Ints = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        if padding_mode not in PADDING_MODES:
            raise ValueError(
                f"padding_mode is {padding_mode!r}, expected one of {PADDING_MODES}"
            )
        check_groups(in_channels, out_channels, groups)
        self.kernel_size = integers("kernel_size", kernel_size, self.dims, least=1)
        self.stride = integers("stride", stride, self.dims)
        self.dilation = integers("dilation", dilation, self.dims)
        before, total = paddings(padding, self.kernel_size, self.stride, self.dilation)
        self.padding, self.padding_mode = padding, padding_mode
        self.pad = [p for b, t in zip(before, total, strict=True) for p in (t - b, b)]
        self.pad.reverse()  # before and after each axis, the last axis first
        self.groups = groups
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.add_params(**draw_filters(shape, out_channels if bias else None, rng))

    def forward(self, x: np.ndarray) -> np.ndarray:
        weight, bias = self.filters(), self.params.get("bias")
        check_channels(x, weight.ndim, weight.shape[1] * self.groups)
        padding = self.padding
        self.pad_cache = None
        if self.padding_mode != "zeros":
            x, self.pad_cache = pad_forward(x, pad=self.pad, mode=self.padding_mode)
            padding = 0
        y, self.cache = conv_forward(
            x,
            weight,
            bias,
            stride=self.stride,
            padding=padding,
            dilation=self.dilation,
            groups=self.groups,
        )
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        grad_x, grad_weight, grad_bias = conv_backward(grad_y, self.cache)
        self.add_filter_grads(grad_weight)
        self.add_grads(bias=grad_bias)
        return pad_backward(grad_x, self.pad_cache) if self.pad_cache else grad_x

    def filters(self) -> np.ndarray:
        """What slides over x: here the parameter as it is."""
        return self.own_params["weight"]

    def add_filter_grads(self, grad_weight: np.ndarray) -> None:
        """Take the gradient of what `filters` returned."""
        self.add_grads(weight=grad_weight)


def check_groups(in_channels: int, out_channels: int, groups: int) -> None:
    """See that the channels come in `groups` equal groups.

    Raises:
        ValueError: they do not.
    """
    if groups < 1:
        raise ValueError(f"groups is {groups}, expected at least 1")
    for name, number in [("in_channels", in_channels), ("out_channels", out_channels)]:
        if number < 1 or number % groups:
            raise ValueError(
                f"{name} is {number}, expected a positive multiple of groups {groups}"
            )


def draw_filters(
    shape: tuple[int, ...], biases: int | None, rng: np.random.Generator | None
) -> dict[str, np.ndarray]:
    """Random filters of `shape`, and as many biases (None: no bias).

    Example:
        >>> {name: p.shape for name, p in draw_filters((4, 3, 5), 4, None).items()}
        {'weight': (4, 3, 5), 'bias': (4,)}
    """
    rng = rng or np.random.default_rng()
    bound = 1 / math.sqrt(math.prod(shape[1:]) or 1)
    params = {"weight": rng.uniform(-bound, bound, shape).astype(np.float32)}
    if biases is not None:
        params["bias"] = rng.uniform(-bound, bound, biases).astype(np.float32)
    return params


class Conv1d(ConvNd):
    """Filters that slide over time (`torch.nn.Conv1d`).

    Shapes:
        x  (N, in_channels, T)  or without N
        y  (N, out_channels, T')

    Example:
        >>> Conv1d(2, 4, 3, padding="same")(np.ones((5, 2, 7), np.float32)).shape
        (5, 4, 7)
    """

    dims = 1


class Conv2d(ConvNd):
    """Filters that slide over an image (`torch.nn.Conv2d`).

    Shapes:
        x  (N, in_channels, H, W)  or without N
        y  (N, out_channels, H', W')

    Example:
        >>> Conv2d(3, 4, (3, 5), stride=2)(np.ones((2, 3, 9, 9), np.float32)).shape
        (2, 4, 4, 3)
    """

    dims = 2


class Conv3d(ConvNd):
    """Filters that slide over a volume or a film (`torch.nn.Conv3d`).

    Shapes:
        x  (N, in_channels, D, H, W)  or without N
        y  (N, out_channels, D', H', W')

    Example:
        >>> Conv3d(1, 2, 3)(np.ones((1, 1, 4, 5, 6), np.float32)).shape
        (1, 2, 2, 3, 4)
    """

    dims = 3
