"""The plain recurrent layer, h' = tanh(W x + U h + b) (chapter 16; `torch.nn.RNN`)."""

import numpy as np

from solutions.recurrence import RecurrentCell
from solutions.recurrent import Recurrent
from solutions.scan import Step, Weights, scan_backward, scan_forward


def tanh_step(from_x: np.ndarray, from_h: np.ndarray, h: np.ndarray) -> tuple:
    """Next h: tanh(from_x + from_h)."""
    h = np.tanh(from_x + from_h)
    return (h,), (h,)


def tanh_step_backward(grad_h: np.ndarray, kept: tuple) -> tuple:
    (h,) = kept
    to_both = grad_h * (1 - h * h)
    return (to_both, to_both), (0,)


def relu_step(from_x: np.ndarray, from_h: np.ndarray, h: np.ndarray) -> tuple:
    """Next h: max(from_x + from_h, 0)."""
    h = np.maximum(from_x + from_h, 0)
    return (h,), (h,)


def relu_step_backward(grad_h: np.ndarray, kept: tuple) -> tuple:
    (h,) = kept
    to_both = grad_h * (h > 0)
    return (to_both, to_both), (0,)


STEPS = {
    "tanh": Step(tanh_step, tanh_step_backward),
    "relu": Step(relu_step, relu_step_backward),
}


def step_of(nonlinearity: str) -> Step:
    if nonlinearity not in STEPS:
        raise ValueError(f'nonlinearity must be "tanh" or "relu", not {nonlinearity!r}')
    return STEPS[nonlinearity]


def rnn_forward(
    x: np.ndarray,
    h_0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray | None = None,
    bias_hh: np.ndarray | None = None,
    *,
    nonlinearity: str = "tanh",
) -> tuple[np.ndarray, tuple]:
    """One recurrent layer in one direction (Elman, 1990).

    Shapes:
        x                 (T, N, D)  T times, N examples, D features
        h_0               (N, H)     the state before the first time
        weight_ih         (H, D)
        weight_hh         (H, H)
        bias_ih, bias_hh  (H,)       or None
        output            (T, N, H)  h at each time; the last one is the final state

    Returns:
        output, and the cache that `rnn_backward` takes.

    Raises:
        ValueError: nonlinearity is neither "tanh" nor "relu".

    Example:
        >>> one = np.ones((1, 1))
        >>> x, h_0 = np.array([[[1.0]], [[2.0]], [[3.0]]]), np.zeros((1, 1))
        >>> rnn_forward(x, h_0, one, one, nonlinearity="relu")[0].ravel()
        array([1., 3., 6.])
    """
    weights = Weights(weight_ih, weight_hh, bias_ih, bias_hh)
    (output, _), cache = scan_forward(step_of(nonlinearity), x, (h_0,), weights)
    return output, cache


def rnn_backward(grad_output: np.ndarray, cache: tuple) -> tuple:
    """Backpropagation through time.

    Returns:
        The gradients of x, h_0, weight_ih, weight_hh, bias_ih, bias_hh; None for a bias
        that was None.

    Example:
        >>> x, one = np.ones((3, 1, 1)), np.ones((1, 1))
        >>> _, cache = rnn_forward(x, 0 * one, one, one, nonlinearity="relu")
        >>> grad_x, grad_h_0, *_ = rnn_backward(np.ones((3, 1, 1)), cache)
        >>> grad_x.ravel(), grad_h_0
        (array([3., 2., 1.]), array([[3.]]))
    """
    nothing = np.zeros_like(grad_output[0])
    grad_x, grad_state, grads = scan_backward(grad_output, (nothing,), cache)
    return (grad_x, *grad_state, *grads[:4])


class RNN(Recurrent):
    """Recurrent layers over a sequence (`torch.nn.RNN`).

    See `Recurrent` for options, shapes and parameters.

    Raises:
        ValueError: nonlinearity is neither "tanh" nor "relu".

    Example:
        >>> layer = RNN(3, 5, num_layers=2, rng=np.random.default_rng(0))
        >>> output, h_n = layer(np.ones((7, 4, 3), np.float32))
        >>> output.shape, h_n.shape
        ((7, 4, 5), (2, 4, 5))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.step, self.nonlinearity = step_of(nonlinearity), nonlinearity
        options = (num_layers, bias, batch_first, dropout, bidirectional)
        super().__init__(input_size, hidden_size, *options, rng=rng)


class RNNCell(RecurrentCell):
    """One step of a recurrent layer (`torch.nn.RNNCell`).

    Raises:
        ValueError: nonlinearity is neither "tanh" nor "relu".

    Example:
        >>> cell = RNNCell(3, 5, rng=np.random.default_rng(0))
        >>> cell(np.ones((4, 3), np.float32)).shape
        (4, 5)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.step, self.nonlinearity = step_of(nonlinearity), nonlinearity
        super().__init__(input_size, hidden_size, bias, rng=rng)
