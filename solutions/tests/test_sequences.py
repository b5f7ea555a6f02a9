"""Embeddings and positions: errors, identities, what the battery cannot draw."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from solutions import Embedding, EmbeddingBag, embedding_forward
from solutions.embedding import add_rows
from solutions.embedding_bag import divisors
from solutions.gradients import numerical_vjp


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(7, 1), (1, 4), (500, 3), (0, 3)])
def test_rows_are_added_as_add_at_does(rng, shape):
    rows, index = rng.standard_normal(shape), rng.integers(0, 6, shape[0])
    want = np.zeros((6, shape[1]))
    np.add.at(want, index, rows)
    np.testing.assert_allclose(add_rows(rows, index, 6), want, rtol=1e-12, atol=1e-15)


def test_a_lookup_is_the_product_with_one_hot_rows(rng):
    x, weight = rng.integers(0, 6, (3, 4)), rng.standard_normal((6, 5))
    np.testing.assert_array_equal(
        embedding_forward(x, weight)[0], np.eye(6)[x] @ weight
    )


def test_embedding_starts_normal_with_a_padding_row_of_zeros(rng):
    weight = Embedding(1000, 20, padding_idx=-1, rng=rng).params["weight"]
    assert weight.dtype == np.float32
    assert not weight[-1].any()
    assert abs(weight.mean()) < 0.02
    assert abs(weight.std() - 1) < 0.02


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, np.inf])
@pytest.mark.parametrize("name", ["Embedding", "EmbeddingBag"])
def test_max_norm_shrinks_the_rows_for_good(rng, name, norm_type):
    options = {"max_norm": 0.7, "norm_type": norm_type}
    ours = {"Embedding": Embedding, "EmbeddingBag": EmbeddingBag}[name](9, 4, **options)
    theirs = getattr(torch.nn, name)(9, 4, **options)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    x = rng.integers(0, 6, (3, 4))
    kept = ours.state_dict()["weight"]
    ours(x), theirs(torch.tensor(x))
    np.testing.assert_allclose(kept, theirs.weight.detach(), rtol=1e-6)
    assert np.linalg.norm(kept[x.ravel()], norm_type, axis=1).max() < 0.7001
    assert np.linalg.norm(kept[6:], norm_type, axis=1).max() > 0.7001


@pytest.mark.parametrize("mode", ["sum", "mean"])
def test_bags_scale_gradients_by_frequency_where_all_are_equal(rng, mode):
    """There torch's bags agree with `torch.nn.Embedding` and their own description."""
    x = rng.permutation(np.repeat(np.arange(6), 4)).reshape(3, 8)
    layer = EmbeddingBag(6, 5, mode=mode, scale_grad_by_freq=True).double()
    weight = torch.tensor(layer.params["weight"], requires_grad=True)
    rows = F.embedding(torch.tensor(x), weight, scale_grad_by_freq=True)
    want = rows.sum(1) if mode == "sum" else rows.mean(1)
    grad_y = rng.standard_normal((3, 5))
    want.backward(torch.tensor(grad_y))
    np.testing.assert_allclose(layer(x), want.detach(), rtol=1e-12)
    assert layer.backward(grad_y) is None
    np.testing.assert_allclose(layer.grads["weight"], weight.grad, rtol=1e-12)


def test_bags_mix_frequencies_up_as_torch_does():
    """If this fails, torch is mended: `divisors` can be the frequencies."""
    x, grad_y = np.array([[1, 1, 3]]), np.ones((1, 1))
    theirs = torch.nn.EmbeddingBag(4, 1, mode="sum", scale_grad_by_freq=True)
    theirs(torch.tensor(x)).backward(torch.tensor(grad_y, dtype=torch.float32))
    np.testing.assert_array_equal(theirs.weight.grad.ravel(), [0, 1, 0, 0.5])
    np.testing.assert_array_equal(divisors(x, 4), [1, 2, 1, 2])  # 3 comes but once


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_equal_rows_in_a_bag_share_as_torch_says(rng, mode):
    theirs = torch.nn.EmbeddingBag(6, 5, mode=mode).double()
    theirs.weight.data.round_()  # ties
    ours = EmbeddingBag(6, 5, mode=mode).double()
    ours.load_state_dict(theirs.state_dict())
    x, grad_y = rng.integers(0, 6, (4, 9)), rng.standard_normal((4, 5))
    theirs(torch.tensor(x)).backward(torch.tensor(grad_y))
    ours(x)
    ours.backward(grad_y)
    np.testing.assert_allclose(ours.grads["weight"], theirs.weight.grad, rtol=1e-12)


