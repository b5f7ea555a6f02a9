"""Whole networks, built in both: weights copied each way, logits and all gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import solutions
from solutions import Layer, Sequential

Pair = tuple[Layer, torch.nn.Module, np.ndarray]


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def lenet() -> Pair:
    def build(nn: Any) -> Any:
        return nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1),
            nn.Tanh(),
            nn.AvgPool2d(2),
            nn.Conv2d(4, 6, 3),
            nn.Tanh(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(6, 5),
            nn.ReLU(),
            nn.Linear(5, 3),
        )

    return build(solutions), build(torch.nn), rng().standard_normal((4, 1, 8, 8))


class Residual(Layer):
    """relu(body(x) + shortcut(x)), as in a residual network."""

    def __init__(self, body: Layer, shortcut: Layer) -> None:
        super().__init__()
        self.relu = solutions.ReLU()
        self.layers = {"body": body, "shortcut": shortcut, "relu": self.relu}

    def forward(self, x: np.ndarray) -> Any:
        body, shortcut = self.layers["body"], self.layers["shortcut"]
        return self.relu(body(x) + shortcut(x))

    def backward(self, grad_y: np.ndarray) -> Any:
        grad = self.relu.backward(grad_y)
        return self.layers["body"].backward(grad) + self.layers["shortcut"].backward(
            grad
        )


class TorchResidual(torch.nn.Module):
    def __init__(self, body: torch.nn.Module, shortcut: torch.nn.Module) -> None:
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet() -> Pair:
    def build(nn: Any, residual: Callable[..., Any]) -> Any:
        def block(C: int, K: int, stride: int) -> Any:
            body = nn.Sequential(
                nn.Conv2d(C, K, 3, stride, padding=1, bias=False),
                nn.BatchNorm2d(K),
                nn.ReLU(),
                nn.Conv2d(K, K, 3, padding=1, bias=False),
                nn.BatchNorm2d(K),
            )
            if stride == 1:
                return residual(body, nn.Identity())
            conv = nn.Conv2d(C, K, 1, stride, bias=False)
            return residual(body, nn.Sequential(conv, nn.BatchNorm2d(K)))

        return nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1, bias=False),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            block(4, 4, 1),
            block(4, 6, 2),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(6, 3),
        )

    x = rng().standard_normal((4, 3, 7, 6))
    return build(solutions, Residual), build(torch.nn, TorchResidual), x


class LastOutput(Layer):
    """A recurrent layer that gives its whole output and hides its final states."""

    def __init__(self, recurrent: Layer) -> None:
        super().__init__()
        self.layers = {"recurrent": recurrent}

    def forward(self, x: np.ndarray) -> Any:
        return self.layers["recurrent"](x)[0]

    def backward(self, grad_y: np.ndarray) -> Any:
        return self.layers["recurrent"].backward(grad_y)


class TorchLastOutput(torch.nn.Module):
    def __init__(self, recurrent: torch.nn.Module) -> None:
        super().__init__()
        self.recurrent = recurrent

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.recurrent(x)[0]


def bidirectional_lstm() -> Pair:
    options = {"num_layers": 2, "bidirectional": True, "batch_first": True}
    ours = Sequential(
        LastOutput(solutions.LSTM(3, 4, **options)), solutions.Linear(8, 5)
    )
    theirs = torch.nn.Sequential(
        TorchLastOutput(torch.nn.LSTM(3, 4, **options)), torch.nn.Linear(8, 5)
    )
    return ours, theirs, rng().standard_normal((2, 6, 3))


def transformer() -> Pair:
    def build(nn: Any) -> Any:
        layer = nn.TransformerEncoderLayer(6, 2, 10, dropout=0.0, batch_first=True)
        encoder = nn.TransformerEncoder(layer, 2, **quiet)
        return nn.Sequential(nn.Linear(3, 6), encoder, nn.LayerNorm(6), nn.Linear(6, 4))

    quiet: dict[str, Any] = {"enable_nested_tensor": False}
    return build(solutions), build(torch.nn), rng().standard_normal((2, 5, 3))


@pytest.fixture(params=[lenet, resnet, bidirectional_lstm, transformer])
def pair(request: pytest.FixtureRequest) -> Pair:
    torch.manual_seed(0)
    ours, theirs, x = request.param()
    return ours.double(), theirs.double(), x


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("direction", ["torch to ours", "ours to torch"])
def test_logits_and_gradients_agree(pair: Pair, direction: str, training: bool):
    ours, theirs, x = pair
    if direction == "torch to ours":
        ours.load_state_dict(theirs.state_dict())
    else:
        state = ours.state_dict().items()
        theirs.load_state_dict({name: torch.tensor(array) for name, array in state})
    ours.train(training)
    theirs.train(training)
    tensor = torch.tensor(x, requires_grad=True)
    want = theirs(tensor)
    y = ours(x)
    np.testing.assert_allclose(y, want.detach(), rtol=1e-7, atol=1e-9)
    grad_y = rng().standard_normal(y.shape)
    want.backward(torch.tensor(grad_y))
    grad_x = ours.backward(grad_y)
    np.testing.assert_allclose(grad_x, tensor.grad, rtol=1e-7, atol=1e-9)
    for name, param in theirs.named_parameters():
        np.testing.assert_allclose(
            ours.grads[name], param.grad, rtol=1e-7, atol=1e-9, err_msg=name
        )
    for name, buffer in theirs.named_buffers():
        np.testing.assert_allclose(ours.state[name], buffer, rtol=1e-7, err_msg=name)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
