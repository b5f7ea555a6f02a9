"""Say how a student's array differs: type, shape, dtype, finite, value.

A message shows entries of the student's own array, never the expected array.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

VALUES = "has the right shape"  # how a message starts that goes on to speak of values
TOLERANCES = {32: (1e-4, 1e-5), 64: (1e-7, 1e-9)}  # bits of a float: rtol, atol


def assert_close(actual: Any, expected: np.ndarray | None, name: str) -> None:
    """Fail, in words for a student, unless `actual` is `expected` up to rounding.

    float64 agrees to rtol 1e-7 and atol 1e-9, float32 to 1e-4 and 1e-5, where atol
    counts in units of the largest expected entry, if that is above 1.

    Example:
        >>> assert_close(np.array([1.0, 0.5]), np.array([4.0, 2.0]), "grad_bias")
        Traceback (most recent call last):
        AssertionError: grad_bias has the right shape, (2,), but 2 of 2 entries differ.
          worst: entry (0,) is 1, too small by a factor of 4.
    """
    fault = difference(actual, expected, name)
    if fault:
        raise AssertionError(fault)


def assert_unchanged(
    after: Mapping[str, Any], before: Mapping[str, Any], function: str
) -> None:
    """Fail unless each array still has every bit that it had before the call."""
    for name, array in before.items():
        if changed := what_changed(after[name], array):
            raise AssertionError(
                f"{function} changes {changed}{name}. The caller still needs it as it "
                "was."
            )


def what_changed(after: Any, before: Any) -> str:
    """What of an argument is not the same to the bit: its shape, its dtype, or all."""
    if not isinstance(before, np.ndarray):
        return "" if type(after) is type(before) and after == before else "all of "
    if not isinstance(after, np.ndarray):
        return "all of "
    if after.shape != before.shape:
        return "the shape of "
    if after.dtype != before.dtype:
        return "the dtype of "
    return "" if after.tobytes() == before.tobytes() else "entries of "


@np.errstate(all="ignore")
def difference(actual: Any, expected: np.ndarray | None, name: str) -> str:
    """The first rung of the ladder on which `actual` fails; "" where it agrees."""
    if expected is None:
        return "" if actual is None else f"{name} is {kind(actual)}, not None."
    if expected.ndim == 0:
        actual = _number(actual, expected.dtype)
    if not isinstance(actual, np.ndarray):
        return f"{name} is {kind(actual)}, not an array."
    if actual.shape != expected.shape:
        return f"{name} has shape {actual.shape}, not {expected.shape}."
    if actual.dtype != expected.dtype:
        return (
            f"{name} has dtype {actual.dtype}, not {expected.dtype}, "
            "the dtype of the arguments."
        )
    finite = np.isfinite(actual)
    if not finite.all() and np.isfinite(expected).all():
        return _not_finite(actual, finite, name)
    return _values(actual, expected, name)


@np.errstate(all="ignore")
def agree(actual: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Entry by entry: whether two arrays of one shape agree up to rounding."""
    exact = np.result_type(actual, expected).kind not in "fc"
    if exact or actual.size == 0:
        return np.asarray(actual == expected)
    bits = min(np.finfo(array.dtype).bits for array in (actual, expected))
    rtol, atol = TOLERANCES.get(bits, TOLERANCES[64])
    finite = np.abs(expected[np.isfinite(expected)])
    scale = max(1.0, float(finite.max(initial=0.0)))
    close = np.isclose(actual, expected, rtol, atol * scale, equal_nan=True)
    return np.asarray(close)


def _number(value: Any, dtype: np.dtype[Any]) -> Any:
    """A number as an array without axes: NumPy's sums are such, Python's have no dtype.

    Example:
        >>> _number(np.float32(2), np.dtype(float)).dtype, _number(2.0, np.dtype("f4"))
        (dtype('float32'), array(2., dtype=float32))
    """
    if isinstance(value, np.generic):
        return np.asarray(value)
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return np.asarray(value, dtype) if plain and dtype.kind == "f" else value


def kind(value: Any) -> str:
    """What a value is, in a student's words.

    Example:
        >>> kind([1, 2]), kind(None), kind(np.zeros(3))
        ('a list', 'None', 'an array')
    """
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return "an array"
    word = type(value).__name__
    if word == "Handle":
        return "an object of its own"
    return ("an " if word[0] in "aeiou" else "a ") + word


def _not_finite(actual: np.ndarray, finite: np.ndarray, name: str) -> str:
    entry = _index(np.argmin(finite), actual.shape)
    return (
        f"{name} {VALUES}, {actual.shape}, but {np.sum(~finite)} of "
        f"{actual.size} entries are not finite.\n"
        f"  first: entry {entry} is {actual[entry]}."
    )


def _values(actual: np.ndarray, expected: np.ndarray, name: str) -> str:
    right = agree(actual, expected)
    if right.all():
        return ""
    differ = "entry differs" if actual.size == 1 else "entries differ"
    head = f"{name} {VALUES}, {actual.shape}, but {np.sum(~right)} of {actual.size}"
    entry, how_far = _worst(actual, expected, right)
    return (
        f"{head} {differ}.\n  worst: entry {entry} is {actual[entry]:.6g}, {how_far}."
    )


def _worst(
    actual: np.ndarray, expected: np.ndarray, right: np.ndarray
) -> tuple[tuple[int, ...], str]:
    """The worst entry, and how far off it is: a factor only where all share it."""
    if actual.dtype.kind not in "fc":  # whole numbers and truth values
        return _index(np.argmin(right), actual.shape), "which is not right"
    gap = np.nan_to_num(np.abs(actual - expected))
    entry = _index(np.argmax(np.where(right, 0, gap)), actual.shape)
    if agree(-actual, expected).all():
        return entry, "and has the wrong sign"
    factor = expected[entry] / actual[entry]
    if (
        actual.size > 1
        and np.isrealobj(factor)
        and agree(actual * factor, expected).all()
    ):
        size, sign = abs(factor), ", and has the wrong sign" if factor < 0 else ""
        word, ratio = ("small", size) if size > 1 else ("large", 1 / size)
        return entry, f"too {word} by a factor of {ratio:.6g}{sign}"
    return entry, f"off by {gap[entry]:.6g}"


def _index(flat: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(flat, shape))
