"""The normalizations: identities, hard inputs, running statistics, what is refused."""

import numpy as np
import pytest
import torch

import solutions
from solutions import (
    TLU,
    BatchNorm1d,
    BatchNorm2d,
    BatchRenorm,
    FilterResponseNorm,
    GroupNorm,
    InstanceNorm1d,
    InstanceNorm2d,
    LayerNorm,
    RMSNorm,
    Sequential,
    batch_norm_backward,
    batch_norm_forward,
    batch_renorm_backward,
    batch_renorm_forward,
    group_norm_backward,
    group_norm_forward,
    instance_norm_backward,
    instance_norm_forward,
    layer_norm_forward,
)
from solutions.gradients import numerical_vjp
from solutions.normalize import sum_to


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def assert_same(ours, theirs):
    """Two tuples of arrays or None."""
    for a, b in zip(ours, theirs, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert a.shape == b.shape
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


# Identities


def run(forward, backward, x, grad_y, *params, **options):
    y, cache = forward(x, *params, **options)
    return y, *backward(grad_y, cache)


def test_batch_norm_of_one_example_is_instance_norm(rng):
    x, grad_y = rng.standard_normal((2, 1, 3, 4, 5))
    params = rng.standard_normal((2, 3))
    batch = run(batch_norm_forward, batch_norm_backward, x, grad_y, *params)
    instance = run(instance_norm_forward, instance_norm_backward, x, grad_y, *params)
    assert_same(batch, instance)


def test_instance_norm_is_group_norm_with_a_group_for_each_channel(rng):
    x, grad_y = rng.standard_normal((2, 4, 3, 2, 5))
    params = rng.standard_normal((2, 3))
    instance = run(instance_norm_forward, instance_norm_backward, x, grad_y, *params)
    group = run(
        group_norm_forward, group_norm_backward, x, grad_y, *params, num_groups=3
    )
    assert_same(group, instance)


def test_group_norm_with_one_group_is_layer_norm_of_all_axes(rng):
    x, grad_y = rng.standard_normal((2, 4, 3, 2, 5))
    group = GroupNorm(1, 3, affine=False)
    layer = LayerNorm((3, 2, 5), elementwise_affine=False)
    np.testing.assert_allclose(group(x), layer(x), rtol=1e-12)
    np.testing.assert_allclose(group.backward(grad_y), layer.backward(grad_y), 1e-9)
    assert GroupNorm(1, 3).params["weight"].shape == (3,), "a weight for each channel"
    assert LayerNorm((3, 2, 5)).params["weight"].shape == (3, 2, 5), "for each entry"


def test_rms_norm_of_centered_examples_is_layer_norm(rng):
    x = rng.standard_normal((4, 6))
    x -= x.mean(axis=1, keepdims=True)
    layer = LayerNorm(6, eps=1e-5, elementwise_affine=False)
    rms = RMSNorm(6, eps=1e-5, elementwise_affine=False)
    np.testing.assert_allclose(rms(x), layer(x), rtol=1e-10)


def test_layer_norm_takes_no_notice_of_scale_and_offset(rng):
    x = rng.standard_normal((4, 6))
    layer = LayerNorm(6, eps=0.0)
    np.testing.assert_allclose(layer(3 * x + 7), layer(x), rtol=1e-6, atol=1e-6)


# Readable definitions beside the fast form


@pytest.mark.parametrize(
    "shape", [(3, 1, 5), (1, 4, 1), (3, 4, 1), (3, 4, 5), (4, 5), (5,), ()]
)
def test_sum_to_is_the_sum_over_broadcast_axes(rng, shape):
    a, b = rng.standard_normal((2, 3, 4, 5))
    want = np.zeros((3, 4, 5))
    reached = np.broadcast_to(np.arange(int(np.prod(shape))).reshape(shape), (3, 4, 5))
    for values, result in [(a, sum_to(shape, a)), (a * b, sum_to(shape, a, b))]:
        want = np.bincount(reached.ravel(), values.ravel()).reshape(shape)
        np.testing.assert_allclose(result, want, rtol=1e-10, atol=1e-12)


def test_group_norm_agrees_with_loops_over_examples_and_groups(rng):
    x = rng.standard_normal((3, 6, 4))
    y, _ = group_norm_forward(x, num_groups=2)
    for n in range(3):
        for group in (slice(0, 3), slice(3, 6)):
            values = x[n, group]
            want = (values - values.mean()) / np.sqrt(values.var() + 1e-5)
            np.testing.assert_allclose(y[n, group], want, rtol=1e-10)


def test_batch_norm_agrees_with_a_loop_over_channels(rng):
    x, weight, bias = rng.standard_normal((3, 4, 5)), *rng.standard_normal((2, 4))
    y, _ = batch_norm_forward(x, weight, bias)
    for c in range(4):
        values = x[:, c]
        want = (values - values.mean()) / np.sqrt(values.var() + 1e-5)
        np.testing.assert_allclose(y[:, c], want * weight[c] + bias[c], rtol=1e-10)


def test_layer_norm_agrees_with_a_loop_over_examples(rng):
    x, weight, bias = rng.standard_normal((3, 4)), *rng.standard_normal((2, 4))
    y, _ = layer_norm_forward(x, weight, bias, normalized_shape=(4,))
    for n in range(3):
        want = (x[n] - x[n].mean()) / np.sqrt(x[n].var() + 1e-5) * weight + bias
        np.testing.assert_allclose(y[n], want, rtol=1e-10)


def test_the_layout_of_x_does_not_matter(rng):
    """In torch 2.13 it does: there the second gradient is wrong."""
    x, grad_y = rng.standard_normal((2, 1, 3, 1, 2))
    layer = solutions.BatchNorm2d(3).double()
    layer(x)
    want = layer.backward(grad_y)
    layer(np.asfortranarray(x))
    np.testing.assert_allclose(layer.backward(grad_y), want, rtol=1e-12)


# Running statistics


@pytest.mark.parametrize("momentum", [0.1, 0.6, None])
@pytest.mark.parametrize("name", ["BatchNorm2d", "InstanceNorm2d"])
def test_running_statistics_follow_torch_over_several_batches(rng, name, momentum):
    options = {"momentum": momentum, "track_running_stats": True, "affine": True}
    ours = getattr(solutions, name)(3, **options).double()
    theirs = getattr(torch.nn, name)(3, **options).double()
    kept = ours.state_dict()
    for scale in (1.0, 5.0, 0.2, 30.0):
        x = scale * rng.standard_normal((4, 3, 5, 2)) + scale
        np.testing.assert_allclose(ours(x), theirs(torch.tensor(x)).detach(), 1e-9)
    for key, array in theirs.state_dict().items():
        np.testing.assert_allclose(kept[key], array, rtol=1e-12, err_msg=key)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in kept.items()})
    ours.eval()
    theirs.eval()
    np.testing.assert_allclose(ours(x), theirs(torch.tensor(x)).detach(), rtol=1e-10)
    assert ours.state["num_batches_tracked"] == (4 if name == "BatchNorm2d" else 0)