def test_offsets_and_rows_of_bags_mean_the_same(rng):
    layer, x = EmbeddingBag(6, 5, rng=rng), rng.integers(0, 6, (4, 3))
    np.testing.assert_array_equal(layer(x), layer(x.ravel(), np.arange(0, 12, 3)))


def test_per_sample_weights_agree_with_central_differences(rng):
    layer = EmbeddingBag(6, 5, mode="sum", padding_idx=2).double()
    x, offsets = rng.integers(0, 6, 8), np.array([0, 3, 3])
    factors, grad_y = rng.standard_normal(8), rng.standard_normal((3, 5))
    layer(x, offsets, factors)
    *none, grad = layer.backward(grad_y)
    assert none == [None, None]
    want = numerical_vjp(lambda f: layer(x, offsets, f), factors, grad_y)
    np.testing.assert_allclose(grad, want, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("freeze", [True, False])
def test_pretrained_rows_are_frozen_unless_told_otherwise(rng, freeze):
    rows, x = rng.standard_normal((6, 5)), rng.integers(0, 6, 4)
    layer = Embedding.from_pretrained(rows, freeze=freeze, padding_idx=0)
    np.testing.assert_array_equal(layer(x), rows[x])
    layer.backward(rng.standard_normal((4, 5)))
    assert list(layer.params) == [] if freeze else ["weight"]
    assert list(layer.state_dict()) == ["weight"]
    with pytest.raises(ValueError, match=r"embeddings must be \(V, E\), not \(5,\)"):
        Embedding.from_pretrained(rows[0])


@pytest.mark.parametrize(
    ("x", "error"), [(-1, IndexError), (6, IndexError), (1.0, TypeError)]
)
@pytest.mark.parametrize("max_norm", [None, 1.0])
def test_what_is_no_index_is_refused(x, error, max_norm):
    for layer in (Embedding(6, 5, None, max_norm), EmbeddingBag(6, 5, max_norm)):
        with pytest.raises(error, match=r"x holds|x must hold integers, not float64"):
            layer(np.array([[0, x]]))


@pytest.mark.parametrize("padding_idx", [6, -7])
def test_padding_outside_the_table_is_refused(padding_idx):
    for layer in (Embedding, EmbeddingBag):
        with pytest.raises(
            ValueError, match=f"padding_idx {padding_idx} must be from -6"
        ):
            layer(6, 5, padding_idx=padding_idx)


BAD_BAGS = [
    ({"mode": "median"}, (), "mode must be"),
    ({"mode": "max", "scale_grad_by_freq": True}, (), "does not go with"),
    ({"mode": "max", "sparse": True}, (), "does not go with"),
    ({}, ([0, 1],), "offsets must be given"),
    ({}, ([[0, 1]], [0]), "offsets must be given"),
    ({}, ([[[0]]],), "x must be"),
    ({}, (np.zeros((2, 0), int),), "x must be"),
    ({}, ([0, 1], [1]), "offsets must rise from 0 to at most 2"),
    ({}, ([0, 1], [0, 3]), "offsets must rise from 0 to at most 2"),
    ({}, ([0, 1, 2], [0, 2, 1]), "offsets must rise"),
    ({}, ([0, 1], [0.0]), "offsets must be integers"),
    ({}, ([0, 1], [[0]]), "offsets must be integers"),
    ({"mode": "sum"}, ([0, 1], [0], [1.0]), "must have the shape of x"),
    ({"mode": "mean"}, ([0, 1], [0], [1.0, 2.0]), 'need mode "sum"'),
]


@pytest.mark.parametrize(("options", "arrays", "message"), BAD_BAGS)
def test_bags_that_torch_refuses_are_refused(options, arrays, message):
    with pytest.raises(ValueError, match=message):
        EmbeddingBag(6, 5, **options)(*map(np.asarray, arrays))
