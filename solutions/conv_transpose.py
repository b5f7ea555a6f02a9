"""Transposed convolution in one to three dimensions (chapter 9).

`torch.nn.ConvTranspose2d`: what a convolution's backward pass does to the gradient, as
a layer. It gives back the shape that a convolution took, not the values: it is the
convolution's transpose, not its inverse.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from solutions.conv import (
    Ints,
    check_channels,
    check_groups,
    draw_filters,
    sum_over_places,
)
from solutions.correlation import correlate, match, spread
from solutions.layer import Layer
from solutions.windows import Windows, integers


def conv_transpose_forward(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    groups: int = 1,
    dilation: Ints = 1,
) -> tuple[np.ndarray, tuple]:
    """Add a copy of the filter at each place, times the entry of `x` there.

    Shapes:
        x       (N, C, *count)  or without N
        weight  (C, K / groups, *kernel_size)  one filter for each input channel
        bias    (K,)  or None: no bias
        y       (N, K, *size)  size = (count - 1) stride - 2 padding
                               + dilation (kernel_size - 1) + 1 + output_padding

    Returns:
        y, and the cache that `conv_transpose_backward` takes.

    Raises:
        ValueError: x has another number of axes or channels than the weight asks for;
            an option is out of range; nothing is left of the output.

    Example:
        >>> x, weight = np.array([[[1.0, 2.0]]]), np.array([[[1.0, 10.0, 100.0]]])
        >>> conv_transpose_forward(x, weight, stride=2)[0]
        array([[[  1.,  10., 102.,  20., 200.]]])
    """
    check_channels(x, weight.ndim, len(weight))
    windows = turned_windows(
        x.shape[2 - weight.ndim :],
        weight.shape[2:],
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
    )
    batch = x if x.ndim == weight.ndim else x[None]
    y = spread(batch, weight, windows, groups)
    if bias is not None:
        y += bias.reshape(-1, *[1] * len(windows.size))
    cache = (x, weight, bias is not None, windows, groups)
    return y if x.ndim == weight.ndim else y[0], cache


def conv_transpose_backward(
    grad_y: np.ndarray, cache: tuple
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Turn the gradient of y into those of x, weight and bias: x's is a convolution.

    Returns:
        grad_x, grad_weight, grad_bias (None if there was no bias).

    Example:
        >>> x, weight = np.array([[[1.0, 2.0]]]), np.array([[[1.0, 10.0, 100.0]]])
        >>> _, cache = conv_transpose_forward(x, weight, stride=2)
        >>> grad_y = np.array([[[1.0, 2.0, 3.0, 4.0, 5.0]]])
        >>> conv_transpose_backward(grad_y, cache)[0]
        array([[[321., 543.]]])
    """
    x, weight, has_bias, windows, groups = cache
    batched = x.ndim == weight.ndim
    batch, grad = (x, grad_y) if batched else (x[None], grad_y[None])
    grad_x = correlate(grad, weight, windows, groups).reshape(x.shape)
    grad_weight = match(grad, batch, windows, groups)
    return grad_x, grad_weight, sum_over_places(grad) if has_bias else None


def turned_windows(
    count: Sequence[int],
    kernel_size: Ints,
    *,
    stride: Ints = 1,
    padding: Ints = 0,
    output_padding: Ints = 0,
    dilation: Ints = 1,
) -> Windows:
    """The windows of the convolution whose outputs number `count`.

    With a stride, several input sizes have that many outputs:
    `output_padding` chooses among them, 0 for the smallest.

    Example:
        >>> turned_windows((4,), 3, stride=2, padding=1, output_padding=1).size
        (8,)
    """
    n = len(count)
    kernel = integers("kernel_size", kernel_size, n, least=1)
    step = integers("stride", stride, n, least=1)
    before = integers("padding", padding, n, least=0)
    extra = integers("output_padding", output_padding, n, least=0)
    taps_apart = integers("dilation", dilation, n, least=1)
    if any(e >= max(s, d) for e, s, d in zip(extra, step, taps_apart, strict=True)):
        raise ValueError(
            f"output_padding is {extra}, expected less than stride {step} or "
            f"dilation {taps_apart}"
        )
    size = tuple(
        (c - 1) * s - 2 * p + d * (k - 1) + 1 + e
        for c, s, p, d, k, e in zip(
            count, step, before, taps_apart, kernel, extra, strict=True
        )
    )
    if 0 in count or min(size) < 1:
        raise ValueError(f"an input of size {tuple(count)} gives an output of {size}")
    return Windows(size, tuple(count), kernel, step, before, taps_apart)


