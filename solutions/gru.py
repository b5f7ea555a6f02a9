"""The gated recurrent unit (chapter 17; `torch.nn.GRU`)."""

import numpy as np

from solutions.recurrence import RecurrentCell
from solutions.recurrent import Recurrent
from solutions.scan import Step, Weights, gate, parts, scan_backward, scan_forward


def gru_step(from_x: np.ndarray, from_h: np.ndarray, h: np.ndarray) -> tuple:
    """Keep a share z of h, take 1 - z of the news n, which see r of h.

    h' = (1 - z) * n + z * h, n = tanh(n_x + r * n_h), where r and z are sigmoids
    (Cho et al., 2014). As in torch, r comes after the product with h and its bias;
    in the paper it comes before.
    """
    r_x, z_x, n_x = parts(from_x, 3)
    r_h, z_h, n_h = parts(from_h, 3)
    r, z = gate(r_x + r_h), gate(z_x + z_h)
    n = np.tanh(n_x + r * n_h)
    return ((h - n) * z + n,), (r, z, n, n_h, h)


def gru_step_backward(grad_h: np.ndarray, kept: tuple) -> tuple:
    r, z, n, n_h, h = kept
    to_n = grad_h * (1 - z) * (1 - n * n)
    to_r = to_n * n_h * r * (1 - r)
    to_z = grad_h * (h - n) * z * (1 - z)
    to_x = np.concatenate([to_r, to_z, to_n], axis=-1)
    to_h = np.concatenate([to_r, to_z, to_n * r], axis=-1)
    return (to_x, to_h), (grad_h * z,)


GRU_STEP = Step(gru_step, gru_step_backward)


def gru_forward(
    x: np.ndarray,
    h_0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray | None = None,
    bias_hh: np.ndarray | None = None,
) -> tuple[np.ndarray, tuple]:
    """One GRU layer in one direction.

    Shapes:
        x                 (T, N, D)  T times, N examples, D features
        h_0               (N, H)     the state before the first time
        weight_ih         (3 * H, D) rows of r, z, n, one after the other
        weight_hh         (3 * H, H)
        bias_ih, bias_hh  (3 * H,)   or None
        output            (T, N, H)  h at each time; the last one is the final state

    Returns:
        output, and the cache that `gru_backward` takes.

    Example:
        >>> x, h_0, weight = np.zeros((3, 1, 1)), np.ones((1, 1)), np.zeros((3, 1))
        >>> gru_forward(x, h_0, weight, weight)[0].ravel()  # z = 1/2, n = 0
        array([0.5  , 0.25 , 0.125])
    """
    weights = Weights(weight_ih, weight_hh, bias_ih, bias_hh)
    (output, _), cache = scan_forward(GRU_STEP, x, (h_0,), weights)
    return output, cache


def gru_backward(grad_output: np.ndarray, cache: tuple) -> tuple:
    """Backpropagation through time.

    Returns:
        The gradients of x, h_0, weight_ih, weight_hh, bias_ih, bias_hh; None for a bias
        that was None.

    Example:
        >>> x, h_0, weight = np.zeros((3, 1, 1)), np.ones((1, 1)), np.zeros((3, 1))
        >>> _, cache = gru_forward(x, h_0, weight, weight)
        >>> gru_backward(np.array([[[0.0]], [[0.0]], [[1.0]]]), cache)[1]
        array([[0.125]])
    """
    nothing = np.zeros_like(grad_output[0])
    grad_x, grad_state, grads = scan_backward(grad_output, (nothing,), cache)
    return (grad_x, *grad_state, *grads[:4])


class GRU(Recurrent):
    """GRU layers over a sequence (`torch.nn.GRU`).

    See `Recurrent` for options, shapes and parameters.

    Example:
        >>> layer = GRU(3, 5, batch_first=True, rng=np.random.default_rng(0))
        >>> output, h_n = layer(np.ones((4, 7, 3), np.float32))
        >>> output.shape, h_n.shape
        ((4, 7, 5), (1, 4, 5))
    """

    step, gates = GRU_STEP, 3


class GRUCell(RecurrentCell):
    """One step of a GRU (`torch.nn.GRUCell`).

    Example:
        >>> cell = GRUCell(3, 5, rng=np.random.default_rng(0))
        >>> cell(np.ones((4, 3), np.float32)).shape
        (4, 5)
    """

    step, gates = GRU_STEP, 3
