"""The transformer's layers (chapter 19; `torch.nn.TransformerEncoderLayer`, ...)."""

import copy
from collections.abc import Callable, Iterator

import numpy as np

from solutions.activations import ReLU
from solutions.dropout import Dropout
from solutions.gelu import GELU
from solutions.layer import Layer
from solutions.layer_norm import LayerNorm
from solutions.linear import Linear
from solutions.multihead import MultiheadAttention

Sublayer = Callable[[np.ndarray], np.ndarray]


class Block(Layer):
    """Sublayers, each with a way around it: what the two layers below share.

    Options:
        d_model, nhead   entries of a vector, heads of each attention
        dim_feedforward  width of the feed-forward network
        dropout          share of weights and of what sublayers give, in training
        activation       "relu", "gelu" or a layer
        layer_norm_eps   eps of every LayerNorm
        batch_first      arrays are (N, T, d_model), not (T, N, d_model)
        norm_first       x + f(norm(x)) (Xiong et al., 2020), not norm(x + f(x))
        bias             False: no Linear, LayerNorm or attention has a bias

    Raises:
        ValueError, TypeError: what MultiheadAttention, Dropout and LayerNorm refuse; an
            activation that is neither "relu" nor "gelu" nor a layer.
    """

    attentions: tuple[str, ...]

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Layer = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.norm_first = norm_first
        rng = rng or np.random.default_rng()
        for name in self.attentions:
            self.layers[name] = MultiheadAttention(
                d_model, nhead, dropout, bias, batch_first=batch_first, rng=rng
            )
        self.layers["linear1"] = Linear(d_model, dim_feedforward, bias, rng=rng)
        self.layers["dropout"] = Dropout(dropout, rng=rng)
        self.layers["linear2"] = Linear(dim_feedforward, d_model, bias, rng=rng)
        numbers = range(1, len(self.attentions) + 2)  # one for each sublayer
        for i in numbers:
            self.layers[f"norm{i}"] = LayerNorm(d_model, layer_norm_eps, bias=bias)
        for i in numbers:
            self.layers[f"dropout{i}"] = Dropout(dropout, rng=rng)
        self.layers["activation"] = activation_of(activation)

    def around(self, i: int, sublayer: Sublayer, x: np.ndarray) -> np.ndarray:
        """Add to x what sublayer i makes of it."""
        norm, dropout = self.layers[f"norm{i}"], self.layers[f"dropout{i}"]
        if self.norm_first:
            return x + dropout(sublayer(norm(x)))
        return norm(x + dropout(sublayer(x)))

    def around_backward(
        self, i: int, sublayer_backward: Sublayer, grad: np.ndarray
    ) -> np.ndarray:
        norm, dropout = self.layers[f"norm{i}"], self.layers[f"dropout{i}"]
        if self.norm_first:
            inner = sublayer_backward(dropout.backward(grad))
            return grad + norm.backward(inner)
        grad = norm.backward(grad)
        return grad + sublayer_backward(dropout.backward(grad))

    def self_attention_backward(self, grad: np.ndarray) -> np.ndarray:
        """One vector was query, key and value."""
        grad_query, grad_key, grad_value = self.layers["self_attn"].backward(grad)
        return grad_query + grad_key + grad_value

    def feed_forward(self, x: np.ndarray) -> np.ndarray:
        """The same small network at every position."""
        for name in ("linear1", "activation", "dropout", "linear2"):
            x = self.layers[name](x)
        return x

    def feed_forward_backward(self, grad: np.ndarray) -> np.ndarray:
        for name in ("linear2", "dropout", "activation", "linear1"):
            grad = self.layers[name].backward(grad)
        return grad


class TransformerEncoderLayer(Block):
    """Self-attention and a feed-forward network (`torch.nn.TransformerEncoderLayer`).

    (Vaswani et al., 2017.) See `Block` for the options. Masks are those of
    `MultiheadAttention`: True, or -inf, forbids.

    Example:
        >>> layer = TransformerEncoderLayer(6, 2, 8, rng=np.random.default_rng(0))
        >>> layer(np.ones((5, 3, 6), np.float32)).shape
        (5, 3, 6)
    """

    attentions = ("self_attn",)

    def forward(
        self,
        src: np.ndarray,
        src_mask: np.ndarray | None = None,
        src_key_padding_mask: np.ndarray | None = None,
        is_causal: bool = False,
    ) -> np.ndarray:
        def attend(x: np.ndarray) -> np.ndarray:
            attention = self.layers["self_attn"]
            masks = (src_key_padding_mask, False, src_mask, True, is_causal)
            return attention(x, x, x, *masks)[0]

        x = self.around(1, attend, src)
        return self.around(2, self.feed_forward, x)

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        grad = self.around_backward(2, self.feed_forward_backward, grad_y)
        return self.around_backward(1, self.self_attention_backward, grad)


