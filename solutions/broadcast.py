"""The backward pass of broadcasting (chapter 1)."""

import numpy as np


def unbroadcast(grad: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Turn the gradient of a broadcast array into that of the array itself.

    `shape` is broadcast to `grad.shape`: axes are added in front, and axes of size 1
    are repeated. Every copy of an entry adds to that entry's gradient.

    Shapes:
        grad    any shape that `shape` can be broadcast to
        result  shape

    Example:
        >>> grad = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
        >>> unbroadcast(grad, (3,))
        array([11., 22., 33.])
        >>> unbroadcast(grad, (2, 1))
        array([[ 6.],
               [60.]])
    """
    added = grad.ndim - len(shape)
    repeated = [added + axis for axis, size in enumerate(shape) if size == 1]
    return grad.sum(axis=(*range(added), *repeated), keepdims=True).reshape(shape)
