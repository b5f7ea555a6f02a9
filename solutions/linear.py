"""The linear layer, y = x W^T + b (chapter 2; `torch.nn.Linear`)."""

import math

import numpy as np

from solutions.layer import Layer


def linear_forward(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None
) -> tuple[np.ndarray, tuple]:
    """Apply the same affine map to every row of `x`.

    Shapes:
        x       (..., D)   D input features, any leading axes
        weight  (K, D)     one row for each of K output features
        bias    (K,)       or None: no bias
        y       (..., K)

    Returns:
        y, and the cache that `linear_backward` takes.

    Raises:
        ValueError: x and weight disagree on D.

    Example:
        >>> x, weight = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])
        >>> bias = np.array([5.0])
        >>> linear_forward(x, weight, bias)[0]
        array([[16.]])
    """
    y = x @ weight.T  # (..., D) @ (D, K) -> (..., K)
    if bias is not None:
        y = y + bias
    return y, (x, weight, bias is not None)


def linear_backward(
    grad_y: np.ndarray, cache: tuple
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Turn the gradient of y into those of x, weight and bias.

    Shapes:
        grad_y       (..., K)
        grad_x       (..., D)
        grad_weight  (K, D)     summed over all examples
        grad_bias    (K,)       summed over all examples; None if there was no bias

    Returns:
        grad_x, grad_weight, grad_bias.

    Example:
        >>> x, weight = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])
        >>> bias = np.array([5.0])
        >>> _, cache = linear_forward(x, weight, bias)
        >>> linear_backward(np.array([[10.0]]), cache)
        (array([[30., 40.]]), array([[10., 20.]]), array([10.]))
    """
    x, weight, has_bias = cache
    grad_x = grad_y @ weight  # (..., K) @ (K, D) -> (..., D)
    rows_x = x.reshape(-1, x.shape[-1])  # every leading axis counts examples
    rows_grad = grad_y.reshape(-1, grad_y.shape[-1])
    grad_weight = rows_grad.T @ rows_x  # (K, N) @ (N, D) -> (K, D)
    grad_bias = rows_grad.sum(axis=0) if has_bias else None
    return grad_x, grad_weight, grad_bias


class Linear(Layer):
    """The linear layer with its parameters (`torch.nn.Linear`).

    Parameters start uniform in (-1/sqrt(D), 1/sqrt(D)), as torch's do.

    Shapes:
        weight  (out_features, in_features)
        bias    (out_features,)

    Example:
        >>> layer = Linear(2, 3, rng=np.random.default_rng(0))
        >>> layer(np.ones((4, 2), np.float32)).shape
        (4, 3)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        rng = rng or np.random.default_rng()
        bound = 1 / math.sqrt(in_features) if in_features else 0.0
        weight = rng.uniform(-bound, bound, (out_features, in_features))
        self.add_params(weight=weight.astype(np.float32))
        if bias:
            self.add_params(
                bias=rng.uniform(-bound, bound, out_features).astype(np.float32)
            )

    def forward(self, x: np.ndarray) -> np.ndarray:
        weight, bias = self.params["weight"], self.params.get("bias")
        y, self.cache = linear_forward(x, weight, bias)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        grad_x, grad_weight, grad_bias = linear_backward(grad_y, self.cache)
        self.add_grads(weight=grad_weight, bias=grad_bias)
        return grad_x
