"""What only one side has as a class: a few lines make the other one."""

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

import solutions


class DotProductAttention(solutions.Layer):
    """Our pair of functions as a layer."""

    def forward(self, *arrays: np.ndarray) -> np.ndarray:
        y, self.cache = solutions.scaled_dot_product_attention_forward(*arrays)
        return y

    def backward(self, grad_y: np.ndarray) -> tuple[Any, ...]:
        return solutions.scaled_dot_product_attention_backward(grad_y, self.cache)[:3]


class TorchDotProductAttention(torch.nn.Module):
    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        return F.scaled_dot_product_attention(*tensors)


class SelfAttention(solutions.Layer):
    """One array is query, key and value, as in a transformer."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__()
        self.layers["inner"] = solutions.MultiheadAttention(*args, **options)

    def forward(self, x: np.ndarray) -> np.ndarray:
        return self.layers["inner"](x, x, x, need_weights=False)[0]

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        grad_query, grad_key, grad_value = self.layers["inner"].backward(grad_y)
        return grad_query + grad_key + grad_value


class TorchSelfAttention(torch.nn.Module):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__()
        self.inner = torch.nn.MultiheadAttention(*args, **options)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x, x, x, need_weights=False)[0]


class TorchAdditiveAttention(torch.nn.Module):
    def __init__(self, query_dim: int, key_dim: int, hidden_dim: int) -> None:
        super().__init__()
        for name, size in (("query", query_dim), ("key", key_dim), ("score", 1)):
            weight = torch.randn(hidden_dim, size) / size**0.5
            weight = weight[:, 0] / hidden_dim**0.5 if name == "score" else weight
            setattr(self, f"weight_{name}", torch.nn.Parameter(weight))

    def forward(
        self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor
    ) -> torch.Tensor:
        from_query = F.linear(query, self.weight_query)[..., :, None, :]
        from_key = F.linear(key, self.weight_key)[..., None, :, :]
        scores = torch.tanh(from_query + from_key) @ self.weight_score
        return torch.softmax(scores, -1) @ value


class TorchFilterResponseNorm(torch.nn.Module):
    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(num_features))
        self.bias = torch.nn.Parameter(torch.zeros(num_features))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mean_square = x.square().mean((2, 3), keepdim=True)
        z = x * torch.rsqrt(mean_square + 1e-6)
        return z * self.weight[:, None, None] + self.bias[:, None, None]
