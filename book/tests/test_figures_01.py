"""The figures of chapter 1, worked by keyboard; NumPy says what they must show."""

import numpy as np
import pytest

CHAPTER = "book/chapters/01_gradients.html"

# The gradients after each of three steps, worked out by hand.
FIRST = {"L": 1, "c": 6, "d": 3}
WALKS = {
    (0, 0): [FIRST, {**FIRST, "c": 12, "a": 9}, {**FIRST, "c": 12, "a": 21, "b": 12}],
    (1, 0): [FIRST, {**FIRST, "a": 6, "b": 6}, {**FIRST, "c": 12, "a": 15, "b": 6}],
    (0, 1): [FIRST, {**FIRST, "a": 9}, {**FIRST, "a": 6, "b": 6}],
    (1, 1): [FIRST, {**FIRST, "a": 6, "b": 6}, {**FIRST, "a": 9, "b": 6}],
}


def gradients(figure):
    """The gradients that stand in the figure, by node."""
    texts = figure.locator("text[data-value]").all()
    shown = {t.get_attribute("data-name"): float(t.text_content()) for t in texts}
    return {name.removeprefix("grad "): value for name, value in shown.items()}


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("chosen", "walk"), WALKS.items(), ids=str)
def test_does_the_walk_show_what_each_node_has(open_page, server, chosen, walk, width):
    page = open_page(f"{server}/{CHAPTER}", width=width)
    figure = page.locator('figure[data-figure="graph"]')
    for select, down in zip(figure.locator("select").all(), chosen, strict=True):
        select.focus()
        for key in ["Home"] + down * ["ArrowDown"]:
            page.keyboard.press(key)
    assert gradients(figure) == {"L": 1}
    step = figure.get_by_role("button", name="Step", exact=True)
    for expected in walk:
        step.press("Enter")
        assert gradients(figure) == expected
    said = figure.locator("[aria-live]").text_content()
    assert said.endswith("right." if chosen == (0, 0) else "wrong.")
    figure.get_by_role("button", name="Back").press("Enter")
    assert gradients(figure) == walk[1]


def difference(dtype, kind, eps):
    """The difference and its relative error, in NumPy."""
    x, eps = dtype(1.1), dtype(eps)

    def cube(x):
        return x * x * x

    if kind == "forward":
        estimate = (cube(x + eps) - cube(x)) / eps
    else:
        estimate = (cube(x + eps) - cube(x - eps)) / (2 * eps)
    exact = 3 * float(x) * float(x)
    error = abs(float(estimate) - exact) / exact
    return {"estimate": float(estimate), "error": error}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", ["central", "forward"])
def test_are_the_differences_those_of_numpy(open_page, server, dtype, kind):
    page = open_page(f"{server}/{CHAPTER}")
    figure = page.locator('figure[data-figure="difference"]')
    kinds, dtypes = figure.locator("select").all()
    kinds.press("End" if kind == "forward" else "Home")
    dtypes.press("End" if dtype is np.float32 else "Home")
    slider = figure.locator("input[type=range]")
    slider.press("Home")
    for _ in range(11):
        for _ in range(4):
            slider.press("ArrowRight")
        eps = float(slider.get_attribute("aria-valuetext"))
        expected = difference(dtype, kind, eps)
        for name, digits in (("estimate", ".12g"), ("error", ".1e")):
            output = figure.locator(f"output[data-name={name}]")
            assert float(output.get_attribute("data-value")) == expected[name]
            shown = float(output.text_content())
            assert shown == float(format(expected[name], digits))
    assert eps == 0.5


@pytest.mark.parametrize("name", ["graph", "difference"])
def test_stands_a_picture_there_without_scripts(browser, server, name):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/{CHAPTER}")
    picture = page.locator(f'figure[data-figure="{name}"] img')
    assert picture.is_visible()
    assert picture.evaluate("image => image.naturalWidth") > 0
    context.close()
