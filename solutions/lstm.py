"""Long short-term memory (chapter 17; `torch.nn.LSTM`)."""

import numpy as np

from solutions.recurrence import RecurrentCell
from solutions.recurrent import Recurrent
from solutions.scan import Step, Weights, gate, parts, scan_backward, scan_forward


def lstm_step(
    from_x: np.ndarray, from_h: np.ndarray, h: np.ndarray, c: np.ndarray
) -> tuple:
    """Forget a share f of the memory c, add i of the news g, show o of it.

    c' = f * c + i * g and h' = o * tanh(c'), where i, f, o are sigmoids and g a tanh
    (Hochreiter and Schmidhuber, 1997; with f since Gers et al., 2000).
    """
    i, f, g, o = parts(from_x + from_h, 4)
    i, f, g, o = gate(i), gate(f), np.tanh(g), gate(o)
    new_c = f * c + i * g
    tanh_c = np.tanh(new_c)
    return (o * tanh_c, new_c), (i, f, g, o, c, tanh_c)


def lstm_step_backward(grad_h: np.ndarray, grad_c: np.ndarray, kept: tuple) -> tuple:
    i, f, g, o, c, tanh_c = kept
    grad_c = grad_c + grad_h * o * (1 - tanh_c * tanh_c)
    gates = [
        grad_c * g * i * (1 - i),
        grad_c * c * f * (1 - f),
        grad_c * i * (1 - g * g),
        grad_h * tanh_c * o * (1 - o),
    ]
    to_both = np.concatenate(gates, axis=-1)
    return (to_both, to_both), (0, grad_c * f)


LSTM_STEP = Step(lstm_step, lstm_step_backward)


def lstm_forward(
    x: np.ndarray,
    h_0: np.ndarray,
    c_0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray | None = None,
    bias_hh: np.ndarray | None = None,
    weight_hr: np.ndarray | None = None,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple]:
    """One LSTM layer in one direction.

    Shapes:
        x                 (T, N, D)  T times, N examples, D features
        h_0               (N, H)     or (N, P) with weight_hr
        c_0               (N, H)
        weight_ih         (4 * H, D) rows of the gates i, f, g, o, one after the other
        weight_hh         (4 * H, H) or (4 * H, P) with weight_hr
        bias_ih, bias_hh  (4 * H,)   or None
        weight_hr         (P, H)     projects h (Sak et al., 2014); or None
        output            (T, N, H)  h at each time, or (T, N, P)
        c_n               (N, H)     the memory after the last time

    Returns:
        output and c_n, and the cache that `lstm_backward` takes.

    Example:
        >>> x, zero = np.zeros((3, 1, 1)), np.zeros((1, 1))
        >>> weight = np.zeros((4, 1))
        >>> bias = np.array([0.0, 0.0, 100.0, 0.0])  # every gate half open, g = 1
        >>> arrays = x, zero, zero, weight, weight, bias
        >>> (_, c_n), _ = lstm_forward(*arrays, 0 * bias)
        >>> c_n  # 0.5, then 0.5 / 2 + 0.5, ...
        array([[0.875]])
    """
    weights = Weights(weight_ih, weight_hh, bias_ih, bias_hh, weight_hr)
    (output, (_, c_n)), cache = scan_forward(LSTM_STEP, x, (h_0, c_0), weights)
    return (output, c_n), cache


def lstm_backward(grad_y: tuple[np.ndarray, np.ndarray], cache: tuple) -> tuple:
    """Backpropagation through time, from the gradients of output and c_n.

    Returns:
        The gradients of x, h_0, c_0, weight_ih, weight_hh, bias_ih, bias_hh, weight_hr;
        None for what was None.

    Example:
        >>> x, weight = np.zeros((3, 1, 1)), np.zeros((4, 1))
        >>> _, cache = lstm_forward(x, x[0], x[0], weight, weight)
        >>> grads = lstm_backward((x, np.array([[1.0]])), cache)
        >>> grads[2]  # half is forgotten, three times
        array([[0.125]])
    """
    grad_output, grad_c_n = grad_y
    grad_state = (np.zeros_like(grad_output[0]), grad_c_n)
    grad_x, grad_state, grads = scan_backward(grad_output, grad_state, cache)
    return (grad_x, *grad_state, *grads)


class LSTM(Recurrent):
    """LSTM layers over a sequence (`torch.nn.LSTM`).

    See `Recurrent` for options, shapes and parameters. The state is a pair (h, c).
    With `proj_size`, h is projected to that many features (Sak et al., 2014).

    Example:
        >>> layer = LSTM(3, 5, bidirectional=True, rng=np.random.default_rng(0))
        >>> output, (h_n, c_n) = layer(np.ones((7, 4, 3), np.float32))
        >>> output.shape, h_n.shape, c_n.shape
        ((7, 4, 10), (2, 4, 5), (2, 4, 5))
    """

    step, gates, states = LSTM_STEP, 4, 2


class LSTMCell(RecurrentCell):
    """One step of an LSTM (`torch.nn.LSTMCell`): the state is a pair (h, c).

    Example:
        >>> cell = LSTMCell(3, 5, rng=np.random.default_rng(0))
        >>> h, c = cell(np.ones((4, 3), np.float32))
        >>> h.shape, c.shape
        ((4, 5), (4, 5))
    """

    step, gates, states = LSTM_STEP, 4, 2
