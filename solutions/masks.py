"""Masks of attention: what a query may look at (chapter 18)."""

import numpy as np


def as_scores(mask: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """A mask as numbers to add to scores: 0 where a bool one is True, else -inf.

    Raises:
        TypeError: the mask is neither bool nor float.

    Example:
        >>> as_scores(np.array([True, False]), np.dtype(np.float64))
        array([  0., -inf])
    """
    if mask.dtype.kind == "f":
        return mask.astype(dtype, copy=False)
    if mask.dtype != bool:
        raise TypeError(f"a mask must be bool or float, not {mask.dtype}")
    return np.where(mask, dtype.type(0), dtype.type(-np.inf))


def causal_mask(L: int, S: int, dtype: np.dtype) -> np.ndarray:
    """Scores that let query i look at the keys 0 to i.

    Example:
        >>> causal_mask(2, 3, np.dtype(np.float64))
        array([[  0., -inf, -inf],
               [  0.,   0., -inf]])
    """
    return as_scores(np.tri(L, S, dtype=bool), dtype)


def merged_mask(
    key_padding_mask: np.ndarray | None,
    attn_mask: np.ndarray | None,
    sizes: tuple[int, int, int, int],
    extra: int,
    dtype: np.dtype,
) -> np.ndarray | None:
    """The two masks of `MultiheadAttention` as one to add to the scores.

    Here True forbids, as in torch's class (in torch's function True allows).

    Shapes (sizes = N, M, L, S):
        key_padding_mask  (N, S)
        attn_mask         (L, S) or (N * M, L, S)
        result            as (N, M, L, S + extra), up to axes of size 1;
                          `extra` keys are open to all

    Raises:
        ValueError: a mask has another shape.
        TypeError: a mask is neither bool nor float.
    """
    N, M, L, S = sizes
    total = None
    for name, mask, allowed in (
        ("key_padding_mask", key_padding_mask, {(N, S): (N, 1, 1, S)}),
        ("attn_mask", attn_mask, {(L, S): (1, 1, L, S), (N * M, L, S): (N, M, L, S)}),
    ):
        if mask is None:
            continue
        if mask.shape not in allowed:
            shapes = " or ".join(map(str, allowed))
            raise ValueError(f"{name} is {mask.shape}, expected {shapes}")
        scores = as_scores(~mask if mask.dtype == bool else mask, dtype)
        scores = scores.reshape(allowed[mask.shape])
        total = scores if total is None else total + scores
    return None if total is None else np.pad(total, ((0, 0),) * 3 + ((0, extra),))
