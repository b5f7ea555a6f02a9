"""Clipping: gradients kept to a size (chapter 5; `torch.nn.utils.clip_grad_norm_`).

The functions end in an underscore because they change gradients in place, as torch's.
"""

from collections.abc import Collection

import numpy as np

from solutions.layer import Layer


def clip_grad_norm_(
    layer: Layer,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> np.floating:
    """Scale all gradients by one factor if their joint norm is above `max_norm`
    (`torch.nn.utils.clip_grad_norm_`).

    The direction of the step stays (Pascanu et al., 2013).

    Args:
        layer: the layer whose `grads` are scaled.
        max_norm: the largest norm that is left as it is.
        norm_type: p of the p-norm; `math.inf` for the largest absolute entry.
        error_if_nonfinite: refuse a norm that is infinite or not a number.

    Returns:
        The norm before.

    Raises:
        ValueError: the norm is not finite and `error_if_nonfinite`.

    Example:
        >>> layer = Layer()
        >>> layer.add_params(weight=np.zeros(2))
        >>> layer.add_grads(weight=np.array([3.0, 4.0]))
        >>> clip_grad_norm_(layer, 1.0)
        np.float64(5.0)
        >>> layer.grads["weight"].round(4)
        array([0.6, 0.8])
    """
    grads = list(layer.grads.values())
    with np.errstate(divide="ignore"):  # 0 to a negative power is infinite
        norms = [np.linalg.norm(grad.ravel(), norm_type) for grad in grads]
        total = np.linalg.norm(np.array(norms), norm_type) if norms else np.float64(0)
    if error_if_nonfinite and not np.isfinite(total):
        raise ValueError(f"the gradients have the norm {total}, which is not finite")
    factor = max_norm / (float(total) + 1e-6)
    with np.errstate(invalid="ignore"):  # inf * 0 is not a number, as in torch
        for grad in grads:
            np.multiply(grad, 1.0 if factor > 1 else factor, out=grad)
    return total


def clip_grad_value_(layer: Layer, clip_value: float) -> None:
    """Limit every entry of every gradient to [-clip_value, clip_value]
    (`torch.nn.utils.clip_grad_value_`).

    Example:
        >>> layer = Layer()
        >>> layer.add_params(weight=np.zeros(2))
        >>> layer.add_grads(weight=np.array([3.0, -0.5]))
        >>> clip_grad_value_(layer, 1.0)
        >>> layer.grads["weight"]
        array([ 1. , -0.5])
    """
    for grad in layer.grads.values():
        np.clip(grad, -clip_value, clip_value, out=grad)


def unitwise_norm(array: np.ndarray) -> np.ndarray:
    """The norm of what belongs to each output unit: of each entry of the first axis.

    Of an array with one axis, such as a bias, the norm of the whole.

    Example:
        >>> unitwise_norm(np.array([[3.0, 4.0], [0.0, 2.0]]))
        array([[5.], [2.]])
    """
    axes = tuple(range(1, array.ndim)) if array.ndim > 1 else None
    return np.sqrt((array * array).sum(axis=axes, keepdims=True))


def adaptive_clip_grad_(
    layer: Layer,
    clipping: float = 0.01,
    eps: float = 1e-3,
    *,
    skip: Collection[str] = (),
) -> None:
    """Limit each unit's gradient to `clipping` times its weights (Brock et al., 2021).

    Args:
        layer: the layer whose `grads` are scaled.
        clipping: the largest ratio of the norms, of gradient and weights.
        eps: a norm of weights counts at least this, so that zeros can leave zero.
        skip: names of parameters to leave alone; in the paper, the last linear layer's.

    Raises:
        KeyError: skip names no parameter.

    Example:
        >>> layer = Layer()
        >>> layer.add_params(weight=np.array([[3.0, 4.0], [3.0, 4.0]]))
        >>> layer.add_grads(weight=np.array([[0.0, 10.0], [0.0, 0.01]]))
        >>> adaptive_clip_grad_(layer, 0.1)
        >>> layer.grads["weight"]
        array([[0.  , 0.5 ], [0.  , 0.01]])
    """
    params, grads = layer.params, layer.grads
    if unknown := set(skip) - params.keys():
        raise KeyError(f"skip names {sorted(unknown)}, there is {sorted(params)}")
    for name in params.keys() - set(skip):
        limit = clipping * np.maximum(unitwise_norm(params[name]), eps)
        norm = unitwise_norm(grads[name])
        grads[name] *= np.where(norm > limit, limit / np.maximum(norm, 1e-6), 1)
