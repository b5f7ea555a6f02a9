"""The interactive figures, worked by keyboard; NumPy says what they must show."""

import numpy as np
import pytest

CHAPTER = "book/chapters/02_linear.html"

# The numbers that the figure starts with are those of the chapter's text.
START = {
    "x": np.array([[1.0, 2.0, 3.0]]),
    "weight": np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]),
    "bias": np.array([10.0, -1.0]),
    "grad_y": np.array([[1.0, 10.0]]),
}


def solved(x, weight, bias, grad_y):
    """Every number that the figure shows, by name: "y[0, 1]" and so on."""
    arrays = {"x": x, "weight": weight, "bias": bias, "grad_y": grad_y}
    arrays |= {"y": x @ weight.T + bias, "grad_x": grad_y @ weight}
    arrays |= {"grad_weight": grad_y.T @ x, "grad_bias": grad_y.sum(axis=0)}
    return {
        f"{name}[{', '.join(map(str, index))}]": value
        for name, array in arrays.items()
        for index, value in np.ndenumerate(array)
    }


def shown(figure):
    """The numbers that stand in the figure, by name."""
    texts = figure.locator("text[data-name]").all()
    return {
        text.get_attribute("data-name"): float(
            text.text_content().split()[-1].replace("\N{MINUS SIGN}", "-")
        )
        for text in texts
    }


@pytest.mark.parametrize("width", [1280, 390])
def test_does_the_figure_start_with_the_numbers_of_the_text(open_page, address, width):
    page = open_page(f"{address}/{CHAPTER}", width=width)
    figure = page.locator('figure[data-figure="linear"]')
    assert shown(figure) == solved(**START)


@pytest.mark.parametrize(
    ("choice", "name", "index"),
    [
        (1, "x", (0, 1)),
        (5, "weight", (0, 2)),
        (9, "bias", (0,)),
        (12, "grad_y", (0, 1)),
    ],
)
def test_does_a_number_follow_the_keyboard(open_page, server, choice, name, index):
    page = open_page(f"{server}/{CHAPTER}")
    figure = page.locator('figure[data-figure="linear"]')
    figure.locator("select").focus()
    for key in ["Home"] + choice * ["ArrowDown"] + ["Tab"] + 3 * ["ArrowLeft"]:
        page.keyboard.press(key)
    changed = {key: array.copy() for key, array in START.items()}
    changed[name][index] -= 1.5  # three steps of 0.5
    assert shown(figure) == solved(**changed)


def test_is_every_change_said(open_page, server):
    """A reader who cannot see the figure hears what moved."""
    page = open_page(f"{server}/{CHAPTER}")
    figure = page.locator('figure[data-figure="linear"]')
    figure.locator("input[type=range]").press("ArrowRight")
    said = figure.locator("[aria-live]").text_content()
    assert "y[0, 1] = 4.5" in said  # weight[1, 2] from 0 to 0.5, times x[0, 2] = 3


def test_stands_a_picture_there_without_scripts(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/{CHAPTER}")
    picture = page.locator('figure[data-figure="linear"] img')
    assert picture.is_visible()
    assert picture.evaluate("image => image.naturalWidth") > 0
    context.close()


def test_are_scripts_of_figures_only_where_a_figure_is(open_page, server):
    page = open_page(f"{server}/book/notation.html")
    assert [url for url in page.requests if "/figures/" in url] == []
