"""The thresholded linear unit, max(x, tau) (chapter 14; torch has no such layer)."""

import numpy as np

from solutions.layer import Layer


def tlu_forward(x: np.ndarray, tau: np.ndarray) -> tuple[np.ndarray, tuple]:
    """The larger of x and a learned threshold (Singh and Krishnan, 2019).

    Shapes:
        x, y  (N, C, ...)
        tau   (C,)         one threshold for each channel

    Returns:
        y, and the cache that `tlu_backward` takes.

    Raises:
        ValueError: tau does not have one entry for each channel of x.

    Example:
        >>> tlu_forward(np.array([[-1.0, 2.0]]), np.array([0.0, 3.0]))[0]
        array([[0., 3.]])
    """
    if x.ndim < 2 or tau.shape != x.shape[1:2]:
        raise ValueError(
            f"x {x.shape} and tau {tau.shape} must be (N, C, ...) and (C,)"
        )
    threshold = tau.reshape(-1, *(1,) * (x.ndim - 2))  # (C, 1, ...)
    return np.maximum(x, threshold), (x, threshold)


def tlu_backward(grad_y: np.ndarray, cache: tuple) -> tuple[np.ndarray, np.ndarray]:
    """The gradients of x and tau: each entry's goes to the larger of the two.

    Where they are equal each gets one half, as with `torch.maximum`.

    Example:
        >>> _, cache = tlu_forward(np.array([[-1.0, 3.0, 4.0]]), np.zeros(3) + 3)
        >>> tlu_backward(np.array([[2.0, 2.0, 2.0]]), cache)
        (array([[0., 1., 2.]]), array([2., 1., 0.]))
    """
    x, threshold = cache
    grad_x = grad_y * (x > threshold) + grad_y * (x == threshold) / 2
    others = tuple(axis for axis in range(x.ndim) if axis != 1)
    return grad_x, (grad_y - grad_x).sum(axis=others)


class TLU(Layer):
    """max(x, tau) with one learned threshold for each channel, 0 at first.

    Shapes:
        tau  (num_features,)

    Example:
        >>> TLU(2)(np.array([[-1.0, 2.0]], np.float32))
        array([[0., 2.]], dtype=float32)
    """

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.add_params(tau=np.zeros(num_features, np.float32))

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = tlu_forward(x, self.params["tau"])
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        grad_x, grad_tau = tlu_backward(grad_y, self.cache)
        self.add_grads(tau=grad_tau)
        return grad_x