def test_a_small_new_statistic_keeps_its_digits(rng):
    ours, theirs = BatchNorm1d(3, momentum=None), torch.nn.BatchNorm1d(3, momentum=None)
    ours.double()
    x = 1e-6 * rng.standard_normal((5, 3))  # a variance of 1e-12 replaces one of 1
    ours(x)
    theirs.double()(torch.tensor(x))
    for name, array in theirs.named_buffers():
        np.testing.assert_allclose(ours.state[name], array, rtol=1e-12, err_msg=name)


def test_evaluation_changes_no_statistics(rng):
    layer = BatchNorm1d(3).eval()
    before = {k: v.copy() for k, v in layer.state.items()}
    layer(rng.standard_normal((5, 3)))
    for name, array in layer.state.items():
        np.testing.assert_array_equal(array, before[name])


def test_an_empty_batch_counts_but_changes_no_statistics():
    layer = BatchNorm1d(3)
    layer(np.zeros((0, 3), np.float32))
    assert layer.state["num_batches_tracked"] == 1
    np.testing.assert_array_equal(layer.state["running_var"], 1)
    instance = InstanceNorm1d(3, track_running_stats=True)
    instance(np.zeros((0, 3, 4), np.float32))
    np.testing.assert_array_equal(instance.state["running_var"], 1)  # torch: nan


