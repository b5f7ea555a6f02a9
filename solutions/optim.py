"""Optimizers: from gradients to better parameters (chapter 5; `torch.optim.SGD`)."""

import numpy as np

from solutions.layer import Layer


class SGD:
    """Stochastic gradient descent, with momentum if asked for (`torch.optim.SGD`).

    v = momentum * v + grad, then param = param - lr * v; arrays are changed in place.

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
        """Move every parameter against its gradient."""
        grads = self.layer.grads
        for name, param in self.layer.params.items():
            self.velocity[name] *= self.momentum
            self.velocity[name] += grads[name]
            param[...] -= self.lr * self.velocity[name]

    def zero_grad(self) -> None:
        """Set every gradient to zero."""
        self.layer.zero_grad()
