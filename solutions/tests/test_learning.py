"""Does it learn, with these layers alone?"""

import pydoc_data.topics
from collections import Counter
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits

import solutions
from solutions import CrossEntropyLoss, Layer, Sequential


def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """1797 images of 8 x 8, a quarter of them held out."""
    images, target = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    x = (images[order].reshape(-1, 1, 8, 8) / 16).astype(np.float32)
    target = target[order]
    return x[450:], target[450:], x[:450], target[:450]


def lenet(nn: Any, **rng: np.random.Generator) -> Any:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, **rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, **rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 64, **rng),
        nn.ReLU(),
        nn.Linear(64, 10, **rng),
    )


def test_lenet_learns_digits():
    rng = np.random.default_rng(1)
    x, target, held_x, held_target = digits()
    model = lenet(solutions, rng=rng)
    optimizer, loss = solutions.Adam(model, lr=3e-3), CrossEntropyLoss()
    for _ in range(30):
        for batch in np.array_split(rng.permutation(len(x)), len(x) // 32):
            loss(model(x[batch]), target[batch])
            optimizer.zero_grad()
            model.backward(loss.backward())
            optimizer.step()
    assert np.mean(model(held_x).argmax(axis=1) == held_target) >= 0.97


def test_twenty_steps_of_lenet_agree_with_torch():
    x, target, _, _ = digits()
    x = x.astype(np.float64)
    torch.manual_seed(0)
    theirs = lenet(torch.nn).double()
    ours = lenet(solutions).double()
    ours.load_state_dict(theirs.state_dict())
    optimizer, loss = solutions.AdamW(ours, lr=4e-3), CrossEntropyLoss()
    reference = torch.optim.AdamW(theirs.parameters(), lr=4e-3)
    for step in range(20):
        batch = slice(32 * step, 32 * step + 32)
        value = loss(ours(x[batch]), target[batch])
        optimizer.zero_grad()
        ours.backward(loss.backward())
        norm = solutions.clip_grad_norm_(ours, 0.5)
        optimizer.step()
        want = torch.nn.functional.cross_entropy(
            theirs(torch.tensor(x[batch])), torch.tensor(target[batch])
        )
        reference.zero_grad()
        want.backward()
        want_norm = torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.5)
        reference.step()
        np.testing.assert_allclose(value, want.item(), rtol=1e-7)
        np.testing.assert_allclose(norm, want_norm.item(), rtol=1e-7)


class Characters(Layer):
    """The next character from the ones before: embedding, GRU, linear."""

    def __init__(self, V: int, H: int, rng: np.random.Generator) -> None:
        super().__init__()
        self.layers = {
            "embedding": solutions.Embedding(V, 32, rng=rng),
            "gru": solutions.GRU(32, H, rng=rng),
            "head": solutions.Linear(H, V, rng=rng),
        }

    def forward(self, text: np.ndarray) -> Any:
        output, _ = self.layers["gru"](self.layers["embedding"](text))
        return self.layers["head"](output)

    def backward(self, grad_y: np.ndarray) -> None:
        grad = self.layers["gru"].backward(self.layers["head"].backward(grad_y))
        self.layers["embedding"].backward(grad)


def test_a_character_model_halves_the_entropy():
    text = "".join(pydoc_data.topics.topics.values())[:400_000]
    vocabulary, codes = np.unique(list(text), return_inverse=True)
    shares = np.array(list(Counter(text).values())) / len(text)
    entropy = -np.sum(shares * np.log2(shares))
    rng = np.random.default_rng(0)
    model = Characters(len(vocabulary), 96, rng)
    optimizer, loss = solutions.Adam(model, lr=1e-2), CrossEntropyLoss()
    train, held_out = codes[:380_000], codes[380_000:]

    def bits(starts: np.ndarray, source: np.ndarray) -> float:
        window = source[starts + np.arange(49)[:, None]]  # (T + 1, N)
        logits = model(window[:-1])
        value = loss(logits.reshape(-1, len(vocabulary)), window[1:].ravel())
        return float(value) / np.log(2)

    for _ in range(300):
        bits(rng.integers(0, len(train) - 49, 32), train)
        optimizer.zero_grad()
        model.backward(loss.backward().reshape(48, 32, -1))
        solutions.clip_grad_norm_(model, 1.0)
        optimizer.step()
    assert bits(np.arange(0, len(held_out) - 49, 49), held_out) < entropy / 2


def test_sequential_is_a_layer_of_layers():
    model = lenet(solutions)
    assert isinstance(model, Sequential)
    assert list(model.params)[:2] == ["0.weight", "0.bias"]
