"""Activations made of straight lines (chapter 3; `torch.nn.ReLU` and its family).

At a kink each follows torch: the gradient is that of the line on the left,
for Hardtanh 0 at both bounds.
"""

import warnings

import numpy as np

from solutions.layer import Layer


def relu_forward(x: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Replace negative entries by zero.

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `relu_backward` takes.

    Example:
        >>> relu_forward(np.array([-1.0, 0.0, 2.0]))[0]
        array([0., 0., 2.])
    """
    y = np.maximum(x, 0)
    return y, (y,)


def relu_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Pass the gradient on where x was positive; at 0 the gradient is 0, as in torch.

    Example:
        >>> _, cache = relu_forward(np.array([-1.0, 0.0, 2.0]))
        >>> relu_backward(np.array([5.0, 6.0, 7.0]), cache)
        array([0., 0., 7.])
    """
    (y,) = cache
    return grad_y * (y > 0)


class ReLU(Layer):
    """max(x, 0), entry by entry (`torch.nn.ReLU`).

    Example:
        >>> ReLU()(np.array([-1.0, 2.0]))
        array([0., 2.])
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = relu_forward(x)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return relu_backward(grad_y, self.cache)


def leaky_relu_forward(
    x: np.ndarray, *, negative_slope: float = 0.01
) -> tuple[np.ndarray, tuple]:
    """Multiply negative entries by `negative_slope` (Maas et al., 2013).

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `leaky_relu_backward` takes.

    Example:
        >>> leaky_relu_forward(np.array([-1.0, 2.0]), negative_slope=0.25)[0]
        array([-0.25,  2.  ])
    """
    y = np.maximum(x, 0) + negative_slope * np.minimum(x, 0)
    return y, (x, negative_slope)


def leaky_relu_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """The gradient of x: `grad_y` where x was positive, else scaled by the slope.

    Example:
        >>> _, cache = leaky_relu_forward(np.array([-1.0, 2.0]), negative_slope=0.25)
        >>> leaky_relu_backward(np.array([4.0, 4.0]), cache)
        array([1., 4.])
    """
    x, negative_slope = cache
    positive = (x > 0).astype(x.dtype)  # np.where would be slower, signs being random
    return grad_y * (positive + negative_slope * (1 - positive))


class LeakyReLU(Layer):
    """ReLU that lets a little through (`torch.nn.LeakyReLU`).

    Example:
        >>> LeakyReLU(0.25)(np.array([-1.0, 2.0]))
        array([-0.25,  2.  ])
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = leaky_relu_forward(x, negative_slope=self.negative_slope)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return leaky_relu_backward(grad_y, self.cache)


def prelu_forward(x: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, tuple]:
    """Multiply negative entries by a learned slope (He et al., 2015).

    Shapes:
        x, y    any, equal; the channels C on axis 1
        weight  (C,), or (1,): one slope for all

    Returns:
        y, and the cache that `prelu_backward` takes.

    Raises:
        ValueError: weight has neither 1 entry nor one for each channel.

    Example:
        >>> prelu_forward(np.array([[-1.0, -1.0]]), np.array([0.5, 2.0]))[0]
        array([[-0.5, -2. ]])
    """
    channels = x.shape[1] if x.ndim > 1 else 1
    if weight.shape not in [(1,), (channels,)]:
        raise ValueError(
            f"weight has shape {weight.shape}, for x {x.shape} it must be (1,)"
            f" or ({channels},): one slope for each channel"
        )
    slopes = weight.reshape(1, -1, *(1,) * (x.ndim - 2)) if x.ndim > 1 else weight[0]
    return np.maximum(x, 0) + slopes * np.minimum(x, 0), (x, weight, slopes)


def prelu_backward(grad_y: np.ndarray, cache: tuple) -> tuple[np.ndarray, np.ndarray]:
    """The gradients of x and weight.

    A slope's gradient sums over the negative entries that it multiplied.

    Example:
        >>> x, weight = np.array([[-1.0, 3.0], [-2.0, -3.0]]), np.array([0.5, 2.0])
        >>> _, cache = prelu_forward(x, weight)
        >>> prelu_backward(np.ones((2, 2)), cache)
        (array([[0.5, 1. ], [0.5, 2. ]]), array([-3., -3.]))
    """
    x, weight, slopes = cache
    positive = (x > 0).astype(x.dtype)
    grad_x = grad_y * (positive + slopes * (1 - positive))
    terms = np.asarray(grad_y * np.minimum(x, 0))
    if weight.size == 1:
        return grad_x, terms.sum().reshape(1)
    others = tuple(axis for axis in range(x.ndim) if axis != 1)
    return grad_x, terms.sum(axis=others)


class PReLU(Layer):
    """ReLU with learned slopes for negative entries (`torch.nn.PReLU`).

    Shapes:
        weight  (num_parameters,)   every entry `init` at first

    Example:
        >>> PReLU()(np.array([-1.0, 2.0], np.float32))
        array([-0.25,  2.  ], dtype=float32)
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        super().__init__()
        self.add_params(weight=np.full(num_parameters, init, np.float32))

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = prelu_forward(x, self.params["weight"])
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        grad_x, grad_weight = prelu_backward(grad_y, self.cache)
        self.add_grads(weight=grad_weight)
        return grad_x


def hardtanh_forward(
    x: np.ndarray, *, min_val: float = -1.0, max_val: float = 1.0
) -> tuple[np.ndarray, tuple]:
    """Limit every entry to the range from `min_val` to `max_val`.

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `hardtanh_backward` takes.

    Raises:
        ValueError: max_val is less than min_val.

    Example:
        >>> hardtanh_forward(np.array([-3.0, 0.5, 2.0]))[0]
        array([-1. ,  0.5,  1. ])
    """
    if not max_val >= min_val:
        raise ValueError(f"max_val {max_val} must not be less than min_val {min_val}")
    return np.clip(x, min_val, max_val), (x, min_val, max_val)


def hardtanh_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Pass the gradient on strictly between the bounds; at them it is 0, as in torch.

    Example:
        >>> _, cache = hardtanh_forward(np.array([-1.0, 0.5, 2.0]))
        >>> hardtanh_backward(np.array([5.0, 6.0, 7.0]), cache)
        array([0., 6., 0.])
    """
    x, min_val, max_val = cache
    return grad_y * ((x > min_val) & (x < max_val))


class Hardtanh(Layer):
    """Entries limited to a range (`torch.nn.Hardtanh`).

    `min_value` and `max_value` are old names of the bounds, with torch's warning.

    Raises:
        ValueError: max_val is not greater than min_val.

    Example:
        >>> Hardtanh(0, 6)(np.array([-3.0, 0.5, 9.0]))
        array([0. , 0.5, 6. ])
    """

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__()
        self.bounds = {"min_val": min_val, "max_val": max_val}
        for old, value in (("min_value", min_value), ("max_value", max_value)):
            if value is not None:
                warnings.warn(f"{old} is now {old[:7]}", FutureWarning, stacklevel=2)
                self.bounds[old[:7]] = value
        if not self.bounds["min_val"] < self.bounds["max_val"]:
            raise ValueError(f"max_val must be greater than min_val: {self.bounds}")

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = hardtanh_forward(x, **self.bounds)
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return hardtanh_backward(grad_y, self.cache)
