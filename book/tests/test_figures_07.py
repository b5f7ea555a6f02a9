"""The figures of chapter 7, worked by keyboard; NumPy says what they must show."""

import base64
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_sample_image

CHAPTER = "book/chapters/07_convolution.html"
FIGURES = Path(__file__).parents[1] / "_static" / "figures"

# The numbers that the stepper starts with are those of the chapter's text.
IMAGE = np.array([[1, 2, 0, 1], [3, 1, 2, 0], [0, 1, 1, 3], [2, 0, 1, 2]])
KERNEL = np.array([[1, -1], [2, 0]])


@pytest.fixture(scope="module")
def picture():
    """As the chapter's cell makes it."""
    china = load_sample_image("china.jpg")[20:276, 30:414].mean(axis=2)
    return np.rint(china.reshape(64, 4, 96, 4).mean(axis=(1, 3)))


def shown(figure):
    """The numbers that stand in a figure, by name."""
    texts = figure.locator("text[data-name]").evaluate_all(
        "texts => texts.map(t => [t.dataset.name, t.textContent])"
    )
    return {name: float(said.replace("\N{MINUS SIGN}", "-")) for name, said in texts}


def named(name, array):
    return {
        f"{name}[{', '.join(map(str, index))}]": value
        for index, value in np.ndenumerate(array)
    }


def stepped(step, weight):
    """Every number of the stepper at a step, counted from 0."""
    windows = np.lib.stride_tricks.sliding_window_view(IMAGE, (2, 2))
    window = windows[divmod(step, 3)]
    y = np.einsum("rcij,ij->rc", windows, weight)
    pixels = np.arange(16).reshape(4, 4)
    seen = np.lib.stride_tricks.sliding_window_view(pixels, (2, 2)).reshape(9, 4)
    matrix = {
        f"M[{row}, {pixel}]": entry
        for row in range(9)
        for pixel, entry in zip(seen[row], weight.ravel(), strict=True)
    }
    landed = list(named("y", y).items())[: step + 1]
    parts = named("x", IMAGE), named("weight", weight), matrix, dict(landed)
    return dict(
        item
        for part in (*parts, named("product", window * weight))
        for item in part.items()
    )


@pytest.mark.parametrize("width", [1280, 390])
def test_does_the_stepper_start_with_the_text(open_page, address, width):
    page = open_page(f"{address}/{CHAPTER}", width=width)
    figure = page.locator('figure[data-figure="slide"]')
    assert shown(figure) == stepped(0, KERNEL)


@pytest.mark.parametrize("flipped", [False, True])
def test_does_every_step_show_numpys_numbers(open_page, server, flipped):
    page = open_page(f"{server}/{CHAPTER}")
    figure = page.locator('figure[data-figure="slide"]')
    weight = KERNEL
    if flipped:
        figure.locator("input[type=checkbox]").press("Space")
        weight = KERNEL[::-1, ::-1]
    slider = figure.locator("input[type=range]")
    for step in range(9):
        assert shown(figure) == stepped(step, weight)
        slider.press("ArrowRight")
    assert shown(figure) == stepped(8, weight)


def test_is_every_step_said(open_page, server):
    page = open_page(f"{server}/{CHAPTER}")
    figure = page.locator('figure[data-figure="slide"]')
    figure.locator("input[type=range]").press("ArrowRight")
    said = figure.locator("[aria-live]").text_content()
    sum_of_products = "1 · 2 + (\N{MINUS SIGN}1) · 0 + 2 · 1 + 0 · 2 = 4"
    assert said.startswith(f"Place (0, 1): {sum_of_products}, which is y[0, 1]")


def applied(picture, weight, row, column):
    """What the second figure shows of a kernel with its cursor at a place."""
    windows = np.lib.stride_tricks.sliding_window_view(picture, (3, 3))
    y = np.einsum("rcij,ij->rc", windows, weight)
    numbers = {"y": y[row, column], "smallest": y.min(), "largest": y.max()}
    return named("window", windows[row, column]) | numbers


