"""Correlation as a matrix (chapter 7)."""

import numpy as np


def conv_matrix2d(weight: np.ndarray, H: int, W: int) -> np.ndarray:
    """The matrix M of correlation with `weight`: y.ravel() = M @ x.ravel().

    A row for each place of the kernel, a column for each pixel, both row by row.

    Shapes:
        weight  (kH, kW)  no larger than the image
        M       ((H - kH + 1) * (W - kW + 1), H * W)  of the dtype of weight

    Example:
        >>> conv_matrix2d(np.array([[1.0, 10.0]]), 1, 3)
        array([[ 1., 10.,  0.],
               [ 0.,  1., 10.]])
    """
    kH, kW = weight.shape
    rows, columns = H - kH + 1, W - kW + 1
    matrix = np.zeros((rows, columns, H, W), weight.dtype)
    for r, c in np.ndindex(rows, columns):
        matrix[r, c, r : r + kH, c : c + kW] = weight
    return matrix.reshape(rows * columns, H * W)
