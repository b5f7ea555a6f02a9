"""The negative log-likelihood of the right class (chapter 4; `torch.nn.NLLLoss`)."""

import numpy as np

from solutions.reduction import Loss, check_reduction, ratio


def class_axis(input: np.ndarray) -> int:
    """The axis of the classes: 1, or 0 of a single example.

    Raises:
        ValueError: input has no axis.

    Example:
        >>> class_axis(np.zeros((5, 3, 4, 4))), class_axis(np.zeros(3))
        (1, 0)
    """
    if not input.ndim:
        raise ValueError("input must be (N, C, ...) or (C,), it has no axis")
    return 0 if input.ndim == 1 else 1


def check_class_weight(weight: np.ndarray | None, C: int) -> None:
    """Refuse a weight that is not one number for each class.

    Raises:
        ValueError: weight is not of shape (C,).
    """
    if weight is not None and weight.shape != (C,):
        raise ValueError(
            f"weight {weight.shape} must be ({C},): one entry for each class"
        )


def check_classes(input: np.ndarray, target: np.ndarray, ignore_index: int) -> None:
    """Refuse targets that are not one class for each place of the input.

    Raises:
        ValueError: the shapes do not fit.
        TypeError: target does not hold integers.
        IndexError: target holds an index that is no class, nor `ignore_index`.
    """
    axis = class_axis(input)
    shape, C = input.shape[:axis] + input.shape[axis + 1 :], input.shape[axis]
    if target.shape != shape:
        raise ValueError(
            f"input {input.shape} and target {target.shape} must be (N, C, ...) and"
            f" (N, ...), or (C,) and (): here target must be {shape}"
        )
    if target.dtype.kind not in "iu":
        raise TypeError(f"target must hold integers, the classes, not {target.dtype}")
    wrong = target[(target != ignore_index) & ((target < 0) | (target >= C))]
    if wrong.size:
        raise IndexError(f"target {wrong[0]} is no class: they go from 0 to {C - 1}")


def nll_loss_forward(
    input: np.ndarray,
    target: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> tuple[np.ndarray, tuple]:
    """Minus the log-probability of each target, times its class's weight.

    The mean divides by the sum of the weights that counted.

    Shapes:
        input   (N, C, ...)  log-probabilities of C classes; or (C,)
        target  (N, ...)     the right classes, integers from 0 to C - 1; or ()
        weight  (C,)         a constant; None: every class counts 1
        loss    ()           or that of target where reduction is "none"

    Returns:
        loss, and the cache that `nll_loss_backward` takes.

    Raises:
        ValueError: shapes or reduction are wrong.
        TypeError: target does not hold integers.
        IndexError: target holds an index that is no class.

    Example:
        >>> log_p = np.log([[0.5, 0.5], [0.2, 0.8]])
        >>> nll_loss_forward(log_p, np.array([1, -100]))[0].round(4)
        np.float64(0.6931)
    """
    check_reduction(reduction)
    check_classes(input, target, ignore_index)
    axis = class_axis(input)
    check_class_weight(weight, input.shape[axis])
    kept = np.expand_dims(target != ignore_index, axis)  # (N, 1, ...)
    index = np.where(kept, np.expand_dims(target, axis), 0)
    factor = kept.astype(input.dtype)
    if weight is not None:
        factor *= weight.astype(input.dtype)[index]
    if input.size:  # else there is nothing to take
        losses = -factor * np.where(kept, np.take_along_axis(input, index, axis), 0)
    else:
        losses = -factor
    losses = losses.squeeze(axis)
    cache = (input.shape, axis, index, factor, reduction)
    if reduction == "none":
        return losses, cache
    return ratio(losses.sum(), factor.sum() if reduction == "mean" else 1), cache


def nll_loss_backward(
    grad_loss: np.ndarray | float, cache: tuple
) -> tuple[np.ndarray, None]:
    """-weight / (sum of weights) at each target, times the upstream gradient.

    Returns:
        grad_input, and None for the target: integers have no gradient.

    Example:
        >>> _, cache = nll_loss_forward(np.log([[0.5, 0.5]]), np.array([1]))
        >>> nll_loss_backward(2.0, cache)[0]
        array([[ 0., -2.]])
    """
    shape, axis, index, factor, _ = cache
    grad_input = np.zeros(shape, factor.dtype)
    if grad_input.size:
        np.put_along_axis(grad_input, index, grad_at_target(grad_loss, cache), axis)
    return grad_input, None


def grad_at_target(grad_loss: np.ndarray | float, cache: tuple) -> np.ndarray:
    """The gradient of `nll_loss_forward` at each target, (N, 1, ...); 0 elsewhere."""
    _, axis, _, factor, reduction = cache
    grad = np.asarray(grad_loss, dtype=factor.dtype)
    if reduction == "none":
        grad = np.expand_dims(grad, axis)
    elif reduction == "mean":
        grad = grad / (factor.sum() or 1)  # where nothing counts the gradient is 0
    return -factor * grad


class NLLLoss(Loss):
    """The loss of log-probabilities and class indices (`torch.nn.NLLLoss`).

    Example:
        >>> loss = NLLLoss(reduction="none")
        >>> loss(np.log([[0.5, 0.5]]), np.array([1])).round(4)
        array([0.6931])
    """

    def __init__(
        self,
        weight: np.ndarray | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.keep(weight=weight)
        self.ignore_index = ignore_index

    def forward(self, input: np.ndarray, target: np.ndarray) -> np.ndarray:
        loss, self.cache = nll_loss_forward(
            input,
            target,
            weight=self.state.get("weight"),
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )
        return loss

    def backward(self, grad_loss: np.ndarray | float = 1.0) -> np.ndarray:
        """The gradient of the input; `grad_loss` is the upstream gradient."""
        return nll_loss_backward(grad_loss, self.cache)[0]
