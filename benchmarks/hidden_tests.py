"""The cases of our checks of chapter 2 as hidden tests that stand in a notebook.

As an instructor would write them for stock nbgrader: they run in the student's own
process, which imports torch. The same shapes, options and tolerances, case by case.
"""

HELPERS = """\
import torch
from torch.nn.functional import bilinear, linear

rng = np.random.default_rng(2026)


def draw(*shapes, dtype=np.float64, offset=0.0):
    first, *rest = [rng.standard_normal(s).astype(dtype) for s in shapes]
    return [(first + offset).astype(dtype), *rest]


def agree(actual, expected):
    if expected is None:
        assert actual is None
        return
    expected = expected.detach().numpy()
    assert isinstance(actual, np.ndarray)
    assert (actual.shape, actual.dtype) == (expected.shape, expected.dtype)
    rtol, atol = (1e-4, 1e-5) if actual.dtype == np.float32 else (1e-7, 1e-9)
    scale = max(1.0, np.abs(expected).max(initial=0.0))
    np.testing.assert_allclose(actual, expected, rtol, atol * scale)


def ask(function, arrays, options):
    tensors = [
        None if a is None else torch.tensor(a, requires_grad=a.dtype.kind == "f")
        for a in arrays
    ]
    return tensors, function(*tensors, **options)


def test_forward(forward, function, arrays, keeps=False, **options):
    _, expected = ask(function, arrays, options)
    before = [None if a is None else a.copy() for a in arrays]
    agree(forward(*arrays, **options)[0], expected)
    if keeps:
        forward(*arrays, **options)
        for array, copy in zip(arrays, before):
            assert array is None or array.tobytes() == copy.tobytes()


def test_backward(forward, backward, function, arrays, other=None, **options):
    tensors, expected = ask(function, arrays, options)
    grad_y = rng.standard_normal(expected.shape).astype(expected.detach().numpy().dtype)
    wanted = [t for t in tensors if t is not None]
    found = iter(torch.autograd.grad(expected, wanted, torch.tensor(grad_y)))
    _, cache = forward(*arrays, **options)
    if other is not None:
        forward(*other)
        before = grad_y.copy()
        backward(grad_y, cache)
        assert before.tobytes() == grad_y.tobytes()
    grads = backward(grad_y, cache)
    grads = grads if len(arrays) > 1 else (grads,)
    for grad, tensor in zip(grads, tensors, strict=True):
        agree(grad, None if tensor is None else next(found))


def linear_arrays(shape, K=2, bias=True, **options):
    x, w, b = draw(shape, (K, shape[-1]), (K,), **options)
    return [x, w, b if bias else None]


def bilinear_arrays(N, D1, D2, K, **options):
    return draw((N, D1), (N, D2), (K, D1, D2), (K,), **options)


def torch_flatten(x, start_dim=1, end_dim=-1):
    return torch.flatten(x, start_dim, end_dim)


sizes = [(4, 3, 2), (3, 3, 3), (1, 5, 2), (4, 1, 2), (5, 2, 1)]
leading = [(2, 4, 3), (3, 1, 2, 3), (3,), (0, 3)]
special = [{"dtype": np.float32}, {"bias": False}, {"offset": 1e4}]
pairs = [(4, 3, 2, 5), (3, 3, 3, 3), (1, 2, 4, 3), (4, 1, 3, 2), (2, 3, 1, 4)]
special_pairs = [
    bilinear_arrays(4, 3, 2, 5, dtype=np.float32),
    bilinear_arrays(0, 3, 2, 5),
    bilinear_arrays(4, 3, 2, 5, offset=1e4),
]
"""

TESTS = {
    "check_linear_forward": f"""\
{HELPERS}

for N, D, K in sizes:
    test_forward(linear_forward, linear, linear_arrays((N, D), K))
for shape in leading:
    test_forward(linear_forward, linear, linear_arrays(shape))
for options in special:
    arrays = linear_arrays((4, 3), **options)
    test_forward(linear_forward, linear, arrays, keeps=True)""",
    "check_linear_backward": """\
def test_linear_backward(arrays, other=None):
    test_backward(linear_forward, linear_backward, linear, arrays, other)


for N, D, K in sizes:
    test_linear_backward(linear_arrays((N, D), K))  # grad_x
    test_linear_backward(linear_arrays((N, D), K))  # grad_weight, grad_bias
for shape in leading:
    test_linear_backward(linear_arrays(shape))
for options in special:
    other = linear_arrays((5, 3))
    test_linear_backward(linear_arrays((4, 3), **options), other)""",
    "check_flatten_forward": """\
for shape, dtype in [
    ((4, 3, 2), "float64"),
    ((3, 3, 3), "float32"),
    ((2, 3, 1, 5), "float64"),
    ((1, 2, 3), "int64"),
    ((0, 3, 2), "float64"),
    ((5, 2), "float64"),
]:
    x = (9 * rng.standard_normal(shape)).astype(dtype)
    test_forward(flatten_forward, torch_flatten, [x], keeps=True)
for start, end in [(0, -1), (0, 1), (1, 2), (2, 3), (-3, -2), (1, 1), (-4, 3)]:
    options = {"start_dim": start, "end_dim": end}
    test_forward(flatten_forward, torch_flatten, draw((2, 3, 4, 5)), **options)""",
    "check_flatten_backward": """\
for dtype, options in [
    (np.float64, {}),
    (np.float32, {}),
    (np.float64, {"start_dim": 0, "end_dim": 1}),
    (np.float64, {"start_dim": 1, "end_dim": 2}),
]:
    arrays, other = draw((2, 3, 4, 5), dtype=dtype), draw((5, 4, 3, 2))
    pair = flatten_forward, flatten_backward
    test_backward(*pair, torch_flatten, arrays, other, **options)""",
    "check_bilinear_forward": """\
for pair in pairs:
    test_forward(bilinear_forward, bilinear, bilinear_arrays(*pair))
for arrays in special_pairs:
    test_forward(bilinear_forward, bilinear, arrays, keeps=True)""",
    "check_bilinear_backward": """\
def test_bilinear_backward(arrays, other=None):
    test_backward(bilinear_forward, bilinear_backward, bilinear, arrays, other)


for pair in pairs:
    test_bilinear_backward(bilinear_arrays(*pair))  # grad_x1, grad_x2
    test_bilinear_backward(bilinear_arrays(*pair))  # grad_weight, grad_bias
for arrays in special_pairs:
    test_bilinear_backward(arrays, bilinear_arrays(2, 3, 2, 5))""",
}
