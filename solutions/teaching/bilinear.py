"""A linear layer with two inputs (chapter 2; `torch.nn.Bilinear`)."""

import numpy as np


def bilinear_forward(
    x1: np.ndarray, x2: np.ndarray, weight: np.ndarray, bias: np.ndarray
) -> tuple[np.ndarray, tuple]:
    """Weigh each product of an entry of `x1` with an entry of `x2`.

    y[n, k] = sum over i and j of x1[n, i] * weight[k, i, j] * x2[n, j], plus bias[k].

    Shapes:
        x1      (N, D1)
        x2      (N, D2)
        weight  (K, D1, D2)
        bias    (K,)
        y       (N, K)

    Returns:
        y, and the cache that `bilinear_backward` takes.

    Example:
        >>> x1, x2 = np.array([[2.0]]), np.array([[3.0, 4.0]])
        >>> weight, bias = np.array([[[10.0, 1.0]]]), np.array([0.5])
        >>> bilinear_forward(x1, x2, weight, bias)[0]
        array([[68.5]])
    """
    y = np.einsum("ni,kij,nj->nk", x1, weight, x2) + bias
    return y, (x1, x2, weight)


def bilinear_backward(
    grad_y: np.ndarray, cache: tuple
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Turn the gradient of y into those of both inputs, weight and bias.

    Shapes:
        grad_y       (N, K)
        grad_x1      (N, D1)
        grad_x2      (N, D2)
        grad_weight  (K, D1, D2)  summed over the examples
        grad_bias    (K,)         summed over the examples

    Returns:
        grad_x1, grad_x2, grad_weight, grad_bias.

    Example:
        >>> x1, x2 = np.array([[2.0]]), np.array([[3.0, 4.0]])
        >>> weight, bias = np.array([[[10.0, 1.0]]]), np.array([0.5])
        >>> _, cache = bilinear_forward(x1, x2, weight, bias)
        >>> bilinear_backward(np.array([[1.0]]), cache)[1]
        array([[20.,  2.]])
    """
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    grad_weight = np.einsum("nk,ni,nj->kij", grad_y, x1, x2)
    return grad_x1, grad_x2, grad_weight, grad_y.sum(axis=0)
