"""A matrix product and rows that are looked up, with their gradients (chapter 1)."""

import numpy as np

from solutions.broadcast import unbroadcast


def matmul_forward(x1: np.ndarray, x2: np.ndarray) -> tuple[np.ndarray, tuple]:
    """The matrix product of the last two axes; axes in front are broadcast.

    Shapes:
        x1  (..., N, D)
        x2  (..., D, K)
        y   (..., N, K)

    Returns:
        y, and the cache (x1, x2) that `matmul_backward` takes.

    Example:
        >>> x1, x2 = np.ones((5, 2, 3)), np.ones((3, 4))
        >>> matmul_forward(x1, x2)[0].shape
        (5, 2, 4)
    """
    return x1 @ x2, (x1, x2)


def matmul_backward(grad_y: np.ndarray, cache: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Turn the gradient of y into those of x1 and x2, each in its own shape.

    Shapes:
        grad_y   (..., N, K)  the axes in front of both inputs, broadcast
        grad_x1  (..., N, D)  the shape of x1
        grad_x2  (..., D, K)  the shape of x2

    Returns:
        grad_x1, grad_x2.

    Example:
        >>> _, cache = matmul_forward(np.array([[2.0]]), np.array([[3.0, 4.0]]))
        >>> matmul_backward(np.array([[1.0, 10.0]]), cache)
        (array([[43.]]), array([[ 2., 20.]]))
    """
    x1, x2 = cache
    grad_x1 = grad_y @ x2.swapaxes(-1, -2)
    grad_x2 = x1.swapaxes(-1, -2) @ grad_y
    return unbroadcast(grad_x1, x1.shape), unbroadcast(grad_x2, x2.shape)


def index_select_forward(x: np.ndarray, index: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Select rows of `x`, in any order, as often as you like (`torch.index_select`).

    Shapes:
        x      (V, ...)  V rows, each of any shape
        index  (N,)      integers from 0 to V - 1
        y      (N, ...)  y[n] is x[index[n]]

    Returns:
        y, and the cache (x.shape, index) that `index_select_backward` takes.

    Example:
        >>> x = np.array([[0.0, 1.0], [10.0, 11.0], [20.0, 21.0]])
        >>> index_select_forward(x, np.array([2, 0]))[0]
        array([[20., 21.],
               [ 0.,  1.]])
    """
    return x[index], (x.shape, index)


def index_select_backward(grad_y: np.ndarray, cache: tuple) -> tuple[np.ndarray, None]:
    """Turn the gradient of the selected rows into that of all rows.

    Shapes:
        grad_y  (N, ...)
        grad_x  (V, ...)  the shape of x

    Returns:
        grad_x, and None for `index`: whole numbers have no gradient.

    Example:
        >>> _, cache = index_select_forward(np.zeros((3, 1)), np.array([2, 0]))
        >>> index_select_backward(np.array([[5.0], [7.0]]), cache)[0]
        array([[7.],
               [0.],
               [5.]])
    """
    shape, index = cache
    grad_x = np.zeros(shape, grad_y.dtype)
    np.add.at(grad_x, index, grad_y)  # unlike grad_x[index] += grad_y, adds each time
    return grad_x, None
