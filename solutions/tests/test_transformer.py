"""Transformer layers: dropout with our masks, causality, whole models, refusals."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import solutions
from solutions import (
    GELU,
    Embedding,
    LayerNorm,
    Linear,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
    sinusoidal_positions,
)

N, L, S, E, M, V = 2, 4, 5, 6, 3, 11


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


class Masked(torch.nn.Module):
    """Multiplies by a mask, where torch would draw one."""

    def __init__(self, mask: np.ndarray) -> None:
        super().__init__()
        self.mask = torch.tensor(mask)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.mask


def give_masks(ours: solutions.Layer, theirs: torch.nn.Module, monkeypatch) -> None:
    """Let torch drop what our last forward pass dropped."""
    masks = []
    for name, layer in ours.layers.items():
        if isinstance(layer, solutions.Dropout):
            (mask,) = layer.cache
            assert 0 < (mask == 0).mean() < 1, f"{name} drops some and keeps some"
            setattr(theirs, name, Masked(mask))
        if isinstance(layer, solutions.MultiheadAttention):
            *_, dropped, _ = layer.cache
            masks.append(dropped)

    def attend(query, key, value, attn_mask, dropout_p, is_causal):
        weights = (query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5).softmax(-1)
        assert dropout_p == 0.3
        return (weights * torch.tensor(masks.pop(0))) @ value

    monkeypatch.setattr(F, "scaled_dot_product_attention", attend)


@pytest.mark.parametrize("name", ["TransformerEncoderLayer", "TransformerDecoderLayer"])
@pytest.mark.parametrize("norm_first", [False, True])
def test_dropout_agrees_with_torch_given_our_masks(rng, monkeypatch, name, norm_first):
    options = {"dropout": 0.3, "norm_first": norm_first, "dim_feedforward": 8}
    theirs = getattr(torch.nn, name)(E, M, **options).double()
    ours = getattr(solutions, name)(E, M, **options, rng=rng).double()
    ours.load_state_dict(theirs.state_dict())
    shapes = [(L, N, E), (S, N, E)][: 2 if "Decoder" in name else 1]
    arrays = [rng.standard_normal(shape) for shape in shapes]
    y = ours(*arrays)
    give_masks(ours, theirs, monkeypatch)
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    want = theirs(*tensors)
    np.testing.assert_allclose(y, want.detach(), rtol=1e-9, atol=1e-12)
    grad_y = rng.standard_normal(y.shape)
    want.backward(torch.tensor(grad_y))
    grads = ours.backward(grad_y)
    for grad, t in zip(grads if len(arrays) > 1 else [grads], tensors, strict=True):
        np.testing.assert_allclose(grad, t.grad, rtol=1e-8, atol=1e-11)
    for key, p in theirs.named_parameters():
        np.testing.assert_allclose(ours.grads[key], p.grad, rtol=1e-8, atol=1e-11)


def test_copies_in_an_encoder_start_equal_and_draw_different_masks(rng):
    layer = TransformerEncoderLayer(E, M, 8, dropout=0.5, rng=rng)
    encoder = TransformerEncoder(layer, 2)
    one, two = encoder.layers.values()
    for name, array in one.params.items():
        np.testing.assert_array_equal(array, two.params[name])
        assert array is not two.params[name]
        assert array is not layer.params[name]
    encoder(rng.standard_normal((L, N, E)).astype(np.float32))
    assert (one.layers["dropout1"].cache[0] != two.layers["dropout1"].cache[0]).any()


def test_a_causal_encoder_leaks_nothing(rng):
    layer = TransformerEncoderLayer(E, M, 8, dropout=0.0, rng=rng)
    encoder = TransformerEncoder(layer, 3, LayerNorm(E)).double()
    x, mask = rng.standard_normal((L, N, E)), ~np.tri(L, dtype=bool)
    y = encoder(x, mask)
    for t in range(L):
        changed = x.copy()
        changed[t:] = rng.standard_normal((L - t, N, E))
        np.testing.assert_allclose(encoder(changed, mask)[:t], y[:t], rtol=1e-12)


def test_any_layer_can_be_the_activation(rng):
    options = {"dim_feedforward": 8, "dropout": 0.0}
    named = TransformerEncoderLayer(E, M, **options, activation="gelu", rng=rng)
    given = TransformerEncoderLayer(E, M, **options, activation=GELU(), rng=rng)
    given.load_state_dict(named.state_dict())
    x = rng.standard_normal((L, N, E)).astype(np.float32)
    np.testing.assert_array_equal(named(x), given(x))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"activation": "tanh"}, ValueError, 'must be "relu" or "gelu", not \'tanh\''),
        ({"activation": np.tanh}, TypeError, "must be a name or a layer"),
        ({"nhead": 4}, ValueError, "must be a positive multiple of num_heads"),
        ({"dropout": 1.5}, ValueError, "between 0 and 1"),
    ],
)
def test_options_that_torch_refuses_are_refused(options, error, message):
    for layer in (TransformerEncoderLayer, TransformerDecoderLayer):
        with pytest.raises(error, match=message):
            layer(**{"d_model": E, "nhead": M, **options})


def test_is_causal_without_a_mask_is_refused(rng):
    x = np.zeros((L, N, E), np.float32)
    encoder = TransformerEncoder(TransformerEncoderLayer(E, M, 8, rng=rng), 1)
    with pytest.raises(ValueError, match="attn_mask must be given too"):
        encoder(x, is_causal=True)


class Language(solutions.Layer):
    """Two causal blocks between an embedding and a linear head."""

    def __init__(self) -> None:
        super().__init__()
        block = TransformerEncoderLayer(
            E, M, 8, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.layers = {
            "embedding": Embedding(V, E),
            "encoder": TransformerEncoder(block, 2, LayerNorm(E)),
            "head": Linear(E, V),
        }

    def forward(self, tokens: np.ndarray) -> np.ndarray:
        T = tokens.shape[1]
        x = self.layers["embedding"](tokens) + sinusoidal_positions(
            T, E, dtype=np.float64
        )
        return self.layers["head"](self.layers["encoder"](x, ~np.tri(T, dtype=bool)))

    def backward(self, grad_y: np.ndarray) -> None:
        for layer in reversed(self.layers.values()):
            grad_y = layer.backward(grad_y)


class TorchLanguage(torch.nn.Module):
    """The same in torch."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(V, E)
        block = torch.nn.TransformerEncoderLayer(
            E, M, 8, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        norm = torch.nn.LayerNorm(E)
        self.encoder = torch.nn.TransformerEncoder(block, 2, norm, False)
        self.head = torch.nn.Linear(E, V)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        T = tokens.shape[1]
        x = self.embedding(tokens) + torch.tensor(
            sinusoidal_positions(T, E, dtype=np.float64)
        )
        mask = torch.triu(torch.ones(T, T, dtype=torch.bool), 1)
        return self.head(self.encoder(x, mask, is_causal=True))


@pytest.mark.parametrize("back", [False, True])
def test_a_language_model_agrees_with_weights_copied_either_way(rng, back):
    ours, theirs = Language().double(), TorchLanguage().double()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    if back:
        state = {k: torch.tensor(a) for k, a in ours.state_dict().items()}
        theirs.load_state_dict(state)
    else:
        ours.load_state_dict(theirs.state_dict())
    tokens = rng.integers(0, V, (N, 7))
    y, want = ours(tokens), theirs(torch.tensor(tokens))
    np.testing.assert_allclose(y, want.detach(), rtol=1e-9, atol=1e-12)
    grad_y = rng.standard_normal(y.shape)
    ours.backward(grad_y)
    want.backward(torch.tensor(grad_y))
    for name, p in theirs.named_parameters():
        np.testing.assert_allclose(ours.grads[name], p.grad, rtol=1e-8, atol=1e-11)
