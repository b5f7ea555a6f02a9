"""One image, one kernel: correlation and convolution (chapter 7; `F.conv2d`)."""

import numpy as np


def correlate2d_forward(x: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Slide `weight` over each image of `x`: a dot product at each place it fits.

    y[r, c] = sum over i and j of weight[i, j] * x[r + i, c + j].

    Shapes:
        x       (..., H, W)
        weight  (kH, kW)   no larger than the image
        y       (..., H - kH + 1, W - kW + 1)

    Returns:
        y, and the cache that `correlate2d_backward` takes.

    Example:
        >>> x, weight = np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 10.0]])
        >>> correlate2d_forward(x, weight)[0]
        array([[21., 32.]])
    """
    *leading, H, W = x.shape
    kH, kW = weight.shape
    rows, columns = H - kH + 1, W - kW + 1
    y = np.zeros((*leading, rows, columns), x.dtype)
    for i, j in np.ndindex(kH, kW):
        y += weight[i, j] * x[..., i : i + rows, j : j + columns]
    return y, (x, weight)


def correlate2d_backward(
    grad_y: np.ndarray, cache: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """Turn the gradient of y into those of x and weight.

    Shapes:
        grad_y       (..., H - kH + 1, W - kW + 1)
        grad_x       (..., H, W)
        grad_weight  (kH, kW)  summed over all places of all images

    Returns:
        grad_x, grad_weight.

    Example:
        >>> x, weight = np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 10.0]])
        >>> _, cache = correlate2d_forward(x, weight)
        >>> correlate2d_backward(np.array([[1.0, 2.0]]), cache)
        (array([[ 1., 12., 20.]]), array([[5., 8.]]))
    """
    x, weight = cache
    rows, columns = grad_y.shape[-2:]
    grad_x, grad_weight = np.zeros_like(x), np.zeros_like(weight)
    for i, j in np.ndindex(weight.shape):
        seen = ..., slice(i, i + rows), slice(j, j + columns)
        grad_x[seen] += weight[i, j] * grad_y
        grad_weight[i, j] = np.sum(grad_y * x[seen])
    return grad_x, grad_weight


def convolve2d(x: np.ndarray, weight: np.ndarray, *, mode: str) -> np.ndarray:
    """Convolve each image of `x` with `weight`, in the mathematical sense.

    y[r, c] = sum over i and j of weight[i, j] * x[r - i, c - j], with x zero outside.

    Shapes:
        x       (..., H, W)
        weight  (kH, kW)  no larger than the image
        y       mode "full":  (..., H + kH - 1, W + kW - 1)  every place with overlap
                mode "same":  (..., H, W)  its center, from row (kH - 1) // 2
                              and column (kW - 1) // 2 of "full" on
                mode "valid": (..., H - kH + 1, W - kW + 1)  the kernel lies inside

    Example:
        >>> x, weight = np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 10.0]])
        >>> convolve2d(x, weight, mode="full")
        array([[ 1., 12., 23., 30.]])
    """
    *leading, H, W = x.shape
    kH, kW = weight.shape
    full = np.zeros((*leading, H + kH - 1, W + kW - 1), x.dtype)
    for i, j in np.ndindex(kH, kW):
        full[..., i : i + H, j : j + W] += weight[i, j] * x
    top, left, rows, columns = {
        "full": (0, 0, H + kH - 1, W + kW - 1),
        "same": ((kH - 1) // 2, (kW - 1) // 2, H, W),
        "valid": (kH - 1, kW - 1, H - kH + 1, W - kW + 1),
    }[mode]
    return full[..., top : top + rows, left : left + columns]
