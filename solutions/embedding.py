"""Embedding: one learned row for each index (chapter 15; `torch.nn.Embedding`)."""

from typing import Any, Self

import numpy as np

from solutions.layer import Layer


def embedding_forward(
    x: np.ndarray,
    weight: np.ndarray,
    *,
    padding_idx: int | None = None,
    scale_grad_by_freq: bool = False,
) -> tuple[np.ndarray, tuple]:
    """Look up one row of `weight` for each index: the one-hot product, without it.

    Shapes:
        x       any      indices, integers from 0 to V - 1
        weight  (V, E)   V rows of E entries
        y       (*x.shape, E)

    Options:
        padding_idx         the row that gets no gradient (-1: the last one)
        scale_grad_by_freq  divide a row's gradient by how often its index comes in x

    Returns:
        y, and the cache that `embedding_backward` takes.

    Raises:
        TypeError: x does not hold integers.
        IndexError: an index is negative or not below V: rows do not count from the end.

    Example:
        >>> weight = np.array([[0.0, 1.0], [10.0, 11.0], [20.0, 21.0]])
        >>> embedding_forward(np.array([2, 0]), weight)[0]
        array([[20., 21.],
               [ 0.,  1.]])
    """
    check_index(x, len(weight))
    padding_idx = row_of(padding_idx, len(weight))
    y = np.take(weight, x, axis=0)
    return y, (x, weight.shape, padding_idx, scale_grad_by_freq)


def embedding_backward(grad_y: np.ndarray, cache: tuple) -> tuple[None, np.ndarray]:
    """Add the gradient of each looked-up row to the row of `weight` it came from.

    Returns:
        None for the indices, and grad_weight of shape (V, E).

    Example:
        >>> _, cache = embedding_forward(np.array([1, 1]), np.zeros((2, 1)))
        >>> embedding_backward(np.array([[3.0], [4.0]]), cache)[1]
        array([[0.],
               [7.]])
    """
    x, (V, E), padding_idx, scale_grad_by_freq = cache
    index = x.ravel()
    grad_weight = add_rows(grad_y.reshape(-1, E), index, V)
    if scale_grad_by_freq:
        times = np.bincount(index, minlength=V)[:, None]
        grad_weight /= np.maximum(times, 1).astype(grad_weight.dtype)
    if padding_idx is not None:
        grad_weight[padding_idx] = 0
    return None, grad_weight


def add_rows(
    rows: np.ndarray, index: np.ndarray, V: int, often: int = 32
) -> np.ndarray:
    """The sum of the rows of each index, as `np.add.at` gives it, but faster.

    A sum `total[index] += rows` would keep one of the rows with equal indices.
    So the first rows of all indices are added at once, then the second ones, and so on;
    indices that come often are summed one by one.

    Shapes:
        rows   (N, E)
        index  (N,)    integers from 0 to V - 1
        total  (V, E)

    Example:
        >>> add_rows(np.array([[1.0], [2.0], [4.0]]), np.array([1, 0, 1]), 3)
        array([[2.],
               [5.],
               [0.]])
    """
    total = np.zeros((V, rows.shape[-1]), rows.dtype)
    order = np.argsort(index, kind="stable")  # equal indices side by side
    times = np.bincount(index, minlength=V)
    starts = np.cumsum(times) - times  # where the rows of an index begin in `order`
    for v in np.flatnonzero(times > often):
        total[v] = rows[order[starts[v] : starts[v] + times[v]]].sum(axis=0)
    seldom = np.flatnonzero(times <= often)
    for k in range(often):
        seldom = seldom[times[seldom] > k]  # those that have a k-th row
        total[seldom] += rows[order[starts[seldom] + k]]
    return total


def check_index(x: np.ndarray, V: int) -> None:
    """Refuse indices that are not integers from 0 to V - 1."""
    if x.dtype.kind not in "iu":
        raise TypeError(f"x must hold integers, not {x.dtype}")
    if x.size and not 0 <= x.min() <= x.max() < V:
        raise IndexError(
            f"x holds {x.min()} to {x.max()}, but indices run from 0 to {V - 1}"
        )