@pytest.mark.parametrize("shape", [(5, 3), (1, 3), (2, 3, 4, 2)], ids=str)
def test_running_statistics_are_constants_to_the_gradient(rng, shape):
    x, grad_y = rng.standard_normal((2, *shape))
    params = dict(zip(["weight", "bias"], rng.standard_normal((2, 3)), strict=True))
    running = {"running_mean": rng.standard_normal(3), "running_var": rng.random(3)}
    arrays = {"x": x, **params}
    _, cache = batch_norm_forward(**arrays, **running)
    for name, grad in zip(arrays, batch_norm_backward(grad_y, cache), strict=True):

        def f(value, name=name):
            return batch_norm_forward(**{**arrays, name: value}, **running)[0]

        want = numerical_vjp(f, arrays[name], grad_y)
        np.testing.assert_allclose(grad, want, rtol=1e-6, atol=1e-7, err_msg=name)


# Hard inputs


HARD = [
    ("BatchNorm1d", (3,), (64, 3)),
    ("BatchNorm2d", (3,), (8, 3, 9, 7)),
    ("BatchNorm2d", (3,), (1, 3, 30, 30)),
    ("InstanceNorm2d", (3,), (8, 3, 9, 7)),
    ("GroupNorm", (2, 6), (8, 6, 9, 7)),
    ("LayerNorm", (512,), (8, 512)),
    ("RMSNorm", (512,), (8, 512)),
]


@pytest.mark.parametrize("offset", [0.0, 10.0, 1e3, 1e4])
@pytest.mark.parametrize(("name", "args", "shape"), HARD, ids=str)
def test_float32_keeps_its_digits_far_from_zero(rng, name, args, shape, offset):
    x = (offset + rng.standard_normal(shape)).astype(np.float32)
    grad_y = rng.standard_normal(shape).astype(np.float32)
    layer, theirs = getattr(solutions, name)(*args), getattr(torch.nn, name)(*args)
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    want = theirs.double()(t)
    want.backward(torch.tensor(grad_y, dtype=torch.float64))
    tolerance = 2e-6 * (1 + (0 if name == "RMSNorm" else offset))
    for ours, exact, tolerated in [
        (layer(x), want.detach(), tolerance),
        (layer.backward(grad_y), t.grad, 5 * tolerance),
    ]:
        assert ours.dtype == np.float32
        atol = tolerated * float(exact.abs().max())
        np.testing.assert_allclose(ours, exact, rtol=0, atol=atol)


@pytest.mark.parametrize("spread", [0.0, 1e-8, 1e-3])
@pytest.mark.parametrize(("name", "args", "shape"), HARD, ids=str)
def test_hardly_any_variance(rng, name, args, shape, spread):
    x = spread * rng.standard_normal(shape)
    grad_y = rng.standard_normal(shape)
    layer = getattr(solutions, name)(*args).double()
    t = torch.tensor(x, requires_grad=True)
    want = getattr(torch.nn, name)(*args).double()(t)
    want.backward(torch.tensor(grad_y))
    np.testing.assert_allclose(layer(x), want.detach(), rtol=1e-9, atol=1e-12)
    scale = float(t.grad.abs().max())
    np.testing.assert_allclose(
        layer.backward(grad_y), t.grad, rtol=1e-9, atol=1e-12 * scale
    )


