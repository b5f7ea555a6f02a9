"""Recurrent layers: by hand, step by step, both ways, with dropout, refused."""

import numpy as np
import pytest
import torch

import solutions
from solutions import (
    GRU,
    LSTM,
    RNN,
    GRUCell,
    LSTMCell,
    RNNCell,
    gru_backward,
    gru_forward,
    lstm_backward,
    lstm_forward,
    rnn_backward,
    rnn_forward,
)
from solutions.gradients import check_gradients

T, N, D, H = 5, 2, 3, 4


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def weights(rng: np.random.Generator, gates: int) -> dict[str, np.ndarray]:
    G = gates * H
    shapes = {"weight_ih": (G, D), "weight_hh": (G, H), "bias_ih": G, "bias_hh": G}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def sigmoid(x: float) -> float:
    return 1 / (1 + np.exp(-x))


def test_one_lstm_step_by_hand():
    """One feature, one cell, every number written out."""
    cell = LSTMCell(1, 1).double()
    cell.load_state_dict(
        {
            "weight_ih": np.array([[1.0], [2.0], [3.0], [4.0]]),  # i, f, g, o
            "weight_hh": np.array([[0.1], [0.2], [0.3], [0.4]]),
            "bias_ih": np.array([0.5, -0.5, 0.25, -0.25]),
            "bias_hh": np.array([1.0, 0.0, 0.0, 0.0]),
        }
    )
    x, h, c = 0.5, 2.0, -1.0
    i = sigmoid(1 * x + 0.1 * h + 0.5 + 1)
    f = sigmoid(2 * x + 0.2 * h - 0.5)
    g = np.tanh(3 * x + 0.3 * h + 0.25)
    o = sigmoid(4 * x + 0.4 * h - 0.25)
    want_c = f * c + i * g
    got_h, got_c = cell(np.array([x]), (np.array([h]), np.array([c])))
    np.testing.assert_allclose(got_c, [want_c], rtol=1e-15)
    np.testing.assert_allclose(got_h, [o * np.tanh(want_c)], rtol=1e-15)


def test_one_gru_step_by_hand():
    """The reset gate comes after the product with h and its bias."""
    cell = GRUCell(1, 1).double()
    cell.load_state_dict(
        {
            "weight_ih": np.array([[1.0], [2.0], [3.0]]),  # r, z, n
            "weight_hh": np.array([[0.1], [0.2], [0.3]]),
            "bias_ih": np.array([0.5, -0.5, 0.25]),
            "bias_hh": np.array([0.0, 0.0, 4.0]),
        }
    )
    x, h = 0.5, 2.0
    r = sigmoid(1 * x + 0.1 * h + 0.5)
    z = sigmoid(2 * x + 0.2 * h - 0.5)
    n = np.tanh(3 * x + 0.25 + r * (0.3 * h + 4))
    want = (1 - z) * n + z * h
    np.testing.assert_allclose(cell(np.array([x]), np.array([h])), [want], rtol=1e-14)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_a_sequence_is_one_cell_after_the_other(rng, name):
    layer = getattr(solutions, name)(D, H).double()
    cell = getattr(solutions, f"{name}Cell")(D, H).double()
    cell.load_state_dict(
        {key.removesuffix("_l0"): a for key, a in layer.state_dict().items()}
    )
    x, state, seen = rng.standard_normal((T, N, D)), None, []
    for x_t in x:
        state = cell(x_t, state)
        seen.append(state[0] if name == "LSTM" else state)
    output, final = layer(x)
    np.testing.assert_allclose(output, seen, rtol=1e-12)
    last = [a[0] for a in final] if name == "LSTM" else final[0]
    np.testing.assert_allclose(last, state, rtol=1e-12)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_both_ways_are_two_runs(rng, name):
    """The second one reads the sequence from its end."""
    both = getattr(solutions, name)(D, H, bidirectional=True).double()
    ahead, back = (getattr(solutions, name)(D, H).double() for _ in range(2))
    for key, array in both.state_dict().items():
        one = back if key.endswith("_reverse") else ahead
        one.state_dict()[key.removesuffix("_reverse")][...] = array
    x = rng.standard_normal((T, N, D))
    output, _ = both(x)
    np.testing.assert_allclose(output[..., :H], ahead(x)[0], rtol=1e-12)
    np.testing.assert_allclose(output[..., H:], back(x[::-1])[0][::-1], rtol=1e-12)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_rnn_agrees_with_central_differences(rng, nonlinearity):
    arrays = {"x": rng.standard_normal((T, N, D)), "h_0": rng.standard_normal((N, H))}
    check_gradients(
        lambda **a: rnn_forward(**a, nonlinearity=nonlinearity),
        rnn_backward,
        rng.standard_normal((T, N, H)),
        **arrays,
        **weights(rng, 1),
    )


