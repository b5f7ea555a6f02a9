"""Losses between numbers (chapter 4; `torch.nn.MSELoss`, `L1Loss`, `HuberLoss`, ...).

Each pair of functions has the gradients of input and target; a class's `backward`
returns that of the input.
"""

import numpy as np

from solutions.reduction import Loss, check_same_shape, reduce, unreduce


def mse_loss_forward(
    input: np.ndarray, target: np.ndarray, *, reduction: str = "mean"
) -> tuple[np.ndarray, tuple]:
    """The squared differences, their mean or their sum.

    Shapes:
        input, target  any, equal
        loss           (), or that of input where reduction is "none"

    Returns:
        loss, and the cache that `mse_loss_backward` takes.

    Raises:
        ValueError: input and target differ in shape (they would broadcast silently);
            reduction is not "none", "mean" or "sum".

    Example:
        >>> float(mse_loss_forward(np.array([1.0, 2.0]), np.array([1.0, 4.0]))[0])
        2.0
    """
    check_same_shape(input, target)
    difference = input - target
    return reduce(difference * difference, reduction), (difference, reduction)


def mse_loss_backward(
    grad_loss: np.ndarray | float, cache: tuple, *, target_too: bool = True
) -> tuple[np.ndarray, np.ndarray | None]:
    """The gradients of input and target.

    Without `target_too` the target's is None.

    Example:
        >>> _, cache = mse_loss_forward(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        >>> mse_loss_backward(1.0, cache)[0]
        array([ 0., -2.])
    """
    difference, reduction = cache
    grad_input = difference * (2 * unreduce(grad_loss, difference, reduction))
    return grad_input, -grad_input if target_too else None


class MSELoss(Loss):
    """The mean squared error (`torch.nn.MSELoss`).

    Example:
        >>> loss = MSELoss()
        >>> float(loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
        2.0
        >>> loss.backward()
        array([ 0., -2.])
    """

    loss_backward = staticmethod(mse_loss_backward)

    def forward(self, input: np.ndarray, target: np.ndarray) -> np.ndarray:
        loss, self.cache = mse_loss_forward(input, target, reduction=self.reduction)
        return loss


def l1_loss_forward(
    input: np.ndarray, target: np.ndarray, *, reduction: str = "mean"
) -> tuple[np.ndarray, tuple]:
    """The absolute differences, their mean or their sum.

    Shapes:
        input, target  any, equal
        loss           (), or that of input where reduction is "none"

    Returns:
        loss, and the cache that `l1_loss_backward` takes.

    Raises:
        ValueError: as in `mse_loss_forward`.

    Example:
        >>> float(l1_loss_forward(np.array([1.0, 2.0]), np.array([1.0, 4.0]))[0])
        1.0
    """
    check_same_shape(input, target)
    difference = input - target
    return reduce(np.abs(difference), reduction), (difference, reduction)


def l1_loss_backward(
    grad_loss: np.ndarray | float, cache: tuple, *, target_too: bool = True
) -> tuple[np.ndarray, np.ndarray | None]:
    """The gradients of input and target; 0 where the two are equal, as in torch.

    Without `target_too` the target's is None.

    Example:
        >>> _, cache = l1_loss_forward(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        >>> l1_loss_backward(2.0, cache)
        (array([ 0., -1.]), array([-0.,  1.]))
    """
    difference, reduction = cache
    grad_input = np.sign(difference) * unreduce(grad_loss, difference, reduction)
    return grad_input, -grad_input if target_too else None


class L1Loss(Loss):
    """The mean absolute error (`torch.nn.L1Loss`).

    Example:
        >>> loss = L1Loss(reduction="sum")
        >>> float(loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
        2.0
        >>> loss.backward()
        array([ 0., -1.])
    """

    loss_backward = staticmethod(l1_loss_backward)

    def forward(self, input: np.ndarray, target: np.ndarray) -> np.ndarray:
        loss, self.cache = l1_loss_forward(input, target, reduction=self.reduction)
        return loss
