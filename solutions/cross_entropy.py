"""Cross-entropy of logits and classes (chapter 4; `torch.nn.CrossEntropyLoss`)."""

from typing import Any

import numpy as np

from solutions.nll import (
    check_class_weight,
    check_classes,
    class_axis,
    nll_loss_backward,
    nll_loss_forward,
)
from solutions.reduction import Loss, check_reduction, ratio
from solutions.softmax import log_softmax_backward, log_softmax_forward


def one_hot(
    input: np.ndarray, target: np.ndarray, ignore_index: int
) -> tuple[np.ndarray, np.ndarray]:
    """The classes as probabilities 0 and 1, and which of the targets are not ignored.

    Example:
        >>> one_hot(np.zeros((2, 3)), np.array([1, -100]), -100)
        (array([[0., 1., 0.], [0., 0., 0.]]), array([[ True], [False]]))
    """
    check_classes(input, target, ignore_index)
    axis = class_axis(input)
    classes = np.arange(input.shape[axis]).reshape(-1, *(1,) * (target.ndim - axis))
    kept = np.expand_dims(target != ignore_index, axis)
    return ((np.expand_dims(target, axis) == classes) & kept).astype(input.dtype), kept


def mix(p: np.ndarray, label_smoothing: float, axis: int) -> np.ndarray:
    """A part of the probabilities spread evenly over all classes.

    Example:
        >>> mix(np.array([0.0, 1.0]), 0.5, 0)
        array([0.25, 0.75])
    """
    return (1 - label_smoothing) * p + label_smoothing / max(p.shape[axis], 1)


def check_probabilities(target: np.ndarray, ignore_index: int) -> None:
    """Refuse targets of the input's shape that are not class probabilities.

    Raises:
        TypeError: target does not hold floating-point numbers.
        ValueError: ignore_index is given: no class is ignored here.
    """
    if target.dtype.kind != "f":
        raise TypeError(
            f"target has the input's shape, so it must hold floating-point"
            f" probabilities, not {target.dtype}"
        )
    if ignore_index >= 0:
        raise ValueError(
            f"ignore_index {ignore_index} has no meaning for probabilities"
        )


def cross_entropy_forward(
    input: np.ndarray,
    target: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> tuple[np.ndarray, tuple]:
    """-log softmax(input) of the right class; or its mean over a target distribution.

    `label_smoothing` mixes the target with equal probabilities (Szegedy et al., 2015).
    The mean divides by the sum of the targets' weights; with probabilities by the
    number of examples.

    Shapes:
        input   (N, C, ...)  logits of C classes; or (C,)
        target  (N, ...)     the right classes, integers from 0 to C - 1; or ();
                             or that of input: the probability of each class
        weight  (C,)         a constant; None: every class counts 1
        loss    ()           or (N, ...) where reduction is "none"

    Returns:
        loss, and the cache that `cross_entropy_backward` takes.

    Raises:
        ValueError: shapes, reduction or label_smoothing are wrong, or ignore_index is
            given for probabilities.
        TypeError: class indices that are no integers, probabilities that are.
        IndexError: target holds an index that is no class.

    Example:
        >>> logits, target = np.array([[0.0, 0.0]]), np.array([1])
        >>> cross_entropy_forward(logits, target)[0].round(4)
        np.float64(0.6931)
    """
    check_reduction(reduction)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing {label_smoothing} must be from 0 to 1")
    axis = class_axis(input)
    check_class_weight(weight, input.shape[axis])
    log_p, _ = log_softmax_forward(input, dim=axis)
    soft = target.shape == input.shape
    if not soft and not label_smoothing:
        options: dict[str, Any] = {"ignore_index": ignore_index, "weight": weight}
        loss, nll = nll_loss_forward(log_p, target, **options, reduction=reduction)
        return loss, (log_p, axis, nll, None)
    w = np.ones(input.shape[axis]) if weight is None else weight
    w = w.astype(input.dtype).reshape(
        -1, *(1,) * (input.ndim - 1 - axis)
    )  # (C, 1, ...)
    if soft:
        check_probabilities(target, ignore_index)
        q, count = w * mix(target, label_smoothing, axis), target.size // w.size
    else:
        hot, kept = one_hot(input, target, ignore_index)
        q, count = w * mix(hot, label_smoothing, axis) * kept, (w * hot).sum()
    losses = -(q * log_p).sum(axis=axis)
    slope = w * (label_smoothing - 1) if soft else None  # of the loss, over log_p
    cache = (log_p, axis, None, (q, slope, count, reduction))
    if reduction == "none":
        return losses, cache
    return ratio(losses.sum(), count if reduction == "mean" else 1), cache


def cross_entropy_backward(
    grad_loss: np.ndarray | float, cache: tuple
) -> tuple[np.ndarray, np.ndarray | None]:
    """(softmax - target) / N for plain class indices, times the upstream gradient.

    Returns:
        grad_input, and grad_target: None for integers, they have no gradient.

    Example:
        >>> _, cache = cross_entropy_forward(np.array([[0.0, 0.0]]), np.array([1]))
        >>> cross_entropy_backward(1.0, cache)
        (array([[ 0.5, -0.5]]), None)
    """
    log_p, axis, nll, dense = cache
    if nll is not None:
        grad_log_p, _ = nll_loss_backward(grad_loss, nll)
        return log_softmax_backward(grad_log_p, (log_p, axis)), None
    q, slope, count, reduction = dense
    grad = np.asarray(grad_loss, dtype=log_p.dtype)
    if reduction == "none":
        grad = np.expand_dims(grad, axis)
    elif reduction == "mean":
        grad = grad / (count or 1)
    grad_target = None if slope is None else grad * slope * log_p
    return log_softmax_backward(-grad * q, (log_p, axis)), grad_target


class CrossEntropyLoss(Loss):
    """The cross-entropy of logits (`torch.nn.CrossEntropyLoss`).

    Example:
        >>> loss = CrossEntropyLoss()
        >>> loss(np.array([[0.0, 0.0]]), np.array([1])).round(4)
        np.float64(0.6931)
        >>> loss.backward()
        array([[ 0.5, -0.5]])
    """

    def __init__(
        self,
        weight: np.ndarray | None = None,
        size_average: bool | None = None,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.keep(weight=weight)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: np.ndarray, target: np.ndarray) -> np.ndarray:
        loss, self.cache = cross_entropy_forward(
            input,
            target,
            weight=self.state.get("weight"),
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )
        return loss

    def backward(self, grad_loss: np.ndarray | float = 1.0) -> np.ndarray:
        """The gradient of the input; `grad_loss` is the upstream gradient."""
        return cross_entropy_backward(grad_loss, self.cache)[0]
