"""Losses: how wrong an output is, as one number (chapter 4; `torch.nn.MSELoss`)."""

import numpy as np


def mse_loss_forward(input: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, tuple]:
    """The mean of the squared differences.

    Shapes:
        input, target  any, equal
        loss           ()

    Returns:
        loss, and the cache that `mse_loss_backward` takes.

    Raises:
        ValueError: input and target differ in shape (they would broadcast silently).

    Example:
        >>> float(mse_loss_forward(np.array([1.0, 2.0]), np.array([1.0, 4.0]))[0])
        2.0
    """
    if input.shape != target.shape:
        raise ValueError(
            f"input {input.shape} and target {target.shape} must have one shape"
        )
    difference = input - target
    return np.mean(difference * difference), (difference,)


def mse_loss_backward(
    grad_loss: np.ndarray | float, cache: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """The gradients of input and target.

    Example:
        >>> _, cache = mse_loss_forward(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        >>> mse_loss_backward(1.0, cache)[0]
        array([ 0., -2.])
    """
    (difference,) = cache
    grad_input = difference * (2 / difference.size) * grad_loss
    return grad_input, -grad_input


def cross_entropy_forward(
    input: np.ndarray, target: np.ndarray
) -> tuple[np.ndarray, tuple]:
    """The mean over examples of -log softmax(input)[target].

    Shapes:
        input   (N, V)  logits: one row an example, one column a class
        target  (N,)    the index of the right class, an integer from 0 to V - 1
        loss    ()

    Returns:
        loss, and the cache that `cross_entropy_backward` takes.

    Raises:
        ValueError: the shapes are not (N, V) and (N,).

    Example:
        >>> logits, target = np.array([[0.0, 0.0]]), np.array([1])
        >>> cross_entropy_forward(logits, target)[0].round(4)
        np.float64(0.6931)
    """
    if input.ndim != 2 or target.shape != input.shape[:1]:
        raise ValueError(
            f"input {input.shape} and target {target.shape} must be (N, V) and (N,)"
        )
    shifted = input - input.max(
        axis=1, keepdims=True
    )  # exp of a large logit would overflow
    log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_softmax[np.arange(len(target)), target].mean()
    return loss, (log_softmax, target)


def cross_entropy_backward(
    grad_loss: np.ndarray | float, cache: tuple
) -> tuple[np.ndarray, None]:
    """(softmax - one-hot target) / N, times the upstream gradient.

    Returns:
        grad_input, and None for the target: integers have no gradient.

    Example:
        >>> _, cache = cross_entropy_forward(np.array([[0.0, 0.0]]), np.array([1]))
        >>> cross_entropy_backward(1.0, cache)
        (array([[ 0.5, -0.5]]), None)
    """
    log_softmax, target = cache
    grad_input = np.exp(log_softmax)
    grad_input[np.arange(len(target)), target] -= 1
    return grad_input * (grad_loss / len(target)), None


class MSELoss:
    """The mean squared error (`torch.nn.MSELoss`).

    Example:
        >>> loss = MSELoss()
        >>> float(loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
        2.0
        >>> loss.backward()
        array([ 0., -2.])
    """

    def __call__(self, input: np.ndarray, target: np.ndarray) -> np.ndarray:
        loss, self.cache = mse_loss_forward(input, target)
        return loss

    def backward(self, grad_loss: np.ndarray | float = 1.0) -> np.ndarray:
        """The gradient of the input; `grad_loss` is the upstream gradient."""
        return mse_loss_backward(grad_loss, self.cache)[0]


class CrossEntropyLoss:
    """The cross-entropy of logits and class indices (`torch.nn.CrossEntropyLoss`).

    Example:
        >>> loss = CrossEntropyLoss()
        >>> loss(np.array([[0.0, 0.0]]), np.array([1])).round(4)
        np.float64(0.6931)
        >>> loss.backward()
        array([[ 0.5, -0.5]])
    """

    def __call__(self, input: np.ndarray, target: np.ndarray) -> np.ndarray:
        loss, self.cache = cross_entropy_forward(input, target)
        return loss

    def backward(self, grad_loss: np.ndarray | float = 1.0) -> np.ndarray:
        """The gradient of the input; `grad_loss` is the upstream gradient."""
        return cross_entropy_backward(grad_loss, self.cache)[0]
