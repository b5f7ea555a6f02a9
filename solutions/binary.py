"""Cross-entropy of two classes (chapter 4; `torch.nn.BCELoss`, `BCEWithLogitsLoss`)."""

import numpy as np

from solutions.reduction import Loss, check_same_shape, reduce, unreduce
from solutions.sigmoid import sigmoid


def constant(
    name: str, weight: np.ndarray | None, input: np.ndarray
) -> np.ndarray | None:
    """A weight of the input's dtype, if it broadcasts to the input's shape.

    Raises:
        ValueError: it does not, or would change the shape of the losses.

    Example:
        >>> constant("weight", np.array([1, 2]), np.zeros((3, 2)))
        array([1., 2.])
    """
    if weight is None:
        return None
    fits = weight.ndim <= input.ndim and all(
        n in (1, m) for n, m in zip(weight.shape[::-1], input.shape[::-1], strict=False)
    )
    if not fits:
        raise ValueError(
            f"{name} {weight.shape} must broadcast to the input's {input.shape}"
        )
    return weight.astype(input.dtype)


def bce_loss_forward(
    input: np.ndarray,
    target: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    reduction: str = "mean",
) -> tuple[np.ndarray, tuple]:
    """-(t log(p) + (1 - t) log(1 - p)) for probabilities p and targets t.

    Logarithms stop at -100, as in torch: a wrong certainty costs 100, not inf.
    For logits take `bce_with_logits_loss_forward`.

    Shapes:
        input, target  any, equal; from 0 to 1
        weight         a factor of each loss that broadcasts to them, a constant
        loss           (), or that of input where reduction is "none"

    Returns:
        loss, and the cache that `bce_loss_backward` takes.

    Raises:
        ValueError: input or target is not from 0 to 1; shapes or reduction are wrong.

    Example:
        >>> p, t = np.array([0.5, 0.0]), np.array([1.0, 1.0])
        >>> bce_loss_forward(p, t, reduction="none")[0].round(4)
        array([  0.6931, 100.    ])
    """
    check_same_shape(input, target)
    weight = constant("weight", weight, input)
    for name, array in (("input", input), ("target", target)):
        if not ((array >= 0) & (array <= 1)).all():
            raise ValueError(f"all entries of {name} must be from 0 to 1")
    with np.errstate(divide="ignore"):  # log(0) is -inf
        log_p, log_q = np.log(input), np.log1p(-input)
    losses = (target - 1) * np.maximum(log_q, -100) - target * np.maximum(log_p, -100)
    if weight is not None:
        losses = losses * weight
    return reduce(losses, reduction), (input, target, log_p, log_q, weight, reduction)


def bce_loss_backward(
    grad_loss: np.ndarray | float, cache: tuple, *, target_too: bool = True
) -> tuple[np.ndarray, np.ndarray | None]:
    """The gradients of input, (p - t) / (p (1 - p)), and target, log(1 - p) - log(p).

    The divisor is at least 1e-12; the target's gradient is not limited, as in torch.

    Without `target_too` the target's is None.

    Example:
        >>> _, cache = bce_loss_forward(np.array([0.5]), np.array([1.0]))
        >>> bce_loss_backward(1.0, cache)
        (array([-2.]), array([0.]))
    """
    input, target, log_p, log_q, weight, reduction = cache
    grad = unreduce(grad_loss, input, reduction)
    if weight is not None:
        grad = grad * weight
    grad_input = grad * (input - target) / np.maximum(input * (1 - input), 1e-12)
    return grad_input, grad * (log_q - log_p) if target_too else None