class TransformerDecoderLayer(Block):
    """A layer that also looks at a memory (`torch.nn.TransformerDecoderLayer`).

    (Vaswani et al., 2017.) See `Block` for the options. Masks are those of
    `MultiheadAttention`: True, or -inf, forbids. `backward` returns the gradients of
    tgt and memory.

    Example:
        >>> layer = TransformerDecoderLayer(6, 2, 8, rng=np.random.default_rng(0))
        >>> tgt, memory = np.ones((5, 3, 6), np.float32), np.ones((7, 3, 6), np.float32)
        >>> layer(tgt, memory).shape
        (5, 3, 6)
    """

    attentions = ("self_attn", "multihead_attn")

    def forward(
        self,
        tgt: np.ndarray,
        memory: np.ndarray,
        tgt_mask: np.ndarray | None = None,
        memory_mask: np.ndarray | None = None,
        tgt_key_padding_mask: np.ndarray | None = None,
        memory_key_padding_mask: np.ndarray | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> np.ndarray:
        def attend(x: np.ndarray) -> np.ndarray:
            attention = self.layers["self_attn"]
            masks = (tgt_key_padding_mask, False, tgt_mask, True, tgt_is_causal)
            return attention(x, x, x, *masks)[0]

        def look(x: np.ndarray) -> np.ndarray:
            attention = self.layers["multihead_attn"]
            masks = (
                memory_key_padding_mask,
                False,
                memory_mask,
                True,
                memory_is_causal,
            )
            return attention(x, memory, memory, *masks)[0]

        x = self.around(1, attend, tgt)
        x = self.around(2, look, x)
        return self.around(3, self.feed_forward, x)

    def backward(self, grad_y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        to_memory: list[np.ndarray] = []

        def look_backward(grad: np.ndarray) -> np.ndarray:
            grad_x, grad_key, grad_value = self.layers["multihead_attn"].backward(grad)
            to_memory.append(grad_key + grad_value)
            return grad_x

        grad = self.around_backward(3, self.feed_forward_backward, grad_y)
        grad = self.around_backward(2, look_backward, grad)
        grad_tgt = self.around_backward(1, self.self_attention_backward, grad)
        return grad_tgt, to_memory[0]


class TransformerEncoder(Layer):
    """A stack of encoder layers (`torch.nn.TransformerEncoder`).

    The layers are copies of `encoder_layer`: they start equal, as torch's do, but draw
    their dropout from one generator. `norm`, a layer, comes last.
    `enable_nested_tensor` and `mask_check` say how torch computes; here they change
    nothing.

    Example:
        >>> layer = TransformerEncoderLayer(6, 2, 8, rng=np.random.default_rng(0))
        >>> encoder = TransformerEncoder(layer, num_layers=2, norm=LayerNorm(6))
        >>> encoder(np.ones((5, 3, 6), np.float32)).shape
        (5, 3, 6)
        >>> list(encoder.params)[-4:]
        ['layers.1.norm2.weight', 'layers.1.norm2.bias', 'norm.weight', 'norm.bias']
    """

    def __init__(
        self,
        encoder_layer: Layer,
        num_layers: int,
        norm: Layer | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.num_layers = num_layers
        shared = {id(rng): rng for rng in generators(encoder_layer)}
        for i in range(num_layers):
            self.layers[f"layers.{i}"] = copy.deepcopy(encoder_layer, dict(shared))
        if norm is not None:
            self.layers["norm"] = norm

    def forward(
        self,
        src: np.ndarray,
        mask: np.ndarray | None = None,
        src_key_padding_mask: np.ndarray | None = None,
        is_causal: bool | None = None,
    ) -> np.ndarray:
        x = src
        for name, layer in self.layers.items():
            masks = (mask, src_key_padding_mask, bool(is_causal))
            x = layer(x) if name == "norm" else layer(x, *masks)
        return x

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        for layer in reversed(self.layers.values()):
            grad_y = layer.backward(grad_y)
        return grad_y


def activation_of(activation: str | Layer) -> Layer:
    """The layer that an option names."""
    if isinstance(activation, Layer):
        return activation
    if not isinstance(activation, str):
        raise TypeError(f"activation must be a name or a layer, not {activation!r}")
    if activation not in ("relu", "gelu"):
        raise ValueError(f'activation must be "relu" or "gelu", not {activation!r}')
    return ReLU() if activation == "relu" else GELU()


def generators(layer: Layer) -> Iterator[np.random.Generator]:
    """The random generators of a layer and its inner layers."""
    if hasattr(layer, "rng"):
        yield layer.rng
    for inner in layer.layers.values():
        yield from generators(inner)
