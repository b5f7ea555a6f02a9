"""Where a vector stands in its sequence: sinusoids and rotations (chapter 15)."""

import numpy as np


def angles(positions: np.ndarray, D: int, base: float) -> np.ndarray:
    """Position times frequency, (T, D / 2): frequency i is base ** (-2 i / D)."""
    if D % 2:
        raise ValueError(f"the last axis must be even, for pairs of entries, not {D}")
    frequencies = base ** (-np.arange(0, D, 2) / D)
    return positions[:, None] * frequencies  # float64: sin needs the digits


def sinusoidal_positions(
    length: int, dim: int, *, base: float = 10000.0, dtype: type = np.float32
) -> np.ndarray:
    """A vector for each position: sines and cosines from fast to slow.

    Entry 2 i is sin(t / base ** (2 i / dim)), entry 2 i + 1 the cosine of the same
    (Vaswani et al., 2017).

    Shapes:
        result  (length, dim)

    Raises:
        ValueError: dim is odd.

    Example:
        >>> sinusoidal_positions(2, 4).round(2)
        array([[0.  , 1.  , 0.  , 1.  ],
               [0.84, 0.54, 0.01, 1.  ]], dtype=float32)
    """
    table: np.ndarray = np.empty((length, dim), dtype)
    angle = angles(np.arange(length), dim, base)
    table[:, 0::2], table[:, 1::2] = np.sin(angle), np.cos(angle)
    return table


def rotary_forward(
    x: np.ndarray, positions: np.ndarray | None = None, *, base: float = 10000.0
) -> tuple[np.ndarray, tuple]:
    """Turn each pair of entries by an angle that grows with the position.

    The pairs are the entries 2 i and 2 i + 1; as complex numbers they are multiplied by
    exp(1j * t * base ** (-2 i / D)) (Su et al., 2021). Lengths stay as they are, and
    the product of a query at t with a key at s depends on t - s alone.

    Shapes:
        x, y       (..., T, D)
        positions  (T,)   integers, by default 0 to T - 1

    Returns:
        y, and the cache that `rotary_backward` takes.

    Raises:
        ValueError: D is odd, or positions is not of shape (T,).

    Example:
        >>> x = np.array([[1.0, 0.0], [1.0, 0.0]])
        >>> rotary_forward(x, np.array([0, 1]))[0].round(2)
        array([[1.  , 0.  ],
               [0.54, 0.84]])
    """
    T, D = x.shape[-2:]
    positions = np.arange(T) if positions is None else positions
    if positions.shape != (T,):
        raise ValueError(
            f"positions must be ({T},), one for each, not {positions.shape}"
        )
    angle = angles(positions, D, base)
    cos, sin = np.cos(angle).astype(x.dtype), np.sin(angle).astype(x.dtype)
    return rotate(x, cos, sin), (cos, sin)


def rotary_backward(grad_y: np.ndarray, cache: tuple) -> tuple[np.ndarray, None]:
    """Turn the gradient back: the transpose of a rotation is its inverse.

    Returns:
        grad_x, and None for the positions.

    Example:
        >>> _, cache = rotary_forward(np.zeros((1, 2)), np.array([1]))
        >>> rotary_backward(np.array([[0.0, 1.0]]), cache)[0].round(2)
        array([[0.84, 0.54]])
    """
    cos, sin = cache
    return rotate(grad_y, cos, -sin), None


def rotate(x: np.ndarray, cos: np.ndarray, sin: np.ndarray) -> np.ndarray:
    """Turn the pairs (x[..., 0], x[..., 1]), (x[..., 2], x[..., 3]), ..."""
    even, odd = x[..., 0::2], x[..., 1::2]
    y = np.empty_like(x)
    y[..., 0::2] = even * cos - odd * sin
    y[..., 1::2] = even * sin + odd * cos
    return y
