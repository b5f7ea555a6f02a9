"""Cross-entropy of logits and classes (chapter 4; `torch.nn.CrossEntropyLoss`)."""

import numpy as np

from solutions.nll import class_axis, grad_at_target, nll_loss_forward
from solutions.reduction import Loss
from solutions.soft_nll import soft_nll_backward, soft_nll_forward
from solutions.softmax import log_softmax_backward, log_softmax_forward


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
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"label_smoothing {label_smoothing} must be from 0 to 1")
    axis = class_axis(input)
    log_p, _ = log_softmax_forward(input, dim=axis)
    if label_smoothing or target.shape == input.shape:
        loss, inner = soft_nll_forward(
            log_p,
            target,
            weight=weight,
            ignore_index=ignore_index,
            reduction=reduction,
            label_smoothing=label_smoothing,
        )
        return loss, (log_p, axis, inner, True)
    loss, inner = nll_loss_forward(
        log_p, target, weight=weight, ignore_index=ignore_index, reduction=reduction
    )
    return loss, (log_p, axis, inner, False)


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
    log_p, axis, inner, is_spread = cache
    if is_spread:
        grad_log_p, grad_target = soft_nll_backward(grad_loss, inner)
        return log_softmax_backward(grad_log_p, (log_p, axis)), grad_target
    at_target, index = grad_at_target(grad_loss, inner), inner[2]
    grad_input = np.exp(log_p)
    grad_input *= -at_target  # softmax times what is taken from the target
    if grad_input.size:
        rest = np.take_along_axis(grad_input, index, axis) + at_target
        np.put_along_axis(grad_input, index, rest, axis)
    return grad_input, None


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
