"""Multi-head attention (chapter 19; `torch.nn.MultiheadAttention`)."""

import math

import numpy as np

from solutions.attend import attend_backward, attend_forward, weights_used
from solutions.dropout import check_probability
from solutions.layer import Layer
from solutions.linear import Linear, linear_backward, linear_forward
from solutions.masks import causal_mask, merged_mask


def split_heads(x: np.ndarray, M: int) -> np.ndarray:
    """(N, T, M * E) to (N, M, T, E): each head gets its own entries of each vector.

    Example:
        >>> split_heads(np.array([[[1, 2, 3, 4]]]), 2)[0]
        array([[[1, 2]],
        <BLANKLINE>
               [[3, 4]]])
    """
    N, T, E = x.shape
    return x.reshape(N, T, M, E // M).swapaxes(1, 2)


def merge_heads(x: np.ndarray) -> np.ndarray:
    """(N, M, T, E) to (N, T, M * E): the way back."""
    N, M, T, E = x.shape
    return x.swapaxes(1, 2).reshape(N, T, M * E)


class MultiheadAttention(Layer):
    """Attention in several subspaces at once (`torch.nn.MultiheadAttention`).

    Queries, keys and values are projected to M heads of E / M entries each; every head
    attends by itself; what they find is put side by side and projected once more
    (Vaswani et al., 2017).

    Options:
        dropout        in training, weights are dropped with this probability
        bias           False: no in_proj_bias, no out_proj.bias
        add_bias_kv    one learned key and value more, bias_k and bias_v
        add_zero_attn  one key and value of zeros more
        kdim, vdim     sizes of key and value, E by default
        batch_first    arrays are (N, T, ...), not (T, N, ...)

    Learned:
        in_proj_weight   (3 E, E)  for query, key, value, one after the other; or, where
                                   kdim or vdim is not E: q_proj_weight (E, E),
                                   k_proj_weight (E, kdim), v_proj_weight (E, vdim)
        in_proj_bias     (3 E,)
        bias_k, bias_v   (1, 1, E)
        out_proj.weight  (E, E), out_proj.bias (E,)

    Raises:
        ValueError, TypeError: an option, a shape or a mask that torch refuses.

    Example:
        >>> layer = MultiheadAttention(6, 2, rng=np.random.default_rng(0))
        >>> query, key = np.ones((5, 3, 6), np.float32), np.ones((7, 3, 6), np.float32)
        >>> output, weights = layer(query, key, key)
        >>> output.shape, weights.shape
        ((5, 3, 6), (3, 5, 7))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0 or embed_dim % num_heads:
            raise ValueError(
                f"embed_dim {embed_dim} must be a positive multiple of num_heads, "
                f"{num_heads}"
            )
        check_probability(dropout)
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.sizes = [embed_dim, kdim or embed_dim, vdim or embed_dim]
        self.add_zero_attn, self.batch_first = add_zero_attn, batch_first
        self.rng = rng or np.random.default_rng()
        self.add_projections(bias)
        if add_bias_kv:
            for name in ("bias_k", "bias_v"):
                extra = self.rng.standard_normal((1, 1, embed_dim), np.float32)
                self.add_params(**{name: extra / np.float32(math.sqrt(embed_dim))})

    def add_projections(self, bias: bool) -> None:
        """Uniform weights (Glorot and Bengio, 2010), biases of zero."""
        E = self.embed_dim
        shapes = {"in_proj_weight": (3 * E, E)}
        if self.sizes != [E] * 3:
            names = [f"{letter}_proj_weight" for letter in "qkv"]
            shapes = {n: (E, size) for n, size in zip(names, self.sizes, strict=True)}
        for name, shape in shapes.items():
            bound = math.sqrt(6 / sum(shape))
            weight = self.rng.uniform(-bound, bound, shape).astype(np.float32)
            self.add_params(**{name: weight})
        self.layers["out_proj"] = Linear(E, E, bias=bias, rng=self.rng)
        if bias:
            self.add_params(in_proj_bias=np.zeros(3 * E, np.float32))
            self.layers["out_proj"].own_params["bias"][...] = 0

    def projections(self, arrays: dict[str, np.ndarray]) -> list[tuple]:
        """Weight and bias for query, key, value: views of parameters or gradients."""
        E, bias = self.embed_dim, arrays.get("in_proj_bias")
        rows = [slice(i * E, (i + 1) * E) for i in range(3)]
        if "in_proj_weight" in arrays:
            weights = [arrays["in_proj_weight"][r] for r in rows]
        else:
            weights = [arrays[f"{letter}_proj_weight"] for letter in "qkv"]
        return [
            (w, None if bias is None else bias[r])
            for w, r in zip(weights, rows, strict=True)
        ]

    def forward(
        self,
        query: np.ndarray,
        key: np.ndarray,
        value: np.ndarray,
        key_padding_mask: np.ndarray | None = None,
        need_weights: bool = True,
        attn_mask: np.ndarray | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Attend; masks are True, or -inf, where a query must not look at a key.

        Shapes (without N for a single sequence; (N, L, E) and so on with batch_first):
            query             (L, N, E)
            key, value        (S, N, kdim), (S, N, vdim)
            key_padding_mask  (N, S)
            attn_mask         (L, S) or (N * M, L, S)
            output            (L, N, E)
            weights           (N, L, S), the mean over the heads; (N, M, L, S) without
                              average_attn_weights; None without need_weights;
                              S is larger by the keys that options add

        A query that may look at no key gets NaN, or without need_weights 0 before
        out_proj, as in torch.
        `is_causal` says that attn_mask is the causal mask, which must be given too.
        """
        self.check_shapes(query, key, value)
        if is_causal and attn_mask is None:
            raise ValueError("is_causal is but a hint: attn_mask must be given too")
        self.batched, self.averaged = query.ndim == 3, average_attn_weights
        q, k, v = self.project([self.batch_first_of(a) for a in (query, key, value)])
        if key_padding_mask is not None and not self.batched:
            key_padding_mask = key_padding_mask[None]
        N, M, L, _ = q.shape
        S = self.caches[1][0].shape[1]  # without the keys that options add
        extra = k.shape[2] - S
        mask = merged_mask(key_padding_mask, attn_mask, (N, M, L, S), extra, q.dtype)
        if is_causal and key_padding_mask is None and not need_weights:
            mask = causal_mask(L, S + extra, q.dtype)  # torch trusts the hint just here
        heads, self.cache = attend_forward(
            q,
            k,
            v,
            mask,
            scale=1 / math.sqrt(self.embed_dim // self.num_heads),
            dropout_p=self.dropout if self.training else 0.0,
            rng=self.rng,
            nothing=math.nan if need_weights else 0.0,
        )
        output = self.layers["out_proj"](merge_heads(heads))
        output = self.batch_first_of(output, undo=True)
        return output, self.weights_seen() if need_weights else None

    def weights_seen(self) -> np.ndarray:
        """The weights of the last call, averaged over the heads if asked for."""
        weights = weights_used(self.cache)
        weights = weights.mean(axis=1) if self.averaged else weights
        return weights if self.batched else weights[0]

    def backward(
        self, grad_output: np.ndarray, grad_weights: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The gradients of query, key and value; `grad_weights` is None for zeros."""
        grad = self.layers["out_proj"].backward(self.batch_first_of(grad_output))
        if grad_weights is not None:
            grad_weights = grad_weights if self.batched else grad_weights[None]
            if self.averaged:
                grad_weights = grad_weights[:, None] / self.num_heads
        heads = split_heads(grad, self.num_heads)
        grads = attend_backward(heads, self.cache, grad_weights)[:3]
        grad_query, grad_key, grad_value = self.project_backward(list(grads))
        return (
            self.batch_first_of(grad_query, undo=True),
            self.batch_first_of(grad_key, undo=True),
            self.batch_first_of(grad_value, undo=True),
        )

    def check_shapes(
        self, query: np.ndarray, key: np.ndarray, value: np.ndarray
    ) -> None:
        arrays = (query, key, value)
        came = ", ".join(str(a.shape) for a in arrays)
        if query.ndim not in (2, 3) or {a.ndim for a in arrays} != {query.ndim}:
            raise ValueError(
                f"query, key, value must have 2 axes or 3 each, not {came}"
            )
        if [a.shape[-1] for a in arrays] != self.sizes:
            want = ", ".join(map(str, self.sizes))
            raise ValueError(f"query, key, value must end in {want}, not {came}")
        batch = 0 if self.batch_first else 1
        one_batch = query.ndim == 2 or query.shape[batch] == key.shape[batch]
        if key.shape[:-1] != value.shape[:-1] or not one_batch:
            raise ValueError(
                f"query, key, value must have one N, key and value one S: {came}"
            )

    def batch_first_of(self, x: np.ndarray, undo: bool = False) -> np.ndarray:
        """(N, T, ...) of what the caller gives; `undo` goes back."""
        if not self.batched:
            return x[0] if undo else x[None]
        return x if self.batch_first else x.swapaxes(0, 1)

    def project(self, inputs: list[np.ndarray]) -> list[np.ndarray]:
        """Queries, keys and values (N, M, T, E / M) of inputs (N, T, features)."""
        pairs = zip(inputs, self.projections(self.own_params), strict=True)
        results = [linear_forward(x, weight, bias) for x, (weight, bias) in pairs]
        outputs, self.caches = [y for y, _ in results], [cache for _, cache in results]
        N = len(inputs[0])
        for i, name in ((1, "bias_k"), (2, "bias_v")):
            if name in self.own_params:
                extra = self.own_params[name].repeat(N, axis=0)
                outputs[i] = np.concatenate([outputs[i], extra], axis=1)
            if self.add_zero_attn:
                nothing = np.zeros_like(outputs[i], shape=(N, 1, self.embed_dim))
                outputs[i] = np.concatenate([outputs[i], nothing], axis=1)
        return [split_heads(y, self.num_heads) for y in outputs]

    def project_backward(self, grads: list[np.ndarray]) -> list[np.ndarray]:
        grads = [merge_heads(grad) for grad in grads]
        for i, name in ((1, "bias_k"), (2, "bias_v")):
            T = self.caches[i][0].shape[1]  # without what was added after the inputs
            if name in self.own_params:
                added = grads[i][:, T : T + 1].sum(axis=0, keepdims=True)
                self.add_grads(**{name: added})
            grads[i] = grads[i][:, :T]
        results = [
            linear_backward(*pair) for pair in zip(grads, self.caches, strict=True)
        ]
        for sums, (_, *found) in zip(
            self.projections(self.own_grads), results, strict=True
        ):
            for total, grad in zip(sums, found, strict=True):
                if total is not None:
                    total[...] += grad
        return [grad_x for grad_x, *_ in results]