@pytest.mark.parametrize("name", ["weight", "bias"])
def test_a_weight_alone_or_a_bias_alone(rng, name):
    x, grad_y = rng.standard_normal((2, 4, 3, 5))
    param = rng.standard_normal(3)
    y, cache = batch_norm_forward(x, **{name: param})
    t, p = torch.tensor(x, requires_grad=True), torch.tensor(param, requires_grad=True)
    want = torch.nn.functional.batch_norm(t, None, None, **{name: p}, training=True)
    want.backward(torch.tensor(grad_y))
    np.testing.assert_allclose(y, want.detach(), rtol=1e-9, atol=1e-12)
    grads = dict(
        zip(["x", "weight", "bias"], batch_norm_backward(grad_y, cache), strict=True)
    )
    np.testing.assert_allclose(grads["x"], t.grad, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(grads.pop(name), p.grad, rtol=1e-9)
    assert [k for k, grad in grads.items() if grad is None] == [
        {"weight": "bias", "bias": "weight"}[name]
    ]


# Batch renormalization and filter response normalization, which torch does not have


def renorm(x, weight, bias, mean, std, *, r_max, d_max, eps):
    """The formula of the paper in torch; the new running statistics."""
    axes = (0, *range(2, x.ndim))
    shape = (1, -1, *[1] * (x.ndim - 2))
    mu = x.mean(axes)
    sigma = torch.sqrt(((x - mu.reshape(shape)) ** 2).mean(axes) + eps)
    r = (sigma / std).clamp(1 / r_max, r_max).detach()
    d = ((mu - mean) / std).clamp(-d_max, d_max).detach()
    z = (x - mu.reshape(shape)) / sigma.reshape(shape)
    z = z * r.reshape(shape) + d.reshape(shape)
    return z * weight.reshape(shape) + bias.reshape(shape), mu, sigma


@pytest.mark.parametrize("shape", [(5, 3), (4, 3, 6), (1, 3, 4, 5)], ids=str)
@pytest.mark.parametrize(("r_max", "d_max"), [(3.0, 5.0), (1.1, 0.2), (1.0, 0.0)])
def test_batch_renorm_agrees_with_its_formula_in_torch(rng, shape, r_max, d_max):
    x, grad_y = 2 * rng.standard_normal((2, *shape)) + 1
    layer = BatchRenorm(3, momentum=0.2, r_max=r_max, d_max=d_max).double()
    layer.params["weight"][...], layer.params["bias"][...] = rng.standard_normal((2, 3))
    layer.state["running_mean"][...] = [0.0, 1.0, -2.0]
    layer.state["running_std"][...] = [1.0, 2.0, 0.5]
    mean, std = (torch.tensor(v) for v in layer.state.values())
    t = torch.tensor(x, requires_grad=True)
    w, b = (torch.tensor(v, requires_grad=True) for v in layer.params.values())
    options = {"r_max": r_max, "d_max": d_max, "eps": 1e-3}
    want, mu, sigma = renorm(t, w, b, mean, std, **options)
    want.backward(torch.tensor(grad_y))
    np.testing.assert_allclose(layer(x), want.detach(), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(layer.backward(grad_y), t.grad, rtol=1e-8, atol=1e-11)
    assert_same(layer.grads.values(), [w.grad, b.grad])
    new = [mean + 0.2 * (mu - mean), std + 0.2 * (sigma - std)]
    assert_same(layer.state.values(), [a.detach() for a in new])


def test_batch_renorm_trains_on_what_it_evaluates(rng):
    x = rng.standard_normal((6, 3, 4))
    running = {"running_mean": np.full(3, 0.1), "running_std": np.full(3, 1.2)}
    params = rng.standard_normal((2, 3))
    in_training, _ = batch_renorm_forward(x, *params, **running)
    y, cache = batch_renorm_forward(x, *params, **running, training=False)
    np.testing.assert_allclose(in_training, y, rtol=1e-10, atol=1e-12)
    grad_y = rng.standard_normal(x.shape)
    grads = batch_renorm_backward(grad_y, cache)
    arrays = dict(zip(["x", "weight", "bias"], [x, *params], strict=True))
    for name, grad in zip(arrays, grads, strict=True):

        def f(value, name=name):
            given = {**arrays, name: value}
            return batch_renorm_forward(**given, **running, training=False)[0]

        want = numerical_vjp(f, arrays[name], grad_y)
        np.testing.assert_allclose(grad, want, rtol=1e-6, atol=1e-7, err_msg=name)


def test_batch_renorm_without_leeway_is_batch_norm(rng):
    x = rng.standard_normal((5, 3)).astype(np.float32)
    renormed = BatchRenorm(3, eps=1e-5, r_max=1, d_max=0)
    np.testing.assert_array_equal(renormed(x), BatchNorm1d(3)(x))
    assert renormed.backward(x).dtype == np.float32


def test_batch_renorm_takes_an_empty_batch_and_changes_no_argument():
    layer = BatchRenorm(3)
    x = np.zeros((0, 3, 4), np.float32)
    assert layer(x).shape == layer.backward(x).shape == x.shape
    np.testing.assert_array_equal(layer.state["running_std"], 1)


@pytest.mark.parametrize("learn_eps", [True, False])
def test_filter_response_norm_keeps_float32_and_its_gradients(rng, learn_eps):
    layer = FilterResponseNorm(3, eps=-1e-4, learn_eps=learn_eps)
    x, grad_y = rng.standard_normal((2, 4, 3, 1)).astype(np.float32)
    y, grad_x = layer(x), layer.backward(grad_y)
    assert {y.dtype, grad_x.dtype} == {np.dtype(np.float32)}
    np.testing.assert_allclose(y, x / np.sqrt(x * x + 1e-4), rtol=1e-5)
    assert list(layer.params) == ["weight", "bias", *["eps"] * learn_eps]
    once = {name: grad.copy() for name, grad in layer.grads.items()}
    layer.backward(grad_y)
    for name, grad in layer.grads.items():
        np.testing.assert_allclose(grad, 2 * once[name], rtol=1e-6)
    if learn_eps:  # |eps|: the gradient has the sign of eps
        square = (grad_y * x / (x * x + 1e-4) ** 1.5).sum()
        np.testing.assert_allclose(once["eps"], [0.5 * square], rtol=1e-4)


def test_filter_response_norm_and_its_activation_agree_with_torch(rng):
    layer = Sequential(FilterResponseNorm(3, learn_eps=True), TLU(3)).double()
    for array in layer.params.values():
        array[...] = rng.standard_normal(array.shape)
    x, grad_y = rng.standard_normal((2, 4, 3, 5, 2))
    t = torch.tensor(x, requires_grad=True)
    params = [torch.tensor(a, requires_grad=True) for a in layer.params.values()]
    weight, bias, eps, tau = (p.reshape(-1, 1, 1) for p in params)
    z = t / torch.sqrt((t * t).mean((2, 3), keepdim=True) + torch.abs(eps))
    want = torch.maximum(z * weight + bias, tau)
    want.backward(torch.tensor(grad_y))
    assert_same([layer(x), layer.backward(grad_y)], [want.detach(), t.grad])
    assert_same(layer.grads.values(), [p.grad for p in params])


def test_filter_response_norm_of_a_silent_channel_is_its_bias():
    layer = FilterResponseNorm(2)
    layer.params["bias"][...] = [3.0, 4.0]
    y = layer(np.zeros((1, 2, 5), np.float32))
    np.testing.assert_array_equal(y, [[[3.0] * 5, [4.0] * 5]])


# What is refused


def test_one_value_per_channel_is_refused_in_training():
    for layer in (BatchNorm1d(3), BatchNorm1d(3, track_running_stats=False).eval()):
        with pytest.raises(ValueError, match=r"x \(1, 3\) has one value per channel"):
            layer(np.ones((1, 3)))
    assert BatchNorm1d(3).eval()(np.ones((1, 3))).shape == (1, 3)
    for training in (True, False):
        with pytest.raises(ValueError, match="one value a channel"):
            InstanceNorm1d(3).train(training)(np.ones((5, 3, 1)))
        with pytest.raises(ValueError, match="one value in each of 4 groups"):
            GroupNorm(4, 4).train(training)(np.ones((1, 4)))
    assert GroupNorm(4, 4)(np.ones((2, 4))).shape == (2, 4), "torch takes these"
    assert LayerNorm(1)(np.ones((3, 1))).shape == (3, 1)


REFUSED = [
    (lambda: GroupNorm(3, 4), "num_groups 3 must divide num_channels 4"),
    (lambda: GroupNorm(0, 4), "num_groups 0 must divide"),
    (lambda: GroupNorm(-2, 4), "num_groups -2 must divide"),
    (lambda: GroupNorm(2, 4)(np.ones(4)), r"must have the axes \(N, C, ...\)"),
    (lambda: GroupNorm(2, 4)(np.ones((3, 6))), r"weight \(4,\) must have the shape"),
    (lambda: GroupNorm(2, 4, affine=False)(np.ones((3, 5))), "num_groups 2 must div"),
    (lambda: group_norm_forward(np.ones((3, 4)), num_groups=0), "num_groups 0 must"),
    (lambda: LayerNorm(4)(np.ones((3, 5))), r"x \(3, 5\) must end in normalized_shape"),
    (lambda: LayerNorm((2, 3, 4))(np.ones((3, 4))), "must end in normalized_shape"),
    (lambda: LayerNorm(())(np.ones((3, 4))), "of at least one axis"),
    (lambda: LayerNorm(-4), "negative dimensions"),
    (lambda: RMSNorm(4)(np.ones((3, 5))), "must end in normalized_shape"),
    (
        lambda: layer_norm_forward(np.ones((2, 3)), np.ones(1), normalized_shape=[3]),
        r"weight \(1,\) must have the shape \(3,\)",
    ),
    (lambda: BatchNorm1d(3)(np.ones(3)), r"x \(3,\) must have 2 or 3 axes"),
    (lambda: BatchNorm2d(3)(np.ones((2, 3))), r"x \(2, 3\) must have 4 axes"),
    (lambda: BatchNorm1d(3)(np.ones((4, 2))), "must have num_features 3"),
    (lambda: BatchNorm1d(1, affine=False)(np.ones((4, 2))), "num_features 1"),
    (lambda: BatchNorm1d(3, eps=0)(np.ones((4, 3))), "eps must be positive, got 0"),
    (lambda: BatchNorm1d(3, eps=-1).eval()(np.ones((4, 3))), "eps must be"),
    (lambda: BatchNorm1d(-1), "negative dimensions"),
    (lambda: batch_norm_forward(np.ones((4, 3)), np.ones(1)), r"weight \(1,\)"),
    (
        lambda: batch_norm_forward(np.ones((4, 3)), running_mean=np.ones(3)),
        "must both be given, or neither",
    ),
    (lambda: batch_norm_forward(np.ones(4)), r"must have the axes \(N, C, ...\)"),
    (lambda: InstanceNorm2d(3)(np.ones((3, 2))), r"x \(3, 2\) must have 4 or 3 axes"),
    (lambda: InstanceNorm1d(3, affine=True)(np.ones((2, 4))), "num_features 3"),
    (lambda: BatchRenorm(3, r_max=0.5)(np.ones((4, 3))), "r_max 0.5 must be at least"),
    (lambda: BatchRenorm(3, d_max=-1)(np.ones((4, 3))), "d_max -1 at least 0"),
    (lambda: BatchRenorm(3)(np.ones((4, 1))), r"weight \(3,\) must have the shape"),
    (lambda: FilterResponseNorm(3)(np.ones((4, 1, 2))), r"weight \(3,\) must have"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_a_wrong_argument_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_size_that_is_no_integer_is_refused():
    for call in (lambda: BatchNorm1d(2.5), lambda: LayerNorm(4.0)):
        with pytest.raises(TypeError):
            call()


def test_without_parameters_and_statistics_any_number_of_channels_is_taken(rng):
    x = rng.standard_normal((4, 5, 3))
    options = {"affine": False, "track_running_stats": False}
    for layer in (BatchNorm1d(2, **options), InstanceNorm1d(2)):
        assert layer(x).shape == x.shape, "as in torch"
