"""What a chapter needs to train before it has taught how: two losses, one optimizer.

They are the default cases of `solutions.MSELoss`, `CrossEntropyLoss` and `SGD`, short
enough to stand in a notebook; a test holds them equal.
"""

import numpy as np

from solutions.layer import Layer


class MSELoss:
    """The mean of the squared differences (`torch.nn.MSELoss`; chapter 4).

    Raises:
        ValueError: input and target differ in shape (they would broadcast silently).

    Example:
        >>> loss = MSELoss()
        >>> float(loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
        2.0
        >>> loss.backward()
        array([ 0., -2.])
    """

    def __call__(self, input: np.ndarray, target: np.ndarray) -> np.ndarray:
        if input.shape != target.shape:
            raise ValueError(
                f"input {input.shape} and target {target.shape} must have one shape"
            )
        self.difference = input - target
        return np.mean(self.difference * self.difference)

    def backward(self, grad_loss: float = 1.0) -> np.ndarray:
        """The gradient of the input; `grad_loss` is the upstream gradient."""
        return self.difference * (2 / self.difference.size * grad_loss)


class CrossEntropyLoss:
    """The mean of -log softmax(input)[target] (`torch.nn.CrossEntropyLoss`; chapter 4).

    Shapes:
        input   (N, C)  one row an example, one column a class
        target  (N,)    the index of the right class, an integer from 0 to C - 1

    Raises:
        ValueError: the shapes are not (N, C) and (N,).

    Example:
        >>> loss = CrossEntropyLoss()
        >>> loss(np.array([[0.0, 0.0]]), np.array([1])).round(4)
        np.float64(0.6931)
        >>> loss.backward()
        array([[ 0.5, -0.5]])
    """

    def __call__(self, input: np.ndarray, target: np.ndarray) -> np.ndarray:
        if input.ndim != 2 or target.shape != input.shape[:1]:
            raise ValueError(
                f"input {input.shape} and target {target.shape} must be (N, C) and (N,)"
            )
        # exp of a large number would overflow
        shifted = input - input.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.log_p, self.right = log_p, (np.arange(len(target)), target)
        return -log_p[self.right].mean()

    def backward(self, grad_loss: float = 1.0) -> np.ndarray:
        """The gradient of the input; `grad_loss` is the upstream gradient."""
        grad_input = np.exp(self.log_p)
        grad_input[self.right] -= 1
        return grad_input * (grad_loss / len(grad_input))


class SGD:
    """Stochastic gradient descent with momentum (`torch.optim.SGD`; chapter 5).

    velocity = momentum * velocity + grad, then param = param - lr * velocity.

    Raises:
        ValueError: lr or momentum is negative.

    Example:
        >>> layer = Layer()
        >>> layer.add_params(weight=np.array([1.0]))
        >>> layer.add_grads(weight=np.array([2.0]))
        >>> SGD(layer, lr=0.1).step()
        >>> layer.params["weight"]
        array([0.8])
    """

    def __init__(self, layer: Layer, lr: float = 1e-3, momentum: float = 0.0) -> None:
        if lr < 0 or momentum < 0:
            raise ValueError(f"lr {lr} and momentum {momentum} must not be negative")
        self.layer, self.lr, self.momentum = layer, lr, momentum
        self.velocity = {name: np.zeros_like(p) for name, p in layer.params.items()}

    def step(self) -> None:
        """Move every parameter against its gradient, in place."""
        grads = self.layer.grads
        for name, param in self.layer.params.items():
            self.velocity[name] *= self.momentum
            self.velocity[name] += grads[name]
            param[...] -= self.lr * self.velocity[name]

    def zero_grad(self) -> None:
        """Set every gradient to zero."""
        self.layer.zero_grad()
