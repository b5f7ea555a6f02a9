"""Losses square near zero and straight beyond (chapter 4; `torch.nn.HuberLoss`)."""

import numpy as np

from solutions.losses import l1_loss_backward, l1_loss_forward
from solutions.reduction import Loss, check_same_shape, reduce, unreduce


def huber_loss_forward(
    input: np.ndarray,
    target: np.ndarray,
    *,
    delta: float = 1.0,
    reduction: str = "mean",
) -> tuple[np.ndarray, tuple]:
    """Half the square of differences up to `delta`, beyond it a line (Huber, 1964).

    Shapes:
        input, target  any, equal
        loss           (), or that of input where reduction is "none"

    Returns:
        loss, and the cache that `huber_loss_backward` takes.

    Raises:
        ValueError: delta is not positive; as in `mse_loss_forward`.

    Example:
        >>> input, target = np.array([0.5, 3.0]), np.array([0.0, 0.0])
        >>> huber_loss_forward(input, target, reduction="none")[0]
        array([0.125, 2.5  ])
    """
    if not delta > 0:
        raise ValueError(f"delta {delta} must be positive")
    check_same_shape(input, target)
    difference = input - target
    size = np.abs(difference)
    inner = np.minimum(size, delta)
    losses = inner * (size - 0.5 * inner)  # size^2 / 2, or delta (size - delta / 2)
    return reduce(losses, reduction), (difference, delta, reduction)


def huber_loss_backward(
    grad_loss: np.ndarray | float, cache: tuple, *, target_too: bool = True
) -> tuple[np.ndarray, np.ndarray | None]:
    """The gradients of input and target: the difference, limited to `delta`.

    Without `target_too` the target's is None.

    Example:
        >>> _, cache = huber_loss_forward(np.array([0.5, 3.0]), np.zeros(2))
        >>> huber_loss_backward(2.0, cache)
        (array([0.5, 1. ]), array([-0.5, -1. ]))
    """
    difference, delta, reduction = cache
    slope = np.clip(difference, -delta, delta)
    grad_input = slope * unreduce(grad_loss, difference, reduction)
    return grad_input, -grad_input if target_too else None


class HuberLoss(Loss):
    """A loss that outliers pull at with no more than `delta` (`torch.nn.HuberLoss`).

    Raises:
        TypeError: delta is no number.
        ValueError: delta is not positive (when called, as in torch).

    Example:
        >>> loss = HuberLoss(reduction="none")
        >>> loss(np.array([0.5, 3.0]), np.zeros(2))
        array([0.125, 2.5  ])
    """

    loss_backward = staticmethod(huber_loss_backward)

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        if not isinstance(delta, int | float):
            raise TypeError(f"delta must be a float or an int, not {delta!r}")
        self.delta = delta

    def forward(self, input: np.ndarray, target: np.ndarray) -> np.ndarray:
        loss, self.cache = huber_loss_forward(
            input, target, delta=self.delta, reduction=self.reduction
        )
        return loss


def smooth_l1_loss_forward(
    input: np.ndarray,
    target: np.ndarray,
    *,
    beta: float = 1.0,
    reduction: str = "mean",
) -> tuple[np.ndarray, tuple]:
    """The Huber loss with `delta=beta`, divided by beta (Girshick, 2015).

    Its slope beyond beta is 1; with beta 0 it is the absolute difference.

    Shapes:
        input, target  any, equal
        loss           (), or that of input where reduction is "none"

    Returns:
        loss, and the cache that `smooth_l1_loss_backward` takes.

    Raises:
        ValueError: beta is negative; as in `mse_loss_forward`.

    Example:
        >>> input, target = np.array([0.5, 3.0]), np.array([0.0, 0.0])
        >>> smooth_l1_loss_forward(input, target, beta=0.5, reduction="none")[0]
        array([0.25, 2.75])
    """
    if not beta >= 0:
        raise ValueError(f"beta {beta} must not be negative")
    if beta == 0:
        loss, cache = l1_loss_forward(input, target, reduction=reduction)
    else:
        loss, cache = huber_loss_forward(input, target, delta=beta, reduction=reduction)
        loss = loss / beta
    return loss, (beta, cache)


def smooth_l1_loss_backward(
    grad_loss: np.ndarray | float, cache: tuple, *, target_too: bool = True
) -> tuple[np.ndarray, np.ndarray | None]:
    """The gradients of input and target.

    Without `target_too` the target's is None.

    Example:
        >>> input, target = np.array([0.5, 3.0]), np.array([0.0, 0.0])
        >>> _, cache = smooth_l1_loss_forward(input, target, beta=2.0)
        >>> smooth_l1_loss_backward(2.0, cache)
        (array([0.25, 1.  ]), array([-0.25, -1.  ]))
    """
    beta, inner = cache
    if beta == 0:
        return l1_loss_backward(grad_loss, inner, target_too=target_too)
    return huber_loss_backward(grad_loss / beta, inner, target_too=target_too)


class SmoothL1Loss(Loss):
    """An absolute error with a round bottom (`torch.nn.SmoothL1Loss`).

    Raises:
        ValueError: beta is negative (when called, as in torch).

    Example:
        >>> loss = SmoothL1Loss(reduction="none", beta=0.5)
        >>> loss(np.array([0.5, 3.0]), np.zeros(2))
        array([0.25, 2.75])
    """

    loss_backward = staticmethod(smooth_l1_loss_backward)

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: np.ndarray, target: np.ndarray) -> np.ndarray:
        loss, self.cache = smooth_l1_loss_forward(
            input, target, beta=self.beta, reduction=self.reduction
        )
        return loss
