"""The pairs of functions with their targets' gradients, and what is refused."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import solutions
from solutions.gradients import numerical_vjp

RNG = np.random.default_rng(0)
X, T, P, Q = (
    RNG.standard_normal((4, 3)),
    RNG.standard_normal((4, 3)),
    RNG.uniform(0.1, 0.9, (4, 3)),
    RNG.uniform(0.1, 0.9, (4, 3)),
)
W = RNG.uniform(0.5, 2, 3)
PAIRS: list[tuple[str, Any, np.ndarray, np.ndarray, dict[str, Any]]] = [
    ("mse_loss", F.mse_loss, X, T, {}),
    ("l1_loss", F.l1_loss, X, T, {}),
    ("huber_loss", F.huber_loss, X, T, {"delta": 0.7}),
    ("smooth_l1_loss", F.smooth_l1_loss, X, T, {"beta": 0.7}),
    ("smooth_l1_loss", F.smooth_l1_loss, X, T, {"beta": 0}),
    ("bce_loss", F.binary_cross_entropy, P, Q, {}),
    ("bce_loss", F.binary_cross_entropy, P, Q, {"weight": W}),
    ("bce_with_logits_loss", F.binary_cross_entropy_with_logits, X, Q, {}),
    (
        "bce_with_logits_loss",
        F.binary_cross_entropy_with_logits,
        X,
        Q,
        {"weight": W, "pos_weight": 2 * W},
    ),
    ("kl_div", F.kl_div, X, Q, {}),
    ("kl_div", F.kl_div, X, T, {"log_target": True}),
    ("kl_div", F.kl_div, X, np.round(Q), {}),
    ("cross_entropy", F.cross_entropy, X, Q, {}),
    ("cross_entropy", F.cross_entropy, X, Q, {"weight": W, "label_smoothing": 0.2}),
]


def ours(op: str) -> tuple[Any, Any]:
    return tuple(getattr(solutions, f"{op}_{way}") for way in ("forward", "backward"))


def frozen(array: np.ndarray, dtype: type = np.float64) -> np.ndarray:
    array = np.asfortranarray(array.astype(dtype))
    array.flags.writeable = False
    return array


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum", "batchmean"])
@pytest.mark.parametrize(("op", "reference", "input", "target", "options"), PAIRS)
def test_both_gradients_agree_with_torch(
    op, reference, input, target, options, reduction, dtype
):
    if reduction == "batchmean" and op != "kl_div":
        with pytest.raises(ValueError, match="reduction 'batchmean' must be one of"):
            ours(op)[0](input, target, reduction=reduction)
        return
    forward, backward = ours(op)
    arrays = [frozen(input, dtype), frozen(target, dtype)]
    loss, cache = forward(*arrays, **options, reduction=reduction)
    grad = np.asarray(RNG.standard_normal(loss.shape), dtype)
    grads = backward(grad, cache)
    assert {loss.dtype, *(g.dtype for g in grads)} == {np.dtype(dtype)}

    tensors = [torch.tensor(np.asarray(a, np.float64)) for a in arrays]
    for t in tensors:
        t.requires_grad = True
    kwargs = {
        k: torch.tensor(v) if isinstance(v, np.ndarray) else v
        for k, v in options.items()
    }
    want = reference(*tensors, **kwargs, reduction=reduction)
    want.backward(torch.tensor(np.asarray(grad, np.float64)))
    rtol, atol = (1e-7, 1e-9) if dtype == np.float64 else (1e-5, 2e-6)
    np.testing.assert_allclose(loss, want.detach(), rtol, atol)
    for a, t in zip(grads, tensors, strict=True):
        np.testing.assert_allclose(a, t.grad, rtol, atol)


@pytest.mark.parametrize(("op", "reference", "input", "target", "options"), PAIRS)
def test_gradients_agree_with_central_differences(
    op, reference, input, target, options
):
    forward, backward = ours(op)
    _, cache = forward(input, target, **options)
    grads = backward(1.7, cache)
    grad = np.asarray(1.7)
    want = numerical_vjp(lambda x: forward(x, target, **options)[0], input, grad)
    np.testing.assert_allclose(grads[0], want, rtol=1e-5, atol=1e-8)
    if op == "kl_div" and (target == 0).any():
        return  # not a number at 0, as in torch
    want = numerical_vjp(lambda t: forward(input, t, **options)[0], target, grad)
    np.testing.assert_allclose(grads[1], want, rtol=1e-5, atol=1e-8)


def test_certain_and_wrong_probabilities_have_torchs_target_gradient():
    p, t = np.array([0.0, 1.0, 0.3]), np.array([1.0, 0.0, 0.5])
    tensors = [torch.tensor(a, requires_grad=True) for a in (p, t)]
    F.binary_cross_entropy(*tensors).backward()
    _, cache = solutions.bce_loss_forward(p, t)
    for a, tensor in zip(solutions.bce_loss_backward(1.0, cache), tensors, strict=True):
        np.testing.assert_allclose(a, tensor.grad, rtol=1e-7)


def test_an_impossible_class_costs_nothing_where_it_is_ignored():
    log_p, target = np.array([[-np.inf, 0.0], [-1.0, -0.5]]), np.array([-100, 1])
    loss = solutions.NLLLoss()
    want = F.nll_loss(torch.tensor(log_p), torch.tensor(target))
    assert loss(log_p, target) == want.item() == 0.5
    np.testing.assert_array_equal(loss.backward(), [[0, 0], [0, -1]])


def test_cross_entropy_of_a_mask_is_finite():
    logits = np.array([[-np.inf, 1.0, 2.0]])
    t = torch.tensor(logits, requires_grad=True)
    want = F.cross_entropy(t, torch.tensor([1]))
    want.backward()
    loss = solutions.CrossEntropyLoss()
    np.testing.assert_allclose(loss(logits, np.array([1])), want.item(), rtol=1e-12)
    np.testing.assert_allclose(loss.backward(), t.grad, rtol=1e-12)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_one_loss_said_in_two_ways(reduction):
    x, index = RNG.standard_normal((2, 3, 4)), RNG.integers(0, 3, (2, 4))

    def value(name, *arrays):
        return getattr(solutions, name)(reduction=reduction)(*arrays)

    hot = (np.arange(3)[:, None] == index[:, None]).astype(float)
    want = value("CrossEntropyLoss", x, index)
    np.testing.assert_allclose(value("CrossEntropyLoss", x, hot), want, rtol=1e-12)
    log_p = solutions.LogSoftmax(1)(x)
    np.testing.assert_allclose(value("NLLLoss", log_p, index), want, rtol=1e-12)
    p = solutions.Sigmoid()(x)
    want = value("BCEWithLogitsLoss", x, hot)
    np.testing.assert_allclose(value("BCELoss", p, hot), want, rtol=1e-9)
    want = value("SmoothL1Loss", x, hot)
    np.testing.assert_allclose(value("HuberLoss", x, hot), want, rtol=1e-12)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("name", ["MSELoss", "KLDivLoss", "BCELoss", "SmoothL1Loss"])
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
def test_an_empty_input(name, reduction):
    x = np.zeros((0, 3))
    t = torch.zeros(0, 3, dtype=torch.float64, requires_grad=True)
    want = getattr(torch.nn, name)(reduction=reduction)(t, torch.tensor(x))
    loss = getattr(solutions, name)(reduction=reduction)
    np.testing.assert_array_equal(loss(x, x), want.detach())
    assert loss.backward(want.detach().numpy()).shape == (0, 3)


@pytest.mark.parametrize("size_average", [None, True, False])
@pytest.mark.parametrize("reduce", [None, True, False])
@pytest.mark.parametrize("name", ["MSELoss", "BCEWithLogitsLoss", "KLDivLoss"])
@pytest.mark.filterwarnings("ignore:size_average and reduce args")
def test_the_old_names_of_reductions(name, size_average, reduce):
    kwargs = {"size_average": size_average, "reduce": reduce}
    want = getattr(torch.nn, name)(**kwargs).reduction
    if size_average is None and reduce is None:
        loss = getattr(solutions, name)(**kwargs)
    else:
        with pytest.warns(UserWarning, match="use reduction"):
            loss = getattr(solutions, name)(**kwargs)
    assert loss.reduction == want


NAMES = ["MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BCELoss"]
NAMES += ["BCEWithLogitsLoss", "KLDivLoss"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shapes", [((4, 1), (4,)), ((4, 3), (3,)), ((2,), ())])
def test_shapes_that_would_broadcast_are_refused(name, shapes):
    with pytest.raises(ValueError, match="must have one shape"):
        getattr(solutions, name)()(*map(np.zeros, shapes))


@pytest.mark.parametrize("name", [*NAMES, "NLLLoss", "CrossEntropyLoss"])
def test_an_unknown_reduction_is_refused(name):
    with pytest.raises(ValueError, match="reduction 'average' must be one of"):
        getattr(solutions, name)(reduction="average")


ZEROS, ONE = np.zeros((2, 3)), np.zeros(2, int)


@pytest.mark.parametrize(
    ("loss", "input", "target", "error", "message"),
    [
        (solutions.HuberLoss(delta=0), ZEROS, ZEROS, ValueError, "delta 0 must be"),
        (solutions.SmoothL1Loss(beta=-1), ZEROS, ZEROS, ValueError, "beta -1 must"),
        (solutions.BCELoss(), ZEROS + 1.1, ZEROS, ValueError, "input must be from 0"),
        (solutions.BCELoss(), ZEROS, ZEROS - 0.1, ValueError, "target must be from 0"),
        (solutions.BCELoss(np.ones(2)), ZEROS, ZEROS, ValueError, r"weight \(2,\)"),
        (
            solutions.BCELoss(np.ones((1, 2, 3))),
            ZEROS,
            ZEROS,
            ValueError,
            r"weight \(1, 2, 3\) must broadcast to the input's \(2, 3\)",
        ),
        (
            solutions.BCEWithLogitsLoss(pos_weight=np.ones(2)),
            ZEROS,
            ZEROS,
            ValueError,
            r"pos_weight \(2,\)",
        ),
        (solutions.NLLLoss(), ZEROS, ONE + 3, IndexError, "target 3 is no class"),
        (solutions.NLLLoss(), ZEROS, ONE - 1, IndexError, "target -1 is no class"),
        (solutions.NLLLoss(), ZEROS, ONE + 0.0, TypeError, "not float64"),
        (solutions.NLLLoss(), ZEROS, ZEROS, ValueError, r"must be \(2,\)"),
        (solutions.NLLLoss(), ZEROS, ONE[:1], ValueError, r"must be \(2,\)"),
        (solutions.NLLLoss(np.ones(2)), ZEROS, ONE, ValueError, r"weight \(2,\)"),
        (solutions.NLLLoss(), np.zeros(()), ONE, ValueError, "has no axis"),
        (solutions.CrossEntropyLoss(), ZEROS, ONE + 3, IndexError, "target 3 is no"),
        (solutions.CrossEntropyLoss(), ZEROS, ONE + 0.0, TypeError, "not float64"),
        (
            solutions.CrossEntropyLoss(),
            ZEROS,
            ZEROS.astype(int),
            TypeError,
            "floating-point",
        ),
        (solutions.CrossEntropyLoss(), ZEROS, ONE[:1], ValueError, r"must be \(2,\)"),
        (
            solutions.CrossEntropyLoss(label_smoothing=0.1),
            ZEROS,
            ONE + 3,
            IndexError,
            "target 3 is no class",
        ),
        (
            solutions.CrossEntropyLoss(label_smoothing=1.5),
            ZEROS,
            ONE,
            ValueError,
            "label_smoothing 1.5",
        ),
        (
            solutions.CrossEntropyLoss(ignore_index=1),
            ZEROS,
            ZEROS,
            ValueError,
            "ignore_index 1",
        ),
        (
            solutions.CrossEntropyLoss(np.ones(2)),
            ZEROS,
            ONE,
            ValueError,
            r"weight \(2,\)",
        ),
    ],
)
def test_what_torch_refuses_is_refused(loss, input, target, error, message):
    with pytest.raises(error, match=message):
        loss(input, target)


@pytest.mark.parametrize(
    ("op", "_", "input", "target", "options"),
    [pair for pair in PAIRS if pair[0] != "cross_entropy"],
)
def test_the_targets_gradient_is_left_out_where_nobody_asks(
    op, _, input, target, options
):
    forward, backward = ours(op)
    _, cache = forward(input, target, **options)
    grad_input, _ = backward(1.5, cache)
    alone, nothing = backward(1.5, cache, target_too=False)
    np.testing.assert_array_equal(alone, grad_input)
    assert nothing is None


def test_a_delta_that_is_no_number_is_refused_at_once():
    with pytest.raises(TypeError, match="delta must be a float or an int, not"):
        solutions.HuberLoss(delta=1 + 0j)
