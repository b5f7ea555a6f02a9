"""Additive attention: a small network scores how a key fits a query (chapter 18)."""

import math

import numpy as np

from solutions.attend import pieces, softmax_in_place
from solutions.layer import Layer
from solutions.linear import linear_backward, linear_forward
from solutions.masks import as_scores
from solutions.softmax import softmax_backward


def additive_attention_forward(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    weight_query: np.ndarray,
    weight_key: np.ndarray,
    weight_score: np.ndarray,
    *,
    mask: np.ndarray | None = None,
) -> tuple[np.ndarray, tuple]:
    """The mean of the values, weighted by softmax(v^T tanh(W q + U k)).

    (Bahdanau et al., 2015)

    Shapes:
        query         (..., L, Dq)
        key           (..., S, Dk)
        value         (..., S, K)
        weight_query  (H, Dq)       W
        weight_key    (H, Dk)       U
        weight_score  (H,)          v
        mask          (..., L, S)   True where a query may look at a key; or None
        y             (..., L, K)   zeros for a query that may look at no key

    Returns:
        y, and the cache that `additive_attention_backward` takes.

    Example:
        >>> query, key = np.array([[0.0]]), np.array([[0.0], [9.0]])
        >>> value, one = np.array([[1.0], [3.0]]), np.ones((1, 1))
        >>> y, _ = additive_attention_forward(query, key, value, one, one, 20 * one[0])
        >>> y.round(3)  # the second key scores 20 more
        array([[3.]])
    """
    from_query, query_cache = linear_forward(query, weight_query)
    from_key, key_cache = linear_forward(key, weight_key)
    *batch, L, H = from_query.shape
    weights = np.empty((*batch, L, key.shape[-2]), query.dtype)
    for at in pieces(tuple(batch), L * key.shape[-2] * H):
        weights[at] = pairs(from_query[at], from_key[at]) @ weight_score
    if mask is not None:
        weights += as_scores(mask, weights.dtype)
    softmax_in_place(weights)
    y = weights @ value  # (..., L, S) @ (..., S, K)
    projected = from_query, from_key
    return y, (query_cache, key_cache, projected, value, weight_score, weights)


def pairs(from_query: np.ndarray, from_key: np.ndarray) -> np.ndarray:
    """The hidden layer of every query with every key: (..., L, S, H)."""
    return np.tanh(from_query[..., :, None, :] + from_key[..., None, :, :])


def additive_attention_backward(grad_y: np.ndarray, cache: tuple) -> tuple:
    """The way back: from the mean to the softmax, the scores, the small network.

    Returns:
        The gradients of query, key, value, weight_query, weight_key, weight_score.

    Example:
        >>> zero, one = np.zeros((2, 1)), np.ones((1, 1))
        >>> value = np.array([[1.0], [3.0]])
        >>> arrays = zero[:1], zero, value, one, one, one[0]
        >>> _, cache = additive_attention_forward(*arrays)
        >>> additive_attention_backward(np.array([[8.0]]), cache)[1]
        array([[-4.],
               [ 4.]])
    """
    query_cache, key_cache, (from_query, from_key), value, weight_score, weights = cache
    grad_value = weights.swapaxes(-1, -2) @ grad_y
    grad_weights = grad_y @ value.swapaxes(-1, -2)
    grad_scores = softmax_backward(grad_weights, (weights, -1))  # (..., L, S)
    to_query, to_key = np.empty_like(from_query), np.empty_like(from_key)
    grad_weight_score = np.zeros_like(weight_score)
    *batch, L, S = weights.shape
    H = len(weight_score)
    for at in pieces(tuple(batch), L * S * H):
        hidden = pairs(from_query[at], from_key[at])  # cheaper to redo than to keep
        grad_weight_score += grad_scores[at].reshape(-1) @ hidden.reshape(-1, H)
        grad_sum = 1 - hidden * hidden
        grad_sum *= weight_score
        grad_sum *= grad_scores[at][..., None]
        to_query[at], to_key[at] = grad_sum.sum(axis=-2), grad_sum.sum(axis=-3)
    grad_query, grad_weight_query, _ = linear_backward(to_query, query_cache)
    grad_key, grad_weight_key, _ = linear_backward(to_key, key_cache)
    grad_weights = grad_weight_query, grad_weight_key, grad_weight_score
    return grad_query, grad_key, grad_value, *grad_weights


class AdditiveAttention(Layer):
    """Additive attention with its parameters.

    Parameters start as those of `Linear` without a bias.

    Shapes:
        weight_query  (hidden_dim, query_dim)
        weight_key    (hidden_dim, key_dim)
        weight_score  (hidden_dim,)

    Example:
        >>> layer = AdditiveAttention(2, 3, 5, rng=np.random.default_rng(0))
        >>> query, key = np.ones((4, 6, 2), np.float32), np.ones((4, 7, 3), np.float32)
        >>> output, weights = layer(query, key, key)
        >>> output.shape, weights.shape
        ((4, 6, 3), (4, 6, 7))
    """

    def __init__(
        self,
        query_dim: int,
        key_dim: int,
        hidden_dim: int,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        rng = rng or np.random.default_rng()
        shapes = {"query": (hidden_dim, query_dim), "key": (hidden_dim, key_dim)}
        for name, shape in (shapes | {"score": (hidden_dim,)}).items():
            bound = 1 / math.sqrt(shape[-1])
            weight = rng.uniform(-bound, bound, shape).astype(np.float32)
            self.add_params(**{f"weight_{name}": weight})

    def forward(
        self,
        query: np.ndarray,
        key: np.ndarray,
        value: np.ndarray,
        mask: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        y, self.cache = additive_attention_forward(
            query, key, value, *self.own_params.values(), mask=mask
        )
        return y, self.cache[-1]

    def backward(self, grad_y: np.ndarray) -> tuple:
        *grads, grad_wq, grad_wk, grad_ws = additive_attention_backward(
            grad_y, self.cache
        )
        self.add_grads(weight_query=grad_wq, weight_key=grad_wk, weight_score=grad_ws)
        return tuple(grads)
