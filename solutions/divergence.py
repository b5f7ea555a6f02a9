"""The Kullback-Leibler divergence (chapter 4; `torch.nn.KLDivLoss`)."""

import numpy as np

from solutions.reduction import Loss, check_same_shape, reduce, unreduce


def kl_div_forward(
    input: np.ndarray,
    target: np.ndarray,
    *,
    reduction: str = "mean",
    log_target: bool = False,
) -> tuple[np.ndarray, tuple]:
    """T (log(t) - input) for probabilities t and log-probabilities `input`.

    The divergence of two distributions is the sum of these, "batchmean" its mean over
    examples; "mean" divides by the number of entries, as in torch.

    Shapes:
        input   any            log-probabilities
        target  that of input  probabilities, or their logarithms if `log_target`
        loss    (), or that of input where reduction is "none"

    Returns:
        loss, and the cache that `kl_div_backward` takes.

    Raises:
        ValueError: input and target differ in shape (they would broadcast silently);
            reduction is not "none", "mean", "sum" or "batchmean".

    Example:
        >>> input, target = np.log([[0.5, 0.5]]), np.array([[1.0, 0.0]])
        >>> kl_div_forward(input, target, reduction="batchmean")[0].round(4)
        np.float64(0.6931)
    """
    check_same_shape(input, target)
    if log_target:
        p, log_p = np.exp(target), target
        losses = p * (target - input)
    else:
        p, log_p = target, log_of_positive(target)
        losses = np.where(p == 0, 0, p * log_p) - p * input
    cache = (input, p, log_p, log_target, reduction)
    return reduce(losses, reduction, "batchmean"), cache


def log_of_positive(x: np.ndarray) -> np.ndarray:
    """The logarithm; not a number where x is not positive.

    Example:
        >>> log_of_positive(np.array([0.0, 1.0]))
        array([nan,  0.])
    """
    return np.log(x, where=x > 0, out=np.full_like(x, np.nan))


def kl_div_backward(
    grad_loss: np.ndarray | float, cache: tuple, *, target_too: bool = True
) -> tuple[np.ndarray, np.ndarray | None]:
    """The gradients of input, -t, and of target: log(t) + 1 - input.

    That of a target that is 0 is not a number, as in torch.

    Without `target_too` the target's is None.

    Example:
        >>> _, cache = kl_div_forward(np.array([[-1.0, -2.0]]), np.array([[1.0, 0.0]]))
        >>> kl_div_backward(2.0, cache)
        (array([[-1., -0.]]), array([[ 2., nan]]))
    """
    input, p, log_p, log_target, reduction = cache
    grad = unreduce(grad_loss, input, reduction)
    if not target_too:
        return -grad * p, None
    grad_target = log_p + 1 - input
    return -grad * p, grad * (p * grad_target if log_target else grad_target)


class KLDivLoss(Loss):
    """The divergence of log-probabilities from a target (`torch.nn.KLDivLoss`).

    Example:
        >>> loss = KLDivLoss(reduction="batchmean")
        >>> loss(np.log([[0.5, 0.5]]), np.array([[1.0, 0.0]])).round(4)
        np.float64(0.6931)
    """

    loss_backward = staticmethod(kl_div_backward)
    reductions = ("batchmean",)

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: np.ndarray, target: np.ndarray) -> np.ndarray:
        loss, self.cache = kl_div_forward(
            input, target, reduction=self.reduction, log_target=self.log_target
        )
        return loss
