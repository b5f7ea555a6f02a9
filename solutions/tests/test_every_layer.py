"""The laws that every pair of functions obeys, over every case of `operations`."""

import numpy as np
import pytest
import torch

from solutions.gradients import numerical_vjp
from solutions.tests.operations import CASES, Arrays, Case
from solutions.tests.sequence_operations import SEQUENCE_CASES
from solutions.tests.window_operations import WINDOW_CASES

pytestmark = [
    pytest.mark.parametrize("case", [*CASES, *SEQUENCE_CASES, *WINDOW_CASES], ids=str),
    pytest.mark.filterwarnings("ignore:Using padding='same'"),  # torch's, on its speed
]


def is_float(array: np.ndarray | None) -> bool:
    return array is not None and array.dtype.kind == "f"


def cast(arrays: Arrays, dtype: type) -> Arrays:
    return {k: a.astype(dtype) if is_float(a) else a for k, a in arrays.items()}


def torch_answer(case: Case, arrays: Arrays, grad_y: np.ndarray | None = None):
    """y, and the gradient of each argument (None where it has none)."""
    tensors = [
        None if a is None else torch.tensor(a, requires_grad=is_float(a))
        for a in arrays.values()
    ]
    y = case.reference(*tensors)
    if grad_y is None:
        return y.detach().numpy(), None
    y.backward(torch.tensor(grad_y, dtype=y.dtype))
    return y.detach().numpy(), [None if t is None else t.grad for t in tensors]


def upstream(y: np.ndarray) -> np.ndarray:
    return np.asarray(np.random.default_rng(7).standard_normal(y.shape), dtype=y.dtype)


def test_agrees_with_torch(case: Case):
    y, cache = case.forward(case.arrays)
    grad_y = upstream(y)
    want, want_grads = torch_answer(case, case.arrays, grad_y)
    np.testing.assert_allclose(y, want, rtol=1e-7, atol=1e-9)
    grads = case.backward(grad_y, cache)
    for grad, expected in zip(grads, want_grads, strict=True):
        assert (grad is None) == (expected is None)
        if grad is not None:
            assert grad.shape == tuple(expected.shape)
            np.testing.assert_allclose(grad, expected, rtol=1e-7, atol=1e-9)


def test_one_gradient_for_each_argument(case: Case):
    y, cache = case.forward(case.arrays)
    grads = case.backward(upstream(y), cache)
    assert [None if g is None else g.shape for g in grads] == [
        a.shape if is_float(a) else None for a in case.arrays.values()
    ]


def test_agrees_with_central_differences(case: Case):
    if case.op == "relu":
        case = Case("relu", case.reference, {"x": case.arrays["x"] + 0.1})
    y, cache = case.forward(case.arrays)
    grad_y = upstream(y)
    grads = case.backward(grad_y, cache)
    for name, grad in zip(case.arrays, grads, strict=True):
        if grad is None:
            continue

        def f(value: np.ndarray, name: str = name) -> np.ndarray:
            return case.forward({**case.arrays, name: value})[0]

        scale = max(1.0, np.abs(y).max())  # rounding grows with what is subtracted
        want = numerical_vjp(f, case.arrays[name], grad_y)
        np.testing.assert_allclose(grad, want, rtol=1e-4, atol=1e-7 * scale)


def test_changes_no_argument(case: Case):
    arrays = {k: None if a is None else a.copy() for k, a in case.arrays.items()}
    for a in arrays.values():
        if a is not None:
            a.flags.writeable = False
    y, cache = case.forward(arrays)
    grad_y = upstream(y)
    grad_y.flags.writeable = False
    first = case.backward(grad_y, cache)
    second = case.backward(grad_y, cache)
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_keeps_the_dtype(case: Case, dtype: type):
    y, cache = case.forward(cast(case.arrays, dtype))
    grads = case.backward(upstream(y), cache)
    assert {y.dtype, *(g.dtype for g in grads if g is not None)} == {np.dtype(dtype)}


def test_float32_agrees_with_torch_in_float64(case: Case):
    y, cache = case.forward(cast(case.arrays, np.float32))
    grad_y = upstream(y)
    want, want_grads = torch_answer(
        case, cast(cast(case.arrays, np.float32), np.float64), grad_y
    )
    np.testing.assert_allclose(y, want, rtol=1e-5, atol=3e-6 * np.abs(want).max())
    for grad, expected in zip(case.backward(grad_y, cache), want_grads, strict=True):
        if grad is not None:
            atol = 1e-5 * float(expected.abs().max())
            np.testing.assert_allclose(grad, expected, rtol=1e-5, atol=atol)


def test_backward_is_linear_in_the_upstream_gradient(case: Case):
    y, cache = case.forward(case.arrays)
    grad_y = upstream(y)
    once, thrice = case.backward(grad_y, cache), case.backward(3 * grad_y, cache)
    for a, b in zip(once, thrice, strict=True):
        if a is not None:
            np.testing.assert_allclose(3 * a, b, rtol=1e-12, atol=1e-15)


def test_takes_an_empty_batch(case: Case):
    if not case.has_batch:  # a mean over nothing is not a number, in torch too
        assert np.ndim(case.forward(case.arrays)[0]) == 0
        return
    inputs = [name for name in case.arrays if name.startswith("x")]
    empty = {
        k: a[:0] if k in inputs and a is not None else a for k, a in case.arrays.items()
    }
    y, cache = case.forward(empty)
    want, _ = torch_answer(case, empty)
    assert y.shape == want.shape
    for (name, a), grad in zip(empty.items(), case.backward(y, cache), strict=True):
        assert grad.shape == a.shape if is_float(a) else grad is None, name


def test_takes_arrays_of_any_memory_layout(case: Case):
    strided = {
        k: None if a is None else np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a
        for k, a in case.arrays.items()
    }
    y, cache = case.forward(strided)
    want, want_cache = case.forward(case.arrays)
    np.testing.assert_allclose(y, want, rtol=1e-12)
    grad_y = upstream(y)
    for a, b in zip(
        case.backward(grad_y, cache), case.backward(grad_y, want_cache), strict=True
    ):
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
