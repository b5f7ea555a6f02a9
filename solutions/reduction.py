"""From the loss of each entry to one number, and back (chapter 4)."""

import warnings
from collections.abc import Callable

import numpy as np

from solutions.layer import Layer


def check_same_shape(input: np.ndarray, target: np.ndarray) -> None:
    """Refuse shapes that would broadcast silently.

    Raises:
        ValueError: input and target differ in shape.
    """
    if input.shape != target.shape:
        raise ValueError(
            f"input {input.shape} and target {target.shape} must have one shape"
        )


def check_reduction(reduction: str, *more: str) -> None:
    """Refuse a reduction that there is not.

    Raises:
        ValueError: reduction is not "none", "mean", "sum" or one of `more`.
    """
    allowed = ("none", "mean", "sum", *more)
    if reduction not in allowed:
        raise ValueError(f"reduction {reduction!r} must be one of {allowed}")


def reduce(losses: np.ndarray, reduction: str, *more: str) -> np.ndarray:
    """The losses as they are ("none"), their mean or their sum.

    Raises:
        ValueError: reduction is none of the three, nor one of `more`.

    Example:
        >>> float(reduce(np.array([1.0, 3.0]), "mean"))
        2.0
    """
    check_reduction(reduction, *more)
    if reduction == "none":
        return losses
    return ratio(losses.sum(), divisor(losses, reduction))


def unreduce(
    grad_loss: np.ndarray | float, losses: np.ndarray, reduction: str
) -> np.ndarray:
    """The gradient of each entry's loss, from that of the reduced loss.

    Example:
        >>> float(unreduce(6.0, np.zeros((3, 2)), "mean"))
        1.0
    """
    grad = np.asarray(grad_loss, dtype=losses.dtype)
    return grad / max(divisor(losses, reduction), 1)


def divisor(losses: np.ndarray, reduction: str) -> int:
    """What the sum is divided by; "batchmean" counts the first axis, the examples.

    Example:
        >>> divisor(np.zeros((3, 2)), "mean"), divisor(np.zeros((3, 2)), "batchmean")
        (6, 3)
    """
    if reduction == "batchmean":
        return losses.shape[0] if losses.ndim else 1
    return losses.size if reduction == "mean" else 1


def ratio(total: np.ndarray, count: np.ndarray | float) -> np.ndarray:
    """Total / count; 0 / 0 is not a number, without a warning, as in torch.

    Example:
        >>> float(ratio(np.array(0.0), 0))
        nan
    """
    with np.errstate(invalid="ignore"):
        return np.divide(total, count, dtype=total.dtype)


class Loss(Layer):
    """What losses share: a reduction, and `backward` of the input alone.

    Raises:
        ValueError: reduction is not "none", "mean" or "sum".

    Example:
        >>> Loss(reduction="sum").reduction
        'sum'
    """

    reductions: tuple[str, ...] = ()
    """Further reductions that the class knows."""
    loss_backward: Callable[..., tuple[np.ndarray, np.ndarray | None]]
    """The backward pass of a loss, as a function."""
    cache: tuple

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__()
        if size_average is not None or reduce is not None:
            warnings.warn("use reduction, not size_average and reduce", stacklevel=3)
            mean_or_sum = "sum" if size_average is False else "mean"
            reduction = "none" if reduce is False else mean_or_sum
        check_reduction(reduction, *self.reductions)
        self.reduction = reduction

    def backward(self, grad_loss: np.ndarray | float = 1.0) -> np.ndarray:
        """The gradient of the input; `grad_loss` is the upstream gradient."""
        return self.loss_backward(grad_loss, self.cache, target_too=False)[0]

    def keep(self, **arrays: np.ndarray | None) -> None:
        """Hold the constants that are not None: they are state, as in torch."""
        self.add_state(**{k: np.asarray(a) for k, a in arrays.items() if a is not None})
