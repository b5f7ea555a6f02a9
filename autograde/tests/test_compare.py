"""What a student is told about an array that is not right."""

import numpy as np
import pytest

from autograde.compare import assert_close, assert_unchanged, difference

rng = np.random.default_rng(2)
EXPECTED = rng.standard_normal((4, 3))


def changed(entry, value, array=EXPECTED):
    array = array.copy()
    array[entry] = value
    return array


def test_right_is_right():
    assert difference(EXPECTED.copy(), EXPECTED, "y") == ""
    assert difference(np.zeros((0, 3)), np.zeros((0, 3)), "y") == ""
    assert difference(None, None, "grad_bias") == ""
    assert difference(np.array([np.nan, np.inf]), np.array([np.nan, np.inf]), "y") == ""


@pytest.mark.parametrize(
    ("actual", "message"),
    [
        (None, "y is None, not an array."),
        ([1.0], "y is a list, not an array."),
        (1.5, "y is a float, not an array."),
        ({}, "y is a dict, not an array."),
        (EXPECTED.T, "y has shape (3, 4), not (4, 3)."),
        (EXPECTED.astype(np.float32), "y has dtype float32, not float64"),
        (
            changed((1, 2), np.nan),
            "1 of 12 entries are not finite.\n  first: entry (1, 2) is nan",
        ),
        (-EXPECTED, "and has the wrong sign."),
        (EXPECTED / 4, "too small by a factor of 4."),
        (EXPECTED * 3, "too large by a factor of 3."),
        (EXPECTED * -2, "too large by a factor of 2, and has the wrong sign."),
        (
            changed((2, 0), 100.0),
            "1 of 12 entries differ.\n  worst: entry (2, 0) is 100, off by",
        ),
        (EXPECTED + 1e-5, "12 of 12 entries differ."),
    ],
)
def test_each_rung_of_the_ladder(actual, message):
    assert message in difference(actual, EXPECTED, "y")


def test_the_first_rung_that_fails_is_the_one_that_is_told():
    wrong_in_all = np.full((3, 4), np.nan, np.float32)
    assert "shape" in difference(wrong_in_all, EXPECTED, "y")
    assert "dtype" in difference(wrong_in_all.T, EXPECTED, "y")


def test_no_entry_of_the_expected_array_is_shown():
    message = difference(changed((0, 0), 7.0), EXPECTED, "y")
    assert not any(f"{entry:.4g}" in message for entry in EXPECTED.flat)


def test_a_gradient_that_must_be_none():
    assert (
        difference(np.zeros(3), None, "grad_bias") == "grad_bias is an array, not None."
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_another_order_of_adding_is_no_mistake(dtype):
    """A loop rounds differently from a matrix product, also far from zero."""
    x = (rng.standard_normal((5, 300)) + 1e4).astype(dtype)
    weight = rng.standard_normal((4, 300)).astype(dtype)
    loop = np.zeros((5, 4), dtype)
    for d in reversed(range(300)):
        loop += x[:, d, None] * weight[:, d]
    assert not (loop == x @ weight.T).all()
    assert_close(loop, x @ weight.T, "y")


def test_entries_near_zero_are_not_excused_by_large_ones():
    expected = np.array([100.0, 1e-3])
    assert "entries differ" in difference(np.array([100.0, 0.0]), expected, "y")


@pytest.mark.parametrize(
    ("after", "what"),
    [
        (EXPECTED + 0.0 * 1 + 1e-15, "entries of x"),
        (EXPECTED[:3], "the shape of x"),
        (EXPECTED.reshape(3, 4), "the shape of x"),
        (None, "all of x"),
        (EXPECTED.astype(np.float32), "the dtype of x"),
    ],
)
def test_a_changed_argument(after, what):
    with pytest.raises(AssertionError, match=f"linear_forward changes {what}"):
        assert_unchanged({"x": after}, {"x": EXPECTED}, "linear_forward")


def test_unchanged_arguments():
    before = {"x": EXPECTED, "bias": None, "start_dim": 1}
    assert_unchanged({"x": EXPECTED.copy(), "bias": None, "start_dim": 1}, before, "f")


@pytest.mark.parametrize(
    ("actual", "expected", "words"),
    [
        (
            np.array([True, True]),
            np.array([True, False]),
            "entry (1,) is 1, which is not",
        ),
        (
            np.array([1, 2], np.uint8),
            np.array([1, 3], np.uint8),
            "entry (1,) is 2, which",
        ),
        (np.array([1j, 1]), np.array([2j, 2]), "off by 1"),
        (np.array([0.0, 0.0]), np.array([1.0, 2.0]), "entry (1,) is 0, off by 2"),
        (np.array([1.0]), np.array([1.7]), "1 of 1 entry differs"),
        (np.array([1e308]), np.array([-1.5e308]), "entry (0,) is 1e+308, off by"),
        (np.array(2.0), np.array(3.0), "entry () is 2, off by 1"),
        (np.array([1.0, 2.0]), np.array([np.inf, 2.0]), "entry (0,) is 1, off by"),
    ],
)
def test_every_kind_of_array_gets_its_sentence(actual, expected, words):
    assert words in difference(actual, expected, "y")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.complex64])
def test_short_floats_round_sooner(dtype):
    expected = rng.standard_normal(50).astype(dtype)
    assert difference(expected * dtype(1 + 2e-7), expected, "y") == ""


@pytest.mark.parametrize("value", [2.0, 2, np.float64(2), np.array(2.0)])
def test_a_loss_may_be_any_number(value):
    assert difference(value, np.array(2.0), "y") == ""


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (np.float64(2), "y has dtype float64, not float32"),
        (True, "y is a bool, not an array"),
        ("2", "y is a str, not an array"),
        (3.0, "1 of 1 entry differs"),
        ([2.0], "y is a list, not an array"),
    ],
)
def test_what_is_no_loss(value, says):
    assert says in difference(value, np.array(2.0, np.float32), "y")