def row_of(padding_idx: int | None, V: int) -> int | None:
    """The row that `padding_idx` names; negative ones count from the end."""
    if padding_idx is None:
        return None
    if not -V <= padding_idx < V:
        raise ValueError(
            f"padding_idx {padding_idx} must be from {-V} to {V - 1}: "
            f"there are {V} embeddings"
        )
    return padding_idx % V


def renormalize(
    weight: np.ndarray, x: np.ndarray, max_norm: float, norm_type: float = 2.0
) -> None:
    """Shrink, in place, the rows that `x` names to a norm of at most `max_norm`.

    Example:
        >>> weight = np.array([[3.0, 4.0], [6.0, 8.0]])
        >>> renormalize(weight, np.array([0]), max_norm=1.0)
        >>> weight.round(3)
        array([[0.6, 0.8],
               [6. , 8. ]])
    """
    used = np.unique(x)
    norms = np.linalg.norm(weight[used], ord=norm_type, axis=1)
    large = norms > max_norm
    weight[used[large]] *= (max_norm / (norms[large] + 1e-7))[:, None]


class Table(Layer):
    """A table of learned rows: what Embedding and EmbeddingBag share."""

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        *,
        padding_idx: int | None,
        max_norm: float | None,
        norm_type: float,
        scale_grad_by_freq: bool,
        sparse: bool,
        rng: np.random.Generator | None,
    ) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = row_of(padding_idx, num_embeddings)
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        rng = rng or np.random.default_rng()
        weight = rng.standard_normal((num_embeddings, embedding_dim), np.float32)
        if self.padding_idx is not None:
            weight[self.padding_idx] = 0
        self.add_params(weight=weight)

    @classmethod
    def from_pretrained(
        cls, embeddings: np.ndarray, freeze: bool = True, **options: Any
    ) -> Self:
        """A layer with the given rows; with `freeze`, they are kept, not learned.

        Raises:
            ValueError: embeddings is not of shape (V, E).
        """
        if embeddings.ndim != 2:
            raise ValueError(f"embeddings must be (V, E), not {embeddings.shape}")
        layer = cls(*embeddings.shape, **options)
        layer.own_params["weight"] = embeddings.copy()
        layer.own_grads["weight"] = np.zeros_like(embeddings)
        if freeze:
            layer.own_state["weight"] = layer.own_params.pop("weight")
            del layer.own_grads["weight"]
        return layer

    def rows(self, x: np.ndarray) -> np.ndarray:
        """The table, the rows of `x` shrunk to `max_norm` for good, as torch does."""
        weight = self.state_dict()["weight"]
        if self.max_norm is not None:
            check_index(x, len(weight))
            renormalize(weight, x, self.max_norm, self.norm_type)
        return weight

    def learn(self, grad_weight: np.ndarray) -> None:
        """Add to the gradient, unless the rows are frozen."""
        if "weight" in self.own_params:
            self.add_grads(weight=grad_weight)


class Embedding(Table):
    """A table of rows, looked up by index (`torch.nn.Embedding`).

    Rows start normal(0, 1), the row of `padding_idx` zero.
    With `max_norm`, forward shrinks the rows that it looks up in place, as torch does.
    `sparse` only says how torch stores the gradient; here it is an array either way.

    Shapes:
        weight  (num_embeddings, embedding_dim)

    Raises:
        ValueError: padding_idx names no row.
        TypeError, IndexError: see `embedding_forward`.

    Example:
        >>> layer = Embedding(10, 3, padding_idx=0, rng=np.random.default_rng(0))
        >>> layer(np.array([[0, 1]])).shape
        (1, 2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
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

    def forward(self, x: np.ndarray) -> np.ndarray:
        y, self.cache = embedding_forward(
            x,
            self.rows(x),
            padding_idx=self.padding_idx,
            scale_grad_by_freq=self.scale_grad_by_freq,
        )
        return y

    def backward(self, grad_y: np.ndarray) -> None:
        """Learn; indices have no gradient, so there is nothing to return."""
        _, grad_weight = embedding_backward(grad_y, self.cache)
        self.learn(grad_weight)
