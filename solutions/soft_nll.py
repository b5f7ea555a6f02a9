"""Log-likelihood of targets that are spread over classes (chapter 4).

`torch.nn.CrossEntropyLoss` takes it for class probabilities and label smoothing.
"""

import numpy as np

from solutions.nll import check_class_weight, check_classes, class_axis
from solutions.reduction import check_reduction, ratio


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


def soft_nll_forward(
    log_p: np.ndarray,
    target: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> tuple[np.ndarray, tuple]:
    """Minus the sum over classes of target probability, weight and log-probability.

    Shapes:
        log_p   (N, C, ...)  log-probabilities of C classes; or (C,)
        target  that of log_p: probabilities; or (N, ...), (): classes, as in
                `nll_loss_forward`
        weight  (C,)         a constant; None: every class counts 1
        loss    ()           or (N, ...) where reduction is "none"

    Returns:
        loss, and the cache that `soft_nll_backward` takes.

    Raises:
        ValueError, TypeError, IndexError: as in `cross_entropy_forward`.

    Example:
        >>> soft_nll_forward(np.log([0.5, 0.5]), np.array([0.3, 0.7]))[0].round(4)
        np.float64(0.6931)
    """
    check_reduction(reduction)
    axis = class_axis(log_p)
    C = log_p.shape[axis]
    check_class_weight(weight, C)
    w = np.ones(C, log_p.dtype) if weight is None else weight.astype(log_p.dtype)
    w = w.reshape(-1, *(1,) * (log_p.ndim - 1 - axis))  # (C, 1, ...)
    slope = None  # of the loss by target, over log_p
    if target.shape == log_p.shape:
        check_probabilities(target, ignore_index)
        q, count = w * mix(target, label_smoothing, axis), target.size // max(C, 1)
        slope = w * (label_smoothing - 1)
    else:
        hot, kept = one_hot(log_p, target, ignore_index)
        q, count = w * mix(hot, label_smoothing, axis) * kept, (w * hot).sum()
    losses = -(q * log_p).sum(axis=axis)
    cache = (log_p, axis, q, slope, count, reduction)
    if reduction == "none":
        return losses, cache
    return ratio(losses.sum(), count if reduction == "mean" else 1), cache


def soft_nll_backward(
    grad_loss: np.ndarray | float, cache: tuple
) -> tuple[np.ndarray, np.ndarray | None]:
    """The gradients of log_p and of target, None where it holds classes.

    Example:
        >>> _, cache = soft_nll_forward(np.log([0.5, 0.5]), np.array([0.3, 0.7]))
        >>> grad_log_p, grad_target = soft_nll_backward(1.0, cache)
        >>> grad_log_p, grad_target.round(4)
        (array([-0.3, -0.7]), array([0.6931, 0.6931]))
    """
    log_p, axis, q, slope, count, reduction = cache
    grad = np.asarray(grad_loss, dtype=log_p.dtype)
    if reduction == "none":
        grad = np.expand_dims(grad, axis)
    elif reduction == "mean":
        grad = grad / (count or 1)
    return -grad * q, None if slope is None else grad * slope * log_p