class BCELoss(Loss):
    """The binary cross-entropy of probabilities (`torch.nn.BCELoss`).

    Example:
        >>> loss = BCELoss(reduction="none")
        >>> loss(np.array([0.5, 0.0]), np.array([1.0, 1.0])).round(4)
        array([  0.6931, 100.    ])
    """

    loss_backward = staticmethod(bce_loss_backward)

    def __init__(
        self,
        weight: np.ndarray | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.keep(weight=weight)

    def forward(self, input: np.ndarray, target: np.ndarray) -> np.ndarray:
        loss, self.cache = bce_loss_forward(
            input, target, **self.state, reduction=self.reduction
        )
        return loss


def bce_with_logits_loss_forward(
    input: np.ndarray,
    target: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    pos_weight: np.ndarray | None = None,
    reduction: str = "mean",
) -> tuple[np.ndarray, tuple]:
    """The binary cross-entropy of sigmoid(input), without its logarithm of 0.

    With softplus(x) = log(1 + exp(x)) it is pos_weight t softplus(-x) + (1 - t)
    softplus(x), and softplus(x) = x + softplus(-x).

    Shapes:
        input, target  any, equal
        weight         a factor of each loss that broadcasts to them, a constant
        pos_weight     a factor of each t, likewise; (C,) for C classes on the last axis
        loss           (), or that of input where reduction is "none"

    Returns:
        loss, and the cache that `bce_with_logits_loss_backward` takes.

    Raises:
        ValueError: shapes or reduction are wrong.

    Example:
        >>> x, t = np.array([0.0, -1e4]), np.array([1.0, 1.0])
        >>> bce_with_logits_loss_forward(x, t, reduction="none")[0].round(1)
        array([7.e-01, 1.e+04])
    """
    check_same_shape(input, target)
    weight = constant("weight", weight, input)
    pos_weight = constant("pos_weight", pos_weight, input)
    softplus = np.log1p(np.exp(-np.abs(input)))
    softplus -= np.minimum(input, 0)  # of -input
    losses = (1 - target) * input
    losses += softplus if pos_weight is None else softplus * share(target, pos_weight)
    if weight is not None:
        losses = losses * weight
    cache = (input, target, softplus, pos_weight, weight, reduction)
    return reduce(losses, reduction), cache


def bce_with_logits_loss_backward(
    grad_loss: np.ndarray | float, cache: tuple, *, target_too: bool = True
) -> tuple[np.ndarray, np.ndarray | None]:
    """The gradients of input and target; sigmoid(x) - t is that of a plain input.

    Without `target_too` the target's is None.

    Example:
        >>> _, cache = bce_with_logits_loss_forward(np.array([0.0]), np.array([1.0]))
        >>> bce_with_logits_loss_backward(1.0, cache)
        (array([-0.5]), array([-0.]))
    """
    input, target, softplus, pos_weight, weight, reduction = cache
    grad = unreduce(grad_loss, input, reduction)
    if weight is not None:
        grad = grad * weight
    if pos_weight is None:
        slope = sigmoid(input) - target
    else:
        slope = (1 - target) - share(target, pos_weight) * sigmoid(-input)
    if not target_too:
        return grad * slope, None
    rise = -input if pos_weight is None else (pos_weight - 1) * softplus - input
    return grad * slope, grad * rise


def share(target: np.ndarray, pos_weight: np.ndarray) -> np.ndarray:
    """The factor of softplus(-x): pos_weight t + (1 - t).

    Example:
        >>> share(np.array([0.0, 0.5, 1.0]), np.array(3.0))
        array([1., 2., 3.])
    """
    return 1 + (pos_weight - 1) * target


class BCEWithLogitsLoss(Loss):
    """The binary cross-entropy of logits (`torch.nn.BCEWithLogitsLoss`).

    Example:
        >>> loss = BCEWithLogitsLoss(pos_weight=np.array([3.0]))
        >>> loss(np.array([0.0]), np.array([1.0])).round(4)
        np.float64(2.0794)
    """

    loss_backward = staticmethod(bce_with_logits_loss_backward)

    def __init__(
        self,
        weight: np.ndarray | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: np.ndarray | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.keep(weight=weight, pos_weight=pos_weight)

    def forward(self, input: np.ndarray, target: np.ndarray) -> np.ndarray:
        loss, self.cache = bce_with_logits_loss_forward(
            input, target, **self.state, reduction=self.reduction
        )
        return loss