class ConvTransposeNd(Layer):
    """A transposed convolution over `dims` axes, with its parameters.

    Parameters start uniform in +-1/sqrt(entries of weight[0]), as torch's do.

    Shapes:
        weight  (in_channels, out_channels / groups, *kernel_size)
        bias    (out_channels,)

    Raises:
        ValueError: groups does not divide both numbers of channels; a padding_mode
            other than "zeros".
    """

    dims: ClassVar[int]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Ints,
        stride: Ints = 1,
        padding: Ints = 0,
        output_padding: Ints = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Ints = 1,
        padding_mode: str = "zeros",
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        if padding_mode != "zeros":
            raise ValueError(f"padding_mode is {padding_mode!r}, expected 'zeros'")
        check_groups(in_channels, out_channels, groups)
        self.kernel_size = integers("kernel_size", kernel_size, self.dims, least=1)
        self.stride = integers("stride", stride, self.dims)
        self.padding = integers("padding", padding, self.dims)
        self.output_padding = integers("output_padding", output_padding, self.dims)
        self.dilation = integers("dilation", dilation, self.dims)
        self.groups = groups
        shape = (in_channels, out_channels // groups, *self.kernel_size)
        self.add_params(**draw_filters(shape, out_channels if bias else None, rng))

    def forward(
        self, x: np.ndarray, output_size: Sequence[int] | None = None
    ) -> np.ndarray:
        """`output_size`, with or without N and C, takes the place of output_padding.

        Raises:
            TypeError: output_size is no sequence.
            ValueError: no output_padding gives that size.
        """
        weight, bias = self.params["weight"], self.params.get("bias")
        check_channels(x, weight.ndim, len(weight))
        y, self.cache = conv_transpose_forward(
            x,
            weight,
            bias,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding_for(x, output_size),
            groups=self.groups,
            dilation=self.dilation,
        )
        return y

    def output_padding_for(
        self, x: np.ndarray, output_size: Sequence[int] | None
    ) -> tuple[int, ...]:
        """The output_padding with which the output of `x` has `output_size`."""
        if output_size is None:
            return self.output_padding
        if not isinstance(output_size, Sequence):
            raise TypeError(f"output_size is {output_size!r}, expected a sequence")
        if len(output_size) not in (self.dims, x.ndim):
            raise ValueError(
                f"output_size is {tuple(output_size)}, expected {self.dims} or "
                f"{x.ndim} numbers"
            )
        least = turned_windows(
            x.shape[-self.dims :],
            self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
        ).size
        sizes = tuple(output_size)[-self.dims :]
        extra = tuple(o - s for o, s in zip(sizes, least, strict=True))
        if any(not 0 <= e < s for e, s in zip(extra, self.stride, strict=True)):
            most = tuple(m + s - 1 for m, s in zip(least, self.stride, strict=True))
            raise ValueError(f"output_size is {sizes}, expected {least} to {most}")
        return extra

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        grad_x, grad_weight, grad_bias = conv_transpose_backward(grad_y, self.cache)
        self.add_grads(weight=grad_weight, bias=grad_bias)
        return grad_x


class ConvTranspose1d(ConvTransposeNd):
    """Filters added along time (`torch.nn.ConvTranspose1d`).

    Shapes:
        x  (N, in_channels, T)  or without N
        y  (N, out_channels, T')

    Example:
        >>> ConvTranspose1d(2, 4, 3, stride=2)(np.ones((5, 2, 7), np.float32)).shape
        (5, 4, 15)
    """

    dims = 1


class ConvTranspose2d(ConvTransposeNd):
    """Filters added over an image (`torch.nn.ConvTranspose2d`).

    Shapes:
        x  (N, in_channels, H, W)  or without N
        y  (N, out_channels, H', W')

    Example:
        >>> layer = ConvTranspose2d(3, 4, 3, stride=2)
        >>> layer(np.ones((2, 3, 4, 4), np.float32), output_size=(10, 9)).shape
        (2, 4, 10, 9)
    """

    dims = 2


class ConvTranspose3d(ConvTransposeNd):
    """Filters added over a volume (`torch.nn.ConvTranspose3d`).

    Shapes:
        x  (N, in_channels, D, H, W)  or without N
        y  (N, out_channels, D', H', W')

    Example:
        >>> ConvTranspose3d(1, 2, 2)(np.ones((1, 1, 3, 4, 5), np.float32)).shape
        (1, 2, 4, 5, 6)
    """

    dims = 3