def test_gru_agrees_with_central_differences(rng):
    arrays = {"x": rng.standard_normal((T, N, D)), "h_0": rng.standard_normal((N, H))}
    grad_output = rng.standard_normal((T, N, H))
    check_gradients(gru_forward, gru_backward, grad_output, **arrays, **weights(rng, 3))


@pytest.mark.parametrize("P", [None, 2])
def test_lstm_agrees_with_central_differences(rng, P):
    """Of the output and of the final memory, which are put side by side."""
    arrays = weights(rng, 4)
    if P:
        arrays["weight_hh"] = rng.standard_normal((4 * H, P))
        arrays["weight_hr"] = rng.standard_normal((P, H))
    start = {
        "h_0": rng.standard_normal((N, P or H)),
        "c_0": rng.standard_normal((N, H)),
    }
    size = T * N * (P or H)

    def forward(**arrays):
        (output, c_n), cache = lstm_forward(**arrays)
        return np.concatenate([output.ravel(), c_n.ravel()]), cache

    def backward(grad_y, cache):
        grad_output = grad_y[:size].reshape(T, N, -1)
        grads = lstm_backward((grad_output, grad_y[size:].reshape(N, H)), cache)
        return grads if P else grads[:-1]

    x, grad_y = rng.standard_normal((T, N, D)), rng.standard_normal(size + N * H)
    check_gradients(forward, backward, grad_y, x=x, **start, **arrays)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("two_ways", [False, True])
def test_dropout_between_layers_agrees_with_torch_given_our_masks(rng, name, two_ways):
    options = {"num_layers": 3, "bidirectional": two_ways}
    ours = getattr(solutions, name)(D, H, **options, dropout=0.4, rng=rng).double()
    x = rng.standard_normal((T, N, D))
    output, _ = ours(x)
    grad_output = rng.standard_normal(output.shape)
    grad_x = ours.backward(grad_output)
    masks = [ours.dropped[layer][0] for layer in (1, 2)]
    assert all(0 < (mask == 0).mean() < 1 for mask in masks)
    assert ours.dropped[0] == (None,), "the input itself is never dropped"

    t = y = torch.tensor(x, requires_grad=True)
    grads = {}
    for layer in range(3):  # torch has no way to give it masks: one layer at a time
        one = getattr(torch.nn, name)(y.shape[-1], H, bidirectional=two_ways).double()
        mine = {
            key.replace(f"_l{layer}", "_l0"): torch.tensor(array)
            for key, array in ours.state_dict().items()
            if f"_l{layer}" in key
        }
        one.load_state_dict(mine)
        y = one(y if layer == 0 else y * torch.tensor(masks[layer - 1]))[0]
        grads |= {k.replace("_l0", f"_l{layer}"): p for k, p in one.named_parameters()}
    y.backward(torch.tensor(grad_output))
    np.testing.assert_allclose(output, y.detach(), rtol=1e-10)
    np.testing.assert_allclose(grad_x, t.grad, rtol=1e-9, atol=1e-12)
    for key, grad in ours.grads.items():
        np.testing.assert_allclose(grad, grads[key].grad, rtol=1e-9, atol=1e-12)


