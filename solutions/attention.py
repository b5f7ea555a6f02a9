"""Scaled dot-product attention, softmax(Q K^T / sqrt(E)) V (chapter 18).

Its torch counterpart is `torch.nn.functional.scaled_dot_product_attention`.
"""

import math

import numpy as np

from solutions.attend import attend_backward, attend_forward
from solutions.broadcast import unbroadcast
from solutions.dropout import check_probability
from solutions.masks import as_scores, causal_mask


def scaled_dot_product_attention_forward(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    attn_mask: np.ndarray | None = None,
    *,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    rng: np.random.Generator | None = None,
) -> tuple[np.ndarray, tuple]:
    """For each query, the mean of the values, weighted by how well its keys fit
    (`torch.nn.functional.scaled_dot_product_attention`).

    (Vaswani et al., 2017)

    Shapes:
        query      (..., L, E)   leading axes broadcast against each other
        key        (..., S, E)
        value      (..., S, K)
        attn_mask  (..., L, S)   bool: True where a query may look at a key;
                                 float: added to the scores, -inf forbids
        y          (..., L, K)

    Options:
        dropout_p   weights are dropped with this probability, in evaluation too
        is_causal   query i may look at the keys 0 to i (then without attn_mask)
        scale       of the products, 1 / sqrt(E) by default
        enable_gqa  axis -3 of key and value divides that of query: heads share them

    Returns:
        y, and the cache for `scaled_dot_product_attention_backward`. A query that may
        look at no key gets zeros, as in torch.

    Raises:
        ValueError: shapes do not fit; dropout_p is no probability; is_causal with
            attn_mask.
        TypeError: attn_mask is neither bool nor float.

    Example:
        >>> query, key = np.array([[50.0, 0.0]]), np.eye(2)
        >>> value = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> scaled_dot_product_attention_forward(query, key, value)[0]
        array([[1., 2.]])
    """
    check_attention(query, key, value)
    check_probability(dropout_p)
    if is_causal and attn_mask is not None:
        raise ValueError("is_causal makes its own mask: attn_mask must be None")
    L, S, E = query.shape[-2], key.shape[-2], query.shape[-1]
    mask = None if attn_mask is None else as_scores(attn_mask, query.dtype)
    mask = causal_mask(L, S, query.dtype) if is_causal else mask
    scale = 1 / math.sqrt(max(E, 1)) if scale is None else scale
    mask_shape = None
    if attn_mask is not None and attn_mask.dtype.kind == "f":
        mask_shape = attn_mask.shape
    shapes = query.shape, key.shape, value.shape, mask_shape
    if enable_gqa:
        key, value = share_heads(query, key), share_heads(query, value)
    y, cache = attend_forward(
        query,
        key,
        value,
        mask,
        scale=scale,
        dropout_p=dropout_p,
        rng=rng,
    )
    return y, (shapes, enable_gqa, cache)


def scaled_dot_product_attention_backward(grad_y: np.ndarray, cache: tuple) -> tuple:
    """The gradients of query, key, value and attn_mask (None unless it is float).

    Example:
        >>> zero, value = np.zeros((2, 1)), np.array([[1.0], [3.0]])
        >>> _, cache = scaled_dot_product_attention_forward(zero[:1], zero, value)
        >>> grads = scaled_dot_product_attention_backward(np.array([[8.0]]), cache)
        >>> grads[2]  # half of it for either value
        array([[4.],
               [4.]])
    """
    shapes, enable_gqa, cache = cache
    of_query, of_key, of_value, of_mask = shapes
    grad_query, grad_key, grad_value, grad_mask = attend_backward(
        grad_y, cache, mask_too=of_mask is not None
    )
    if enable_gqa:
        grad_key, grad_value = (
            add_heads(grad_key, of_key),
            add_heads(grad_value, of_value),
        )
    return (
        unbroadcast(grad_query, of_query),
        unbroadcast(grad_key, of_key),
        unbroadcast(grad_value, of_value),
        None if grad_mask is None else unbroadcast(grad_mask, of_mask),
    )


def share_heads(query: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Repeat the heads of keys or values (axis -3) for as many as the queries have."""
    if min(query.ndim, x.ndim) < 3 or query.shape[-3] % x.shape[-3]:
        raise ValueError(
            f"enable_gqa: the heads (axis -3) of {x.shape} must divide those of "
            f"query, {query.shape}"
        )
    return np.repeat(x, query.shape[-3] // x.shape[-3], axis=-3)


def add_heads(grad: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """One sum for all the query heads that share a head: `share_heads`, transposed."""
    *batch, whole, S, E = grad.shape
    return grad.reshape(*batch, shape[-3], whole // shape[-3], S, E).sum(axis=-3)


def check_attention(query: np.ndarray, key: np.ndarray, value: np.ndarray) -> None:
    """Refuse shapes that do not fit."""
    shapes = f"query {query.shape}, key {key.shape}, value {value.shape}"
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise ValueError(f"{shapes} must have two axes at least")
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(f"{shapes}: query and key must agree on the last axis")
    if key.shape[-2] != value.shape[-2]:
        raise ValueError(f"{shapes}: key and value must agree on the last axis but one")
