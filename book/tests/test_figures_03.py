"""The interactive figures of chapter 3; NumPy and torch say what they must show."""

from itertools import islice

import numpy as np
import pytest
import torch
import torch.nn.functional as F

CHAPTER = "book/chapters/03_activations.html"

# In the order of the list; those with a parameter take it as p, and its first value.
CURVES = [
    ("sigmoid", torch.sigmoid, None),
    ("tanh", torch.tanh, None),
    ("ReLU", torch.relu, None),
    ("leaky ReLU", F.leaky_relu, 0.1),
    ("hard tanh", F.hardtanh, None),
    ("ELU", F.elu, 1.0),
    ("SELU", F.selu, None),
    ("softplus", F.softplus, 1.0),
    ("SiLU", F.silu, None),
    ("GELU", F.gelu, None),
    ("GELU, tanh form", lambda x: F.gelu(x, approximate="tanh"), None),
    ("TLU", lambda x, p: torch.maximum(x, torch.tensor(p, dtype=x.dtype)), 1.0),
]


def read(figure, name):
    return float(figure.locator(f'[data-name="{name}"]').get_attribute("data-value"))


def value_and_slope(f, x, p):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = f(x) if p is None else f(x, p)
    return y.item(), torch.autograd.grad(y, x)[0].item()


def check(figure, f, x, p):
    found = [read(figure, "f"), read(figure, "slope")]
    np.testing.assert_allclose(found, value_and_slope(f, x, p), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("width", [1280, 390])
def test_shows_the_explorer_every_function_and_its_slope(open_page, address, width):
    page = open_page(f"{address}/{CHAPTER}", width=width)
    figure = page.locator('figure[data-figure="activations"]')
    options = figure.locator("option").all_text_contents()
    assert options == [name for name, _, _ in CURVES]
    for name, f, p in CURVES:
        figure.locator("select").select_option(name)
        mover = figure.locator("input[type=range]").first
        for x in (-5.0, -2.3, -1.0, 0.0, 0.7, 1.0, 5.0):
            mover.fill(str(x))
            check(figure, f, x, p)


def test_follows_the_explorer_the_keyboard(open_page, server):
    page = open_page(f"{server}/{CHAPTER}")
    figure = page.locator('figure[data-figure="activations"]')
    check(figure, torch.sigmoid, 0.0, None)
    figure.locator("select").focus()
    for key in ["ArrowDown"] * 5 + ["Tab"] + ["ArrowLeft"] * 3:
        page.keyboard.press(key)
    check(figure, F.elu, -0.3, 1.0)
    page.keyboard.press("Tab")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    check(figure, F.elu, -0.3, 1.4)


@pytest.mark.parametrize(
    ("name", "p"), [("leaky ReLU", -0.5), ("softplus", 4.0), ("TLU", -2.0)]
)
def test_has_the_parameter_its_effect(open_page, server, name, p):
    page = open_page(f"{server}/{CHAPTER}")
    figure = page.locator('figure[data-figure="activations"]')
    figure.locator("select").select_option(name)
    mover, parameter = figure.locator("input[type=range]").all()
    parameter.fill(str(p))
    f = next(f for known, f, _ in CURVES if known == name)
    for x in (-2.5, -2.0, 0.0, 1.5):
        mover.fill(str(x))
        check(figure, f, x, p)


def mulberry(state):
    """The random numbers of the figure, uniform in [0, 1)."""
    bits = 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & bits
        t = ((state ^ (state >> 15)) * (1 | state)) & bits
        t = ((t + (((t ^ (t >> 7)) * (61 | t)) & bits)) & bits) ^ t
        yield ((t ^ (t >> 14)) & bits) / 2**32


def normals(uniform, *shape):
    pairs = np.fromiter(islice(uniform, 2 * int(np.prod(shape))), float).reshape(-1, 2)
    radius, angle = np.sqrt(-2 * np.log(1 - pairs[:, 0])), 2 * np.pi * pairs[:, 1]
    return (radius * np.cos(angle)).reshape(shape)


def moments(activation, scale, layers):
    """What the figure shows of each layer, by torch's automatic differentiation."""
    uniform = mulberry(3)
    x, upstream = normals(uniform, 64, 32), normals(uniform, 64, 32)
    inner, y = [], torch.tensor(x)
    shown = {}
    for layer in range(1, layers + 1):
        weight = torch.tensor(normals(uniform, 32, 32) * scale / np.sqrt(32))
        inner.append((y @ weight.T).requires_grad_())
        y = activation(inner[-1])
        shown[f"mean {layer}"] = y.mean().item()
        shown[f"spread {layer}"] = y.std(correction=0).item()
    grads = torch.autograd.grad(y, inner, torch.tensor(upstream))
    for layer, grad in enumerate(grads, 1):
        shown[f"gradient {layer}"] = grad.std(correction=0).item()
    return shown


def shown_by_depth(figure):
    texts = figure.locator("text[data-name]").all()
    return {t.get_attribute("data-name"): t.get_attribute("data-value") for t in texts}


def agree(found, wanted):
    assert found.keys() == wanted.keys()
    numbers = [float(found[name]) for name in wanted]
    np.testing.assert_allclose(numbers, list(wanted.values()), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("width", [1280, 390])
def test_starts_the_network_with_six_layers_of_sigmoids(open_page, address, width):
    page = open_page(f"{address}/{CHAPTER}", width=width)
    figure = page.locator('figure[data-figure="depth"]')
    agree(shown_by_depth(figure), moments(torch.sigmoid, 1.0, 6))


@pytest.mark.parametrize(
    ("name", "activation", "scale", "layers"),
    [
        ("sigmoid", torch.sigmoid, 8.0, 10),
        ("tanh", torch.tanh, 1.3, 10),
        ("ReLU", torch.relu, 1.4, 10),
        ("ReLU", torch.relu, 0.2, 3),
        ("none", torch.clone, 1.0, 1),
    ],
)
def test_follows_the_network_its_controls(
    open_page, server, name, activation, scale, layers
):
    page = open_page(f"{server}/{CHAPTER}")
    figure = page.locator('figure[data-figure="depth"]')
    figure.locator("select").select_option(name)
    scales, depths = figure.locator("input[type=range]").all()
    scales.fill(str(scale))
    depths.fill(str(layers))
    agree(shown_by_depth(figure), moments(activation, scale, layers))


def test_follows_the_network_the_keyboard_and_says_so(open_page, server):
    page = open_page(f"{server}/{CHAPTER}")
    figure = page.locator('figure[data-figure="depth"]')
    figure.locator("select").focus()
    for key in ["ArrowDown", "Tab", *["ArrowRight"] * 3, "Tab", "End"]:
        page.keyboard.press(key)
    wanted = moments(torch.tanh, 1.3, 10)
    agree(shown_by_depth(figure), wanted)
    said = figure.locator("[aria-live]").text_content()
    assert f"{wanted['gradient 1']:.2f} in layer 1" in said
    assert f"{wanted['gradient 10']:.2f} in layer 10" in said
