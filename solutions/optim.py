"""Optimizers: from gradients to better parameters (chapter 5; `torch.optim`)."""

import math

import numpy as np

from solutions.layer import Layer

Key = tuple[str, int]
"""A parameter's name, and where its rows start."""
BLOCK = 1 << 15
"""So many entries at once stay in a fast cache."""


def check_range(below: float = math.inf, **numbers: float) -> None:
    """Refuse numbers that are negative, or not below `below`.

    Raises:
        ValueError: a number is so.
    """
    for name, number in numbers.items():
        if not 0 <= number < below:
            rule = "" if math.isinf(below) else f" and must be below {below}"
            raise ValueError(f"{name} {number} must not be negative{rule}")


class Optimizer:
    """What optimizers share: they change each parameter of a layer, in place.

    Example:
        >>> Optimizer(Layer(), lr=0.1, weight_decay=0.0, maximize=False).lr
        0.1
    """

    def __init__(
        self, layer: Layer, lr: float, weight_decay: float, maximize: bool
    ) -> None:
        check_range(lr=lr, weight_decay=weight_decay)
        self.layer, self.lr = layer, lr
        self.weight_decay, self.maximize = weight_decay, maximize
        self.kept: dict[Key, tuple[np.ndarray, ...]] = {}

    def step(self) -> None:
        """Move every parameter against its gradient, or along it if `maximize`.

        So many rows at once as stay in the cache: each is read and written often.
        """
        grads = self.layer.grads
        for name, array in self.layer.params.items():
            param, grad = np.atleast_1d(array), np.atleast_1d(grads[name])  # views
            rows = max(1, BLOCK * len(param) // max(1, param.size))
            for start in range(0, len(param), rows):
                block = slice(start, start + rows)
                upward = -grad[block] if self.maximize else grad[block]
                self.update((name, start), param[block], upward)

    def update(self, key: Key, param: np.ndarray, grad: np.ndarray) -> None:
        """Change some rows in place; what their next step needs is `kept[key]`."""
        raise NotImplementedError(f"{type(self).__name__} has no update")

    def zero_grad(self) -> None:
        """Set every gradient to zero."""
        self.layer.zero_grad()


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if asked for (`torch.optim.SGD`).

    velocity = momentum * velocity + (1 - dampening) * grad, at the first step grad;
    then param = param - lr * velocity. Nesterov's form (Sutskever et al., 2013) looks
    one step ahead: it moves by grad + momentum * velocity.

    Raises:
        ValueError: lr, momentum or weight_decay is negative; nesterov without momentum
            or with dampening.

    Example:
        >>> layer = Layer()
        >>> layer.add_params(weight=np.array([1.0]))
        >>> layer.add_grads(weight=np.array([2.0]))
        >>> SGD(layer, lr=0.1).step()
        >>> layer.params["weight"]
        array([0.8])
    """

    def __init__(
        self,
        layer: Layer,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(layer, lr, weight_decay, maximize)
        check_range(momentum=momentum)
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError(
                "nesterov needs a momentum and no dampening,"
                f" not momentum {momentum} and dampening {dampening}"
            )
        self.momentum, self.dampening = momentum, dampening
        self.nesterov = nesterov

    def update(self, key: Key, param: np.ndarray, grad: np.ndarray) -> None:
        """One step of one parameter, or of some of its rows."""
        if self.weight_decay:
            grad = grad + self.weight_decay * param
        if self.momentum:
            grad = self.with_momentum(key, grad)
        param -= self.lr * grad

    def with_momentum(self, key: Key, grad: np.ndarray) -> np.ndarray:
        """The velocity after this gradient, or Nesterov's look ahead."""
        if key in self.kept:
            (velocity,) = self.kept[key]
            velocity *= self.momentum
            velocity += (1 - self.dampening) * grad
        else:
            velocity = np.array(grad)  # a copy
            self.kept[key] = (velocity,)
        return grad + self.momentum * velocity if self.nesterov else velocity


class Adam(Optimizer):
    """Steps of about lr in every direction (`torch.optim.Adam`; Kingma and Ba, 2014).

    mean and square are running means of grad and grad^2, and start at 0: dividing by
    1 - beta^t corrects that. Then param = param - lr * mean / (sqrt(square) + eps).
    `amsgrad` takes the largest square so far (Reddi et al., 2018). weight_decay adds to
    the gradient, or with `decoupled_weight_decay` shrinks the parameter.

    Raises:
        ValueError: lr, eps or weight_decay is negative; a beta is not in [0, 1).

    Example:
        >>> layer = Layer()
        >>> layer.add_params(weight=np.array([1.0, 1.0]))
        >>> layer.add_grads(weight=np.array([2.0, -0.002]))
        >>> Adam(layer, lr=0.1).step()
        >>> layer.params["weight"].round(4)
        array([0.9, 1.1])
    """

    def __init__(
        self,
        layer: Layer,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(layer, lr, weight_decay, maximize)
        check_range(eps=eps)
        check_range(beta1=betas[0], beta2=betas[1], below=1.0)
        self.betas, self.eps, self.amsgrad = betas, eps, amsgrad
        self.decoupled_weight_decay = decoupled_weight_decay
        self.steps = 0

    def step(self) -> None:
        """Move every parameter by about lr."""
        self.steps += 1
        super().step()

    def update(self, key: Key, param: np.ndarray, grad: np.ndarray) -> None:
        """One step of one parameter, or of some of its rows."""
        if self.decoupled_weight_decay:
            param *= 1 - self.lr * self.weight_decay
        elif self.weight_decay:
            grad = grad + self.weight_decay * param
        mean, square = self.running(key, grad)
        corrections = [1 - beta**self.steps for beta in self.betas]
        divisor = np.sqrt(square)
        divisor /= math.sqrt(corrections[1])
        divisor += self.eps
        param -= self.lr / corrections[0] * mean / divisor

    def running(self, key: Key, grad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The running means of the gradient and its square after this gradient."""
        if key not in self.kept:
            self.kept[key] = tuple(np.zeros_like(grad) for _ in range(3))
        mean, square, largest = self.kept[key]
        beta1, beta2 = self.betas
        mean += (1 - beta1) * (grad - mean)
        square *= beta2
        square += (1 - beta2) * (grad * grad)
        if not self.amsgrad:
            return mean, square
        return mean, np.maximum(largest, square, out=largest)


class AdamW(Adam):
    """Adam that shrinks parameters itself (`torch.optim.AdamW`).

    The decay does not pass through Adam's division (Loshchilov and Hutter, 2017).

    Raises:
        ValueError: as in `Adam`.

    Example:
        >>> layer = Layer()
        >>> layer.add_params(weight=np.array([1.0]))
        >>> AdamW(layer, lr=0.1, weight_decay=0.5).step()
        >>> layer.params["weight"]
        array([0.95])
    """

    def __init__(
        self,
        layer: Layer,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            layer,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            decoupled_weight_decay=True,
        )
