"""Windows as columns, and back (chapter 7; `F.unfold`, `F.fold`)."""

import numpy as np


def unfold_forward(
    x: np.ndarray,
    *,
    kernel_size: tuple[int, int],
    dilation: tuple[int, int] = (1, 1),
    padding: tuple[int, int] = (0, 0),
    stride: tuple[int, int] = (1, 1),
) -> tuple[np.ndarray, tuple]:
    """Copy what each window of `x` sees into a column (also called im2col).

    Each option is a pair, for height and width. The window at place (r, c) sees,
    through its entry (i, j), the pixel
    (r * stride[0] + i * dilation[0], c * stride[1] + j * dilation[1])
    of x with `padding` zeros at both ends of an axis.

    Shapes:
        x  (N, C, H, W)
        y  (N, C * kH * kW, L)  a row for each channel and entry of the window,
                                a column for each place that fits, row by row

    Returns:
        y, and the cache that `unfold_backward` takes.

    Example:
        >>> unfold_forward(np.array([[[[1.0, 2.0, 3.0]]]]), kernel_size=(1, 2))[0]
        array([[[1., 2.],
                [2., 3.]]])
    """
    N, C = x.shape[:2]
    pH, pW = padding
    padded = np.pad(x, [(0, 0), (0, 0), (pH, pH), (pW, pW)])
    seen = []
    for axis in (0, 1):  # seen[0][i, r]: the row that entry i of place r sees
        span = dilation[axis] * (kernel_size[axis] - 1) + 1
        starts = np.arange(0, padded.shape[2 + axis] - span + 1, stride[axis])
        seen.append(dilation[axis] * np.arange(kernel_size[axis])[:, None] + starts)
    rows, columns = seen[0][:, :, None], seen[1][:, None, :]
    y = padded[:, :, rows[:, None], columns]  # (N, C, kH, kW, places down, across)
    shape = C * kernel_size[0] * kernel_size[1], y.shape[4] * y.shape[5]
    return y.reshape(N, *shape), (y.shape, padded.shape, rows, columns, padding)


def unfold_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Add each column back to where its entries came from (fold, col2im).

    Shapes:
        grad_y  (N, C * kH * kW, L)
        grad_x  (N, C, H, W)  each entry the sum over all windows that saw it

    Example:
        >>> x = np.array([[[[1.0, 2.0, 3.0]]]])
        >>> _, cache = unfold_forward(x, kernel_size=(1, 2))
        >>> unfold_backward(np.array([[[1.0, 2.0], [10.0, 20.0]]]), cache)
        array([[[[ 1., 12., 20.]]]])
    """
    shape, padded_shape, rows, columns, (pH, pW) = cache
    grads, padded = grad_y.reshape(shape), np.zeros(padded_shape, grad_y.dtype)
    for i, j in np.ndindex(shape[2:4]):  # one entry sees no pixel twice
        padded[:, :, rows[i], columns[j]] += grads[:, :, i, j]
    return padded[:, :, pH : padded_shape[2] - pH, pW : padded_shape[3] - pW]
