"""Dropout: the mask is torch's in kind, and one mask serves both directions."""

import numpy as np
import pytest
import torch

import solutions
from solutions import Dropout, dropout_backward, dropout_forward


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


LAYERS = {
    "Dropout": [(6,), (4, 5), (2, 3, 4, 5)],
    "Dropout1d": [(20, 5), (6, 5, 4)],
    "Dropout2d": [(6, 5), (6, 5, 4), (6, 5, 3, 4), (4, 5, 2, 3, 4)],
    "Dropout3d": [(9,), (9, 4), (9, 4, 3), (9, 4, 3, 2), (5, 6, 2, 3, 4)],
}
CASES = [(name, shape) for name, shapes in LAYERS.items() for shape in shapes]


@pytest.mark.parametrize("p", [0.25, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 3, 4)], ids=str)
def test_agrees_with_torch_given_the_mask(rng, shape, p):
    x, grad_y = rng.standard_normal(shape), rng.standard_normal(shape)
    y, cache = dropout_forward(x, p=p, rng=rng)
    kept = torch.tensor(cache[0] != 0)
    t = torch.tensor(x, requires_grad=True)
    want = t * kept / (1 - p)
    want.backward(torch.tensor(grad_y))
    np.testing.assert_allclose(y, want.detach(), rtol=1e-12)
    np.testing.assert_allclose(dropout_backward(grad_y, cache), t.grad, rtol=1e-12)


def independent_axes(y: np.ndarray) -> int:
    """The leading axes that tell which entries stand and fall together."""
    for axes in range(y.ndim + 1):
        rows = y.reshape(int(np.prod(y.shape[:axes])), -1)
        if (rows == rows[:, :1]).all():
            return axes
    raise AssertionError


@pytest.mark.filterwarnings("ignore:dropout:UserWarning")  # deprecated, not refused
@pytest.mark.parametrize(("name", "shape"), CASES, ids=str)
def test_drops_together_what_torch_drops_together(rng, name, shape):
    torch.manual_seed(1)
    if shape == (9,):  # torch takes the one axis as one channel a row
        want = 1
    else:
        want = independent_axes(getattr(torch.nn, name)()(torch.ones(shape)).numpy())
    y = getattr(solutions, name)(rng=rng)(np.ones(shape))
    assert set(np.unique(y)) == {0.0, 2.0}
    assert independent_axes(y) == want


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("name", LAYERS)
def test_drops_a_share_of_p_and_keeps_the_mean(rng, name, p):
    shape = (300, 200) + (1,) * int(name[7:8] or 0)
    y = getattr(solutions, name)(p, rng=rng)(np.ones(shape, np.float32))
    error = 4 * np.sqrt(p * (1 - p) / y.size)  # four standard deviations
    assert abs((y == 0).mean() - p) < error
    assert abs(y.mean(dtype=np.float64) - 1) < error / (1 - p)
    assert y.dtype == np.float32


def test_backward_uses_the_mask_of_the_last_forward(rng):
    layer, x = Dropout(rng=rng), rng.standard_normal((50, 4))
    first, second = layer(x), layer(x)
    assert (first != second).any()
    for _ in range(2):
        np.testing.assert_array_equal(layer.backward(x), second)


def test_the_same_seed_draws_the_same_mask():
    x = np.ones(100)
    first = Dropout(rng=np.random.default_rng(3))
    second = Dropout(rng=np.random.default_rng(3))
    np.testing.assert_array_equal(first(x), second(x))
    assert (Dropout()(x) != Dropout()(x)).any(), "without a seed each layer has its own"


def test_a_dropped_infinity_is_not_a_number_as_in_torch(rng):
    x = np.full(40, np.inf)
    with np.errstate(invalid="ignore"):
        y, (mask,) = dropout_forward(x, rng=rng)
    assert np.isnan(y[mask == 0]).all()
    assert np.isinf(y[mask > 0]).all()


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
@pytest.mark.parametrize("name", LAYERS)
def test_refuses_a_p_that_is_no_probability(name, p):
    with pytest.raises(ValueError, match=f"p must be between 0 and 1, got {p}"):
        getattr(solutions, name)(p)


def test_refuses_inputs_of_a_wrong_kind(rng):
    for shape in [(), (3,), (2, 3, 4, 5)]:
        with pytest.raises(ValueError, match="Dropout1d takes"):
            solutions.Dropout1d()(np.ones(shape))
    with pytest.raises(ValueError, match="Dropout2d takes"):
        solutions.Dropout2d()(np.ones(3))
    with pytest.raises(ValueError, match="Dropout3d takes"):
        solutions.Dropout3d()(np.ones(()))
    with pytest.raises(TypeError):
        dropout_forward(np.arange(5), rng=rng)


def test_takes_read_only_and_strided_inputs(rng):
    x = rng.standard_normal((6, 8))[:, ::2]
    x.flags.writeable = False
    y, (mask,) = dropout_forward(x, rng=rng)
    np.testing.assert_array_equal(y, x * mask)