def test_dropout_rests_in_evaluation_mode_and_follows_the_generator(rng):
    x = rng.standard_normal((T, N, D)).astype(np.float32)
    layer = GRU(D, H, num_layers=2, dropout=0.5, rng=np.random.default_rng(1))
    again = GRU(D, H, num_layers=2, dropout=0.5, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(layer(x)[0], again(x)[0])
    assert (layer(x)[0] != again.eval()(x)[0]).any()
    np.testing.assert_array_equal(layer.eval()(x)[0], again(x)[0])


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_a_missing_upstream_gradient_is_zero(rng, name):
    layer = getattr(solutions, name)(D, H, 2).double()
    output, final = layer(rng.standard_normal((T, N, D)))
    zeros = (
        [np.zeros_like(a) for a in final] if name == "LSTM" else np.zeros_like(final)
    )
    grad_output = rng.standard_normal(output.shape)
    np.testing.assert_array_equal(
        layer.backward(grad_output), layer.backward(grad_output, zeros)
    )
    some = [None, rng.standard_normal(final[1].shape)] if name == "LSTM" else final
    all_of_it = [zeros[0], some[1]] if name == "LSTM" else final
    np.testing.assert_array_equal(
        layer.backward(None, some), layer.backward(np.zeros_like(output), all_of_it)
    )


def test_cells_take_a_gradient_for_either_state(rng):
    cell, x = LSTMCell(D, H).double(), rng.standard_normal((N, D))
    h, _ = cell(x)
    grad_h, grad_c = rng.standard_normal((2, *h.shape))
    both, zeros = cell.backward(grad_h, grad_c), np.zeros_like(h)
    apart = cell.backward(grad_h) + cell.backward(None, grad_c)
    np.testing.assert_allclose(both, apart, rtol=1e-10)
    np.testing.assert_array_equal(cell.backward(zeros), 0 * x)


@pytest.mark.parametrize(
    "name", ["RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"]
)
def test_parameters_start_as_torch_does(rng, name):
    ours = getattr(solutions, name)(3, 25, rng=rng).state_dict()
    theirs = getattr(torch.nn, name)(3, 25).state_dict()
    assert list(ours) == list(theirs)
    for key, array in ours.items():
        assert array.shape == tuple(theirs[key].shape)
        assert array.dtype == np.float32
        assert 0.18 < np.abs(array).max() <= 0.2, "uniform up to 1 / sqrt(25)"
        assert array.min() < 0 < array.max()


def test_names_and_shapes_of_every_layer_and_direction():
    options = {"num_layers": 2, "bidirectional": True, "proj_size": 2}
    ours = LSTM(D, H, **options).state_dict()
    theirs = torch.nn.LSTM(D, H, **options).state_dict()
    assert [(k, a.shape) for k, a in ours.items()] == [
        (k, tuple(a.shape)) for k, a in theirs.items()
    ]


BAD_OPTIONS = [
    (GRU, {"hidden_size": 0}, ValueError, "hidden_size must be greater than zero"),
    (GRU, {"input_size": -1}, ValueError, "input_size must be greater than zero"),
    (GRU, {"num_layers": 0}, ValueError, "num_layers must be greater than zero"),
    (GRU, {"hidden_size": 2.0}, TypeError, "hidden_size must be an int, not 2.0"),
    (GRU, {"bias": 1}, TypeError, "bias must be a bool, not 1"),
    (GRU, {"batch_first": 1}, TypeError, "batch_first must be a bool, not 1"),
    (GRU, {"dropout": 1.5}, ValueError, "dropout must be a number from 0 to 1"),
    (GRU, {"dropout": True}, ValueError, "dropout must be a number from 0 to 1"),
    (GRU, {"proj_size": 2}, ValueError, "proj_size 2 must be"),
    (LSTM, {"proj_size": H}, ValueError, "proj_size 4 must be below hidden_size 4"),
    (LSTM, {"proj_size": -1}, ValueError, "proj_size -1 must be"),
    (
        RNN,
        {"nonlinearity": "gelu"},
        ValueError,
        'nonlinearity must be "tanh" or "relu"',
    ),
    (RNNCell, {"nonlinearity": "gelu"}, ValueError, "nonlinearity must be"),
]


@pytest.mark.parametrize(("layer", "options", "error", "message"), BAD_OPTIONS)
def test_options_that_torch_refuses_are_refused(layer, options, error, message):
    with pytest.raises(error, match=message):
        layer(**{"input_size": D, "hidden_size": H, **options})


def test_dropout_without_a_second_layer_warns():
    with pytest.warns(UserWarning, match="acts between layers, but num_layers is 1"):
        GRU(D, H, dropout=0.5)


BAD_CALLS = [
    (GRU, (D,), None, ValueError, r"must have 2 or 3 axes"),
    (GRU, (1, T, N, D), None, ValueError, r"must have 2 or 3 axes"),
    (GRU, (T, N, D + 1), None, ValueError, r"of size 3, not \(5, 2, 4\)"),
    (GRU, (0, N, D), None, ValueError, "must have at least one entry"),
    (GRU, (T, N, D), (1, H), ValueError, r"shape \(1, 4\), expected \(1, 2, 4\)"),
    (GRU, (T, N, D), (2, N, H), ValueError, r"shape \(2, 2, 4\), expected"),
    (GRU, (T, D), (1, 1, H), ValueError, r"expected \(1, 4\)"),
    (LSTM, (T, N, D), (1, N, H), TypeError, r"must be a pair \(h, c\)"),
    (LSTM, (T, N, D), [(1, N, H)] * 3, ValueError, "the state has shape"),
    (GRUCell, (1, N, D), None, ValueError, "must have 1 or 2 axes"),
    (GRUCell, (N, D), (1, H), ValueError, r"shape \(1, 4\), expected \(2, 4\)"),
    (GRUCell, (D,), (1, H), ValueError, r"expected \(4,\)"),
    (LSTMCell, (N, D), (N, H), TypeError, r"must be a pair \(h, c\)"),
]


@pytest.mark.parametrize(("layer", "x", "state", "error", "message"), BAD_CALLS)
def test_inputs_that_torch_refuses_are_refused(layer, x, state, error, message):
    arrays = [np.zeros(s) for s in state] if isinstance(state, list) else state
    if isinstance(state, tuple):
        arrays = np.zeros(state)
    with pytest.raises(error, match=message):
        layer(D, H).double()(np.zeros(x), arrays)


@pytest.mark.parametrize("name", ["RNN", "LSTMCell"])
@pytest.mark.parametrize("dtype", [np.float64, np.int64])
def test_an_input_of_another_dtype_than_the_weights_is_refused(name, dtype):
    with pytest.raises(TypeError, match="the weights float32"):
        getattr(solutions, name)(D, H)(np.zeros((N, D), dtype))
