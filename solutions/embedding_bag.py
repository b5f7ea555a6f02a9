"""Rows looked up and reduced, bag by bag (chapter 15; `torch.nn.EmbeddingBag`)."""

from typing import Any

import numpy as np

from solutions.embedding import Table, add_rows, check_index, row_of


def embedding_bag_forward(
    x: np.ndarray,
    weight: np.ndarray,
    offsets: np.ndarray | None = None,
    per_sample_weights: np.ndarray | None = None,
    *,
    mode: str = "mean",
    scale_grad_by_freq: bool = False,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> tuple[np.ndarray, tuple]:
    """The sum, mean or maximum of the rows of each bag; an empty bag gives zeros.

    Shapes:
        x                   (B, L)   B bags of L indices; or (N,), cut by offsets
        weight              (V, E)
        offsets             (B,)     where each bag begins in x, if x is (N,)
        per_sample_weights  x.shape  factors of the rows, with mode "sum"; or None
        y                   (B, E)

    Options:
        include_last_offset  offsets is (B + 1,): the last bag ends at the last one
        padding_idx          the index that no bag counts: no row, no gradient
        scale_grad_by_freq   divide a row's gradient by a frequency, see `divisors`

    Returns:
        y, and the cache that `embedding_bag_backward` takes.

    Raises:
        ValueError: shapes, offsets or mode are not as said.
        TypeError, IndexError: x as in `embedding_forward`; offsets not integers.

    Example:
        >>> weight = np.array([[0.0, 1.0], [10.0, 11.0], [20.0, 21.0]])
        >>> x, offsets = np.array([2, 1, 0]), np.array([0, 2])
        >>> embedding_bag_forward(x, weight, offsets)[0]
        array([[15., 16.],
               [ 0.,  1.]])
    """
    check_bags(x, offsets, per_sample_weights, mode, scale_grad_by_freq)
    check_index(x, len(weight))
    at = bag_positions(x, offsets, include_last_offset)  # (B, L), -1 after a bag's end
    index = np.append(x, 0)[at]
    valid = (at >= 0) & (index != row_of(padding_idx, len(weight)))
    rows = np.take(weight, index, axis=0)  # (B, L, E)
    rows[~valid] = 0
    if mode == "max":
        y, choice = largest(rows, valid)
    else:
        choice = bag_factors(valid, at, mode, weight.dtype, per_sample_weights)
        y = (choice[:, None, :] @ rows)[:, 0]  # (B, 1, L) @ (B, L, E)
    times = divisors(x, len(weight)) if scale_grad_by_freq else None
    return y, (mode, at, index, valid, rows, choice, times, per_sample_weights, weight)


def embedding_bag_backward(
    grad_y: np.ndarray, cache: tuple
) -> tuple[None, np.ndarray, None, np.ndarray | None]:
    """Give each row of a bag its share of the bag's gradient.

    Returns:
        None for x, grad_weight, None for offsets, grad_per_sample_weights or None.

    Example:
        >>> x, weight = np.array([[1, 1, 0]]), np.zeros((2, 1))
        >>> _, cache = embedding_bag_forward(x, weight)
        >>> embedding_bag_backward(np.array([[6.0]]), cache)[1]
        array([[2.],
               [4.]])
    """
    mode, at, index, valid, rows, choice, times, per_sample_weights, weight = cache
    if mode == "max":
        grad_rows = np.zeros_like(rows)
        np.put_along_axis(grad_rows, choice[:, None], grad_y[:, None], axis=1)
    else:
        grad_rows = choice[..., None] * grad_y[:, None, :]  # (B, L, 1) * (B, 1, E)
    grad_weight = add_rows(grad_rows[valid], index[valid], len(weight))
    if times is not None:
        grad_weight /= times.astype(grad_weight.dtype)[:, None]
    if per_sample_weights is None:
        return None, grad_weight, None, None
    grad_factors = np.zeros_like(per_sample_weights)
    grad_factors.flat[at[valid]] = (rows @ grad_y[..., None])[..., 0][valid]
    return None, grad_weight, None, grad_factors


def divisors(x: np.ndarray, V: int) -> np.ndarray:
    """What `scale_grad_by_freq` divides the gradients of V rows by, as in torch.

    It should be how often a row's index comes in x, and is so in `torch.nn.Embedding`.
    Here torch 2.13 on a CPU mixes indices up: the k-th smallest index of x takes the
    frequency of the k-th entry of the sorted x.

    Example:
        >>> divisors(np.array([0, 0, 0, 1, 2]), 4)  # three times 0, once 1 and 2
        array([3, 3, 3, 1])
    """
    found, times = np.unique(x, return_counts=True)
    result = np.ones(V, np.int64)
    result[found] = np.repeat(times, times)[: len(found)]
    return result


def largest(rows: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The largest entries among the valid rows of each bag, and where they are."""
    candidates = np.where(valid[..., None], rows, -np.inf).astype(rows.dtype)
    winner = candidates.argmax(axis=1)  # (B, E): the first of equal ones, as in torch
    y = np.take_along_axis(rows, winner[:, None], axis=1)[:, 0]
    return y, winner  # an empty bag takes a row of zeros


def bag_factors(
    valid: np.ndarray,
    at: np.ndarray,
    mode: str,
    dtype: np.dtype,
    per_sample_weights: np.ndarray | None,
) -> np.ndarray:
    """The factor (B, L) of each row in the sum that is a bag's output."""
    factors = valid.astype(dtype)
    if mode == "mean":
        factors /= np.maximum(factors.sum(axis=1, keepdims=True), 1)
    if per_sample_weights is not None:
        factors *= np.append(per_sample_weights, dtype.type(0))[at]
    return factors


def bag_positions(
    x: np.ndarray, offsets: np.ndarray | None, include_last_offset: bool
) -> np.ndarray:
    """Where the entries of each bag are in the raveled x: (B, L), -1 after its end.

    Example:
        >>> bag_positions(np.array([7, 7, 7]), np.array([0, 2]), False)
        array([[ 0,  1],
               [ 2, -1]])
    """
    if offsets is None:
        return np.arange(x.size).reshape(x.shape)
    ends = offsets[1:] if include_last_offset else np.append(offsets[1:], x.size)
    starts = offsets[: len(ends)]
    at = starts[:, None] + np.arange(max(1, (ends - starts).max(initial=0)))
    return np.where(at < ends[:, None], at, -1)


def check_bags(
    x: np.ndarray,
    offsets: np.ndarray | None,
    per_sample_weights: np.ndarray | None,
    mode: str,
    scale_grad_by_freq: bool,
) -> None:
    """Refuse what torch refuses."""
    check_mode(mode, scale_grad_by_freq)
    if x.ndim not in (1, 2) or (x.ndim == 2 and x.shape[1] == 0):
        raise ValueError(f"x must be (N,) or (B, L) with L > 0, not {x.shape}")
    if (offsets is None) == (x.ndim == 1):
        raise ValueError("offsets must be given if x is (N,), and only then")
    if offsets is not None:
        check_offsets(offsets, x.size)
    if per_sample_weights is not None:
        if mode != "sum":
            raise ValueError(f'per_sample_weights need mode "sum", not "{mode}"')
        if per_sample_weights.shape != x.shape:
            raise ValueError(
                f"per_sample_weights {per_sample_weights.shape} must have "
                f"the shape of x, {x.shape}"
            )


def check_mode(mode: str, scale_grad_by_freq: bool) -> None:
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f'mode must be "sum", "mean" or "max", not {mode!r}')
    if mode == "max" and scale_grad_by_freq:
        raise ValueError('scale_grad_by_freq does not go with mode "max"')


def check_offsets(offsets: np.ndarray, N: int) -> None:
    if offsets.ndim != 1 or offsets.dtype.kind not in "iu":
        came = f"{offsets.dtype} {offsets.shape}"
        raise ValueError(f"offsets must be integers of shape (B,), not {came}")
    inside = offsets.size == 0 or (offsets[0] == 0 and offsets[-1] <= N)
    if not inside or (np.diff(offsets) < 0).any():
        raise ValueError(f"offsets must rise from 0 to at most {N}: {offsets}")


class EmbeddingBag(Table):
    """A table of rows, reduced bag by bag (`torch.nn.EmbeddingBag`).

    Rows start normal(0, 1), the row of `padding_idx` zero.
    `sparse` only says how torch stores the gradient; here it is an array either way.

    Shapes:
        weight  (num_embeddings, embedding_dim)

    Raises:
        ValueError: an option or a shape that `embedding_bag_forward` refuses.

    Example:
        >>> layer = EmbeddingBag(10, 3, mode="sum", rng=np.random.default_rng(0))
        >>> layer(np.array([1, 2, 4, 5]), offsets=np.array([0, 3])).shape
        (2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        check_mode(mode, scale_grad_by_freq)
        if sparse and mode == "max":
            raise ValueError('sparse does not go with mode "max"')
        super().__init__(
            num_embeddings,
            embedding_dim,
            padding_idx=padding_idx,
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            sparse=sparse,
            rng=rng,
        )
        self.mode, self.include_last_offset = mode, include_last_offset

    def forward(
        self,
        x: np.ndarray,
        offsets: np.ndarray | None = None,
        per_sample_weights: np.ndarray | None = None,
    ) -> np.ndarray:
        self.indices = 1 if offsets is None else 2  # arrays of integers
        y, self.cache = embedding_bag_forward(
            x,
            self.rows(x),
            offsets,
            per_sample_weights,
            mode=self.mode,
            scale_grad_by_freq=self.scale_grad_by_freq,
            include_last_offset=self.include_last_offset,
            padding_idx=self.padding_idx,
        )
        return y

    def backward(self, grad_y: np.ndarray) -> Any:
        """One gradient for each array that was given; None for those of integers."""
        _, grad_weight, _, grad_factors = embedding_bag_backward(grad_y, self.cache)
        self.learn(grad_weight)
        grads = [None] * self.indices
        if grad_factors is not None:
            return (*grads, grad_factors)
        return tuple(grads) if len(grads) > 1 else None
