"""The core of dot-product attention, a few heads at a time (chapter 18)."""

import math
from collections.abc import Iterator

import numpy as np

from solutions.dropout import dropout_forward


def attend_forward(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    mask: np.ndarray | None,
    *,
    scale: float,
    dropout_p: float = 0.0,
    rng: np.random.Generator | None = None,
    nothing: float = 0.0,
) -> tuple[np.ndarray, tuple]:
    """Attention with a mask that is added to the scores.

    Shapes:
        query, key, value, mask  (..., L, E), (..., S, E), (..., S, K), (..., L, S)
        y                        (..., L, K)

    Options:
        nothing  the weights of a query that may look at no key: 0 or NaN

    Returns:
        y, and the cache that `attend_backward` and `weights_used` take.

    Example:
        >>> zero, value = np.zeros((2, 1)), np.array([[1.0], [3.0]])
        >>> attend_forward(zero[:1], zero, value, None, scale=1.0)[0]
        array([[2.]])
    """
    arrays = query, key, value
    batch = np.broadcast_shapes(*(a.shape[:-2] for a in arrays))
    query, key, value = (np.broadcast_to(a, batch + a.shape[-2:]) for a in arrays)
    L, S, K = query.shape[-2], key.shape[-2], value.shape[-1]
    if mask is not None:
        check_mask(mask.shape, (*batch, L, S))
        mask = np.broadcast_to(mask, (*batch, L, S))
    y, weights = (np.empty((*batch, L, size), query.dtype) for size in (K, S))
    dropped = np.empty_like(weights) if dropout_p else None
    rng = rng or (np.random.default_rng() if dropout_p else None)
    for at in pieces(batch, L * S):
        scores = weights[at]
        np.matmul(query[at] * scale, key[at].swapaxes(-1, -2), out=scores)
        if mask is not None:
            scores += mask[at]
        softmax_in_place(scores, nothing)
        if dropped is not None and rng is not None:
            scores, (dropped[at],) = dropout_forward(scores, p=dropout_p, rng=rng)
        np.matmul(scores, value[at], out=y[at])  # (..., L, S) @ (..., S, K)
    return y, (query, key, value, scale, weights, dropped, y)


def attend_backward(
    grad_y: np.ndarray,
    cache: tuple,
    grad_used: np.ndarray | None = None,
    *,
    mask_too: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
    """The gradients of query, key, value and, if asked for, mask.

    They are not yet summed over what broadcast. `grad_used` is the gradient of
    `weights_used`, if those are used for themselves.

    Example:
        >>> zero, value = np.zeros((2, 1)), np.array([[1.0], [3.0]])
        >>> _, cache = attend_forward(zero[:1], zero, value, None, scale=1.0)
        >>> attend_backward(np.array([[8.0]]), cache)[2]  # half of it for either value
        array([[4.],
               [4.]])
    """
    query, key, value, scale, weights, dropped, y = cache
    grads = [np.empty(a.shape, a.dtype) for a in (query, key, value)]
    grad_query, grad_key, grad_value = grads
    grad_mask = np.empty_like(weights) if mask_too else None
    *batch, L, S = weights.shape
    for at in pieces(tuple(batch), L * S):
        used = weights[at] if dropped is None else weights[at] * dropped[at]
        grad_value[at] = used.swapaxes(-1, -2) @ grad_y[at]
        # The gradient of a softmax, in place: weights * (grad - sum(grad * weights)).
        grad = grad_y[at] @ value[at].swapaxes(-1, -2)
        total = np.vecdot(grad_y[at], y[at])  # sum(grad * used), in a shorter way
        if grad_used is not None:
            grad += grad_used[at]
            total = total + np.vecdot(grad_used[at], used)
        if dropped is not None:
            grad *= dropped[at]
        grad -= total[..., None]
        grad *= weights[at]
        grad_query[at] = grad @ key[at] * scale
        grad_key[at] = grad.swapaxes(-1, -2) @ query[at] * scale
        if grad_mask is not None:
            grad_mask[at] = grad
    return grad_query, grad_key, grad_value, grad_mask


def weights_used(cache: tuple) -> np.ndarray:
    """What the values were multiplied by: the weights after dropout."""
    *_, weights, dropped, _ = cache
    return weights if dropped is None else weights * dropped


def softmax_in_place(scores: np.ndarray, nothing: float = 0.0) -> None:
    """Turn each row of scores into weights; into `nothing` where all are -inf.

    Example:
        >>> scores = np.array([[0.0, 0.0], [-np.inf, -np.inf]])
        >>> softmax_in_place(scores)
        >>> scores
        array([[0.5, 0.5],
               [0. , 0. ]])
    """
    top = scores.max(axis=-1, keepdims=True, initial=-np.inf)
    scores -= np.where(np.isneginf(top), 0, top)  # not -inf - -inf
    np.exp(scores, out=scores)
    total = scores @ np.ones(scores.shape[-1], scores.dtype)  # a sum, the fast way
    total[total == 0] = 1 if nothing == 0 else nothing
    scores /= total[..., None]


def pieces(
    batch: tuple[int, ...], entries: int, limit: int = 2**17
) -> Iterator[tuple[int, ...]]:
    """Indices that cut a batch into pieces of about `limit` entries, to fit the cache.

    Example:
        >>> list(pieces((2, 8), entries=2**14))
        [(0,), (1,)]
        >>> list(pieces((2, 8), entries=1))
        [()]
    """
    axes = 0
    while axes < len(batch) and math.prod(batch[axes:]) * entries > limit:
        axes += 1
    return np.ndindex(*batch[:axes])


def check_mask(mask: tuple[int, ...], scores: tuple[int, ...]) -> None:
    """Refuse a mask that does not spread over the scores."""
    pairs = zip(reversed(mask), reversed(scores), strict=False)
    fits = all(size in (1, of_scores) for size, of_scores in pairs)
    if not fits or not 2 <= len(mask) <= len(scores):
        raise ValueError(f"attn_mask {mask} must broadcast to the scores, {scores}")