SOBEL_X = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
LAPLACE = np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])
CHOICES = [SOBEL_X, SOBEL_X.T, LAPLACE, np.ones((3, 3)) / 9]


def test_are_the_pixels_those_of_the_photograph(picture):
    script = (FIGURES / "kernels.js").read_text()
    text = re.search(r'const PIXELS = "([^"]+)"', script)[1]
    pixels = np.frombuffer(base64.b64decode(text), np.uint8).reshape(64, 96)
    np.testing.assert_array_equal(pixels, picture)


@pytest.mark.parametrize("width", [1280, 390])
def test_does_the_picture_start_with_sobels_kernel(open_page, address, width, picture):
    page = open_page(f"{address}/{CHAPTER}", width=width)
    figure = page.locator('figure[data-figure="kernels"]')
    assert shown(figure) == applied(picture, SOBEL_X, 46, 17)


@pytest.mark.parametrize("choice", range(len(CHOICES)))
def test_does_the_result_follow_kernel_and_cursor(open_page, server, choice, picture):
    page = open_page(f"{server}/{CHAPTER}")
    figure = page.locator('figure[data-figure="kernels"]')
    figure.locator("select").focus()
    keys = ["End", "Home"] + choice * ["ArrowDown"]
    for key in keys + ["Tab"] + 4 * ["ArrowRight"] + ["Tab"] + 7 * ["ArrowLeft"]:
        page.keyboard.press(key)
    wanted = applied(picture, CHOICES[choice], 50, 10)
    found = shown(figure)
    assert found.keys() == wanted.keys()
    assert found == pytest.approx(wanted, abs=0.005)  # two decimals are shown


def test_does_the_result_follow_a_number_that_is_typed(open_page, server, picture):
    page = open_page(f"{server}/{CHAPTER}")
    figure = page.locator('figure[data-figure="kernels"]')
    figure.get_by_label("weight[1, 2]").focus()
    for key in ["Control+A", "-", "3", "Tab"]:
        page.keyboard.press(key)
    weight = SOBEL_X.copy()
    weight[1, 2] = -3
    assert shown(figure) == applied(picture, weight, 46, 17)
    assert figure.locator("select").input_value() == "your own"


def test_are_result_and_cursor_drawn(open_page, server, picture):
    """Pixels far from the cursor have the gray that their result deserves."""
    page = open_page(f"{server}/{CHAPTER}")
    result = page.locator('figure[data-figure="kernels"] canvas').nth(1)
    windows = np.lib.stride_tricks.sliding_window_view(picture, (3, 3))
    y = np.einsum("rcij,ij->rc", windows, SOBEL_X)
    gray = np.rint(255 * (y - y.min()) / (y.max() - y.min()))
    for row, column in [(0, 0), (50, 10), (61, 93), (40, 60)]:
        place = f"{4 * column + 2}, {4 * row + 2}"
        look = f"c => [...c.getContext('2d').getImageData({place}, 1, 1).data]"
        levels = result.evaluate(look)
        assert np.ptp(levels[:3]) == 0
        assert abs(levels[0] - gray[row, column]) <= 1


def test_does_a_touch_move_the_cursor(open_page, server, picture):
    page = open_page(f"{server}/{CHAPTER}", width=390)
    figure = page.locator('figure[data-figure="kernels"]')
    canvas = figure.locator("canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    pixel = box["width"] / 96
    canvas.click(position={"x": 41.5 * pixel, "y": 31.5 * pixel})
    assert shown(figure) == applied(picture, SOBEL_X, 30, 40)


@pytest.mark.parametrize("name", ["slide", "kernels"])
def test_stands_a_picture_there_without_scripts(browser, server, name):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/{CHAPTER}")
    picture = page.locator(f'figure[data-figure="{name}"] img')
    assert picture.is_visible()
    assert picture.evaluate("image => image.naturalWidth") > 0
    context.close()
