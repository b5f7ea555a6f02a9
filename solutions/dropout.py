"""Dropout: entries set to zero at random (chapter 6; `torch.nn.Dropout`)."""

import numpy as np

from solutions.layer import Layer


def dropout_forward(
    x: np.ndarray,
    *,
    p: float = 0.5,
    training: bool = True,
    shared: int = 0,
    rng: np.random.Generator,
) -> tuple[np.ndarray, tuple]:
    """Set each entry of `x` to zero with probability `p`, scale the others up.

    What is left is divided by 1 - p, so that every entry keeps its mean and nothing is
    to be done in evaluation mode (Srivastava et al., 2014, scale in evaluation mode).
    Entries that differ only in the last `shared` axes are kept or dropped together.

    Shapes:
        x, y  any, equal

    Returns:
        y, and the cache that `dropout_backward` takes: (mask,), where mask is what x
        was multiplied by, with size 1 on the shared axes, or None in evaluation mode.

    Raises:
        ValueError: p is not between 0 and 1.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> dropout_forward(np.array([1.0, 2.0, 3.0, 4.0]), p=0.5, rng=rng)[0]
        array([2., 4., 6., 0.])
    """
    check_probability(p)
    if not training:
        return x, (None,)
    shape = x.shape[: x.ndim - shared] + (1,) * shared
    kept = rng.random(shape, dtype=np.float32) >= p
    scale = 1 / (1 - p) if p < 1 else 0.0  # at p = 1 nothing is kept
    mask = np.multiply(kept, scale, dtype=x.dtype)
    return x * mask, (mask,)


def dropout_backward(grad_y: np.ndarray, cache: tuple) -> np.ndarray:
    """Multiply the gradient by the mask of the forward pass, drawing nothing.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> _, cache = dropout_forward(np.ones(4), p=0.5, rng=rng)
        >>> dropout_backward(np.array([1.0, 2.0, 3.0, 4.0]), cache)
        array([2., 4., 6., 0.])
    """
    (mask,) = cache
    return grad_y if mask is None else grad_y * mask


def check_probability(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"p must be between 0 and 1, got {p}")


class Dropout(Layer):
    """Each entry is dropped by itself (`torch.nn.Dropout`).

    Raises:
        ValueError: p is not between 0 and 1.

    Example:
        >>> layer = Dropout(p=0.5, rng=np.random.default_rng(0))
        >>> layer(np.ones(6))
        array([2., 2., 2., 0., 0., 0.])
        >>> layer.eval()(np.ones(6))
        array([1., 1., 1., 1., 1., 1.])
    """

    def __init__(
        self, p: float = 0.5, *, rng: np.random.Generator | None = None
    ) -> None:
        super().__init__()
        check_probability(p)
        self.p, self.rng = p, rng or np.random.default_rng()

    def shared(self, ndim: int) -> int:
        """How many of the last of `ndim` axes are dropped together."""
        return 0

    def forward(self, x: np.ndarray) -> np.ndarray:
        shared = self.shared(x.ndim)
        y, self.cache = dropout_forward(
            x, p=self.p, training=self.training, shared=shared, rng=self.rng
        )
        return y

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        return dropout_backward(grad_y, self.cache)


class Dropout1d(Dropout):
    """Whole channels of (N, C, L) or (C, L) are dropped (`torch.nn.Dropout1d`).

    Raises:
        ValueError: x has neither two axes nor three.

    Example:
        >>> Dropout1d(rng=np.random.default_rng(0))(np.ones((4, 2)))
        array([[2., 2.],
               [2., 2.],
               [2., 2.],
               [0., 0.]])
    """

    def shared(self, ndim: int) -> int:
        if ndim not in (2, 3):
            raise ValueError(f"Dropout1d takes (N, C, L) or (C, L), got {ndim} axes")
        return 1


class Dropout2d(Dropout):
    """Whole channels of (N, C, H, W) are dropped (`torch.nn.Dropout2d`).

    As in torch the first two axes are always the examples and the channels:
    an input of three axes is (N, C, L), not one image (C, H, W).

    Raises:
        ValueError: x has fewer than two axes.

    Example:
        >>> Dropout2d(rng=np.random.default_rng(0))(np.ones((1, 4, 1, 3)))[0, :, 0]
        array([[2., 2., 2.],
               [2., 2., 2.],
               [2., 2., 2.],
               [0., 0., 0.]])
    """

    def shared(self, ndim: int) -> int:
        if ndim < 2:
            raise ValueError(f"Dropout2d takes (N, C, H, W), got {ndim} axes")
        return ndim - 2


class Dropout3d(Dropout):
    """Whole channels of (N, C, D, H, W) or (C, D, H, W) (`torch.nn.Dropout3d`).

    Raises:
        ValueError: x has no axis.

    Example:
        >>> Dropout3d(rng=np.random.default_rng(0))(np.ones((4, 1, 1, 3)))[:, 0, 0]
        array([[2., 2., 2.],
               [2., 2., 2.],
               [2., 2., 2.],
               [0., 0., 0.]])
    """

    def shared(self, ndim: int) -> int:
        if ndim < 1:
            raise ValueError(f"Dropout3d takes (N, C, D, H, W), got {ndim} axes")
        return ndim - 2 if ndim == 5 else ndim - 1
