"""Gradients from the definition, to check a backward pass against (chapter 1)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np


def numerical_vjp(
    f: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    grad_y: np.ndarray,
    eps: float = 1e-6,
) -> np.ndarray:
    """Central differences of L = sum(grad_y * f(x)) for each entry of `x`.

    (L(x + eps) - L(x - eps)) / (2 eps), where eps is added to one entry at a time.
    The error is about eps**2 plus rounding/eps, so `x` is taken as float64, whatever
    its dtype is; it stays as it was.

    Shapes:
        x       any
        grad_y  the shape of f(x)
        result  the shape of x, float64

    Example:
        >>> x, grad_y = np.array([1.0, 2.0]), np.array([1.0, 10.0])
        >>> numerical_vjp(np.square, x, grad_y).round(6)
        array([ 2., 40.])
    """
    x = np.array(x, dtype=np.float64)  # a copy: the caller's array stays as it is
    grad_x = np.empty_like(x)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + eps
        above = np.sum(grad_y * f(x))
        x[index] = kept - eps
        below = np.sum(grad_y * f(x))
        x[index] = kept
        grad_x[index] = (above - below) / (2 * eps)
    return grad_x


def check_gradients(
    forward: Callable[..., tuple[np.ndarray, tuple]],
    backward: Callable[[np.ndarray, tuple], Any],
    grad_y: np.ndarray,
    **arrays: np.ndarray,
) -> None:
    """Compare each gradient that `backward` returns with central differences.

    Draw `grad_y` and the arrays at random, with sizes that differ: ones and squares
    hide mistakes.

    Raises:
        AssertionError: a gradient is missing, has another shape than its array or a
            wrong entry (the message names the worst one); float32 does not give
            float32; an argument was changed.

    Example:
        >>> forward, backward = lambda x: (x * x, (x,)), lambda grad_y, cache: grad_y
        >>> x, grad_y = np.array([3.0, 4.0]), np.array([1.0, 2.0])
        >>> check_gradients(forward, backward, grad_y, x=x)
        Traceback (most recent call last):
        AssertionError: grad_x[1] is 2, but central differences give 16
    """
    grads = run_both(forward, backward, grad_y, arrays)
    for (name, array), grad in zip(arrays.items(), grads, strict=True):

        def output(changed: np.ndarray, name: str = name) -> np.ndarray:
            return forward(**arrays | {name: changed})[0]

        shape, expected = np.shape(grad), numerical_vjp(output, array, grad_y)
        assert shape == array.shape, f"grad_{name} is {shape}, {name} is {array.shape}"
        if array.size == 0:
            continue  # an empty batch: nothing to compare but the shape
        gap = np.abs(grad - expected)
        worst = np.unravel_index(np.argmax(gap), shape)
        assert gap[worst] <= 1e-6 * max(1, np.abs(expected).max()), (
            f"grad_{name}[{', '.join(map(str, worst))}] is {grad[worst]:.4g}, "
            f"but central differences give {expected[worst]:.4g}"
        )
    single = {name: array.astype(np.float32) for name, array in arrays.items()}
    for grad in run_both(forward, backward, grad_y.astype(np.float32), single):
        assert grad.dtype == np.float32, f"float32 in, but a gradient is {grad.dtype}"


def run_both(
    forward: Callable[..., tuple[np.ndarray, tuple]],
    backward: Callable[[np.ndarray, tuple], Any],
    grad_y: np.ndarray,
    arrays: Mapping[str, np.ndarray],
) -> Sequence[np.ndarray]:
    """One gradient for each array, if neither function changes its arguments."""
    given = {name: array.copy() for name, array in arrays.items()}
    given_grad_y = grad_y.copy()
    y, cache = forward(**given)
    assert y.dtype == grad_y.dtype, f"{grad_y.dtype} in, but y is {y.dtype}"
    grads = backward(given_grad_y, cache)
    for name, array in [*given.items(), ("grad_y", given_grad_y)]:
        same = np.array_equal(array, {**arrays, "grad_y": grad_y}[name])
        assert same, f"{name} is changed: build a new array instead"
    grads = grads if isinstance(grads, tuple | list) else (grads,)
    assert len(grads) == len(arrays), f"{len(grads)} gradients for {len(arrays)} arrays"
    return grads
