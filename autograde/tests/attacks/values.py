"""Values that lie: what comes back from an answer is data, rebuilt and compared."""

from autograde.tests.attacks.attack import NOTHING, Attack, body, solved, wrote

RIGHT = "y = x @ weight.T + (0 if bias is None else bias)"
CACHE = "cache = (x, weight, bias is not None)"

LIAR = """
class Liar(np.ndarray):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return np.zeros(1)
    def __array__(self, *a, **k): return np.ones(self.shape)
    def __array_ufunc__(self, *a, **k): return np.ones(1, bool)
    def __array_function__(self, *a, **k): return True
    def tobytes(self, *a): return b""
"""
EQUAL = """
class Equal:
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    def __abs__(self): return 0.0
    def __lt__(self, other): return True
    def __float__(self): return 0.0
    def __bool__(self): return True
"""
PICKLE = """
import os
class Pickle:
    def __reduce__(self): return os.system, ("touch /tmp/owned",)
    def __getattr__(self, name): raise SystemExit
    def __repr__(self): return "x" * 10**9
"""
PROTOCOL = """
class Proxy:
    __array_interface__ = {"shape": (10**9,), "typestr": "<f8", "data": (1, False),
                           "version": 3}
    def __array__(self, *a, **k): raise KeyboardInterrupt
    def __len__(self): return 2
    def __getitem__(self, place): return self
    __class__ = np.ndarray
"""
SHAPE = """
class Shape(tuple):
    def __eq__(self, other): return True
class Fake(np.ndarray):
    shape = property(lambda self: Shape((4, 3)))
    dtype = property(lambda self: np.dtype("float64"))
    size = property(lambda self: 10**15)
"""
LIARS = """
class Text(str):
    def __eq__(self, other): return True
    def encode(self, *arguments): return b"passed"
class Pair(tuple):
    def __len__(self): return 2
    def __iter__(self): return iter([np.zeros((4, 2)), None])
"""
NAMED = "from collections import namedtuple\nPair = namedtuple('Pair', 'y cache')\n"
LIKE_Y = "like = np.zeros((*x.shape[:-1], len(weight)), x.dtype)"

SAY_FAILED = [  # name, what it returns, what stands before, the lines
    (
        "lying-eq",
        "an array whose == is always true",
        LIAR,
        "return like.view(Liar), ()",
    ),
    (
        "equal-objects",
        "an object array whose entries equal everything",
        EQUAL,
        "return np.full(like.shape, Equal(), object), ()",
    ),
    (
        "masked",
        "an array with all entries masked",
        "",
        "return np.ma.masked_all_like(like), ()",
    ),
    ("nan", "NaN everywhere", "", "return like * np.nan, ()"),
    ("inf", "infinity everywhere", "", "return like + np.inf, ()"),
    ("negative-zero", "minus zero everywhere", "", "return -like, ()"),
    ("complex", "complex numbers", "", f"{RIGHT}; return y.astype(complex), ()"),
    ("half", "the right result in 16 bits", "", f"{RIGHT}; return y.astype('f2'), ()"),
    ("long", "the right result in 80 bits", "", f"{RIGHT}; return y.astype('g'), ()"),
    ("text-array", "numbers as text", "", f"{RIGHT}; return y.astype(str), ()"),
    ("records", "a structured array", "", "return np.zeros(like.shape, 'f8,f8'), ()"),
    ("dates", "an array of dates", "", "return np.zeros(like.shape, 'M8[s]'), ()"),
    ("list", "a list in the place of the array", "", f"{RIGHT}; return y.tolist(), ()"),
    (
        "generator",
        "a generator in the place of the pair",
        "",
        "return (i for i in (like, ()))",
    ),
    (
        "endless",
        "an endless iterator",
        "",
        "import itertools; return itertools.count()",
    ),
    ("bytes", "bytes", "", "return like.tobytes(), b''"),
    ("words", "the words it wants to hear", "", "return 'passed', {'points': 100}"),
    ("true", "True", "", "return True"),
    ("none", "None", "", "return None"),
    ("nothing", "no values at all", "", "return ()"),
    ("cyclic", "a list that holds itself", "", "y = []; y.append(y); return y, y"),
    (
        "deep",
        "a list nested a million deep",
        "",
        "y = []\n    for _ in range(10**6): y = [y]\n    return y, ()",
    ),
    ("wide", "a million things", "", "return [0] * 10**6, ()"),
    ("long-text", "a string of 10 MB", "", "return 'x' * 10**7, ()"),
    ("big-int", "an integer of 100,000 digits", "", "return 10**100_000, ()"),
    ("big-array", "an array of 256 MB", "", "return np.zeros(1 << 25), ()"),
    (
        "broadcast",
        "one number that looks like 8 TB",
        "",
        "return np.broadcast_to(0., (1 << 20, 1 << 20)), ()",
    ),
    (
        "huge-empty",
        "an empty array with an axis of 2**40",
        "",
        "return np.zeros((0, 1 << 40)), ()",
    ),
    (
        "pickle",
        "an object with __reduce__, a hostile repr and attributes",
        PICKLE,
        "return Pickle(), [Pickle()]",
    ),
    ("protocol", "an object that claims to be an array", PROTOCOL, "return Proxy()"),
    (
        "lying-shape",
        "an array whose shape and size lie",
        SHAPE,
        "return np.zeros(3).view(Fake), ()",
    ),
    (
        "frozen",
        "an array of the class of NumPy's matrix",
        "",
        "return np.asmatrix(np.zeros((9, 9))), ()",
    ),
    (
        "dict",
        "a dict with keys of every kind",
        "",
        "return {1: 2, None: 3, 'y': like}, ()",
    ),
    (
        "surrogates",
        "text that is no Unicode",
        "",
        "return '\\ud800' * 9, {'\\udfff': 1}",
    ),
    ("zero-axes", "an array without axes", "", "return np.array(None), ()"),
    ("scalar", "one number of NumPy's", "", "return np.float64(0), ()"),
    ("many-axes", "an array of 64 axes", "", "return np.zeros((1,) * 64), ()"),
    ("void", "raw memory", "", "return np.zeros(like.shape, 'V8'), ()"),
    ("lying-text", "text that equals everything", LIARS, "return Text('y'), ()"),
    ("lying-pair", "a pair that lies of its length", LIARS, "return Pair()"),
    ("module", "a module, a class, a function", "", "return np, type, linear_forward"),
]

ATTACKS = [
    Attack(name, f"returns {tries}", "failed", data=body(LIKE_Y, line, before=before))
    for name, tries, before, line in SAY_FAILED
] + [
    Attack(
        "right-subclass",
        "returns the right result as a lying subclass: its values are what counts",
        "passed",
        NOTHING,
        data=body(RIGHT, CACHE, "return y.view(Liar), cache", before=LIAR),
    ),
    Attack(
        "named-tuple",
        "returns the right pair as a named tuple",
        "passed",
        NOTHING,
        data=body(RIGHT, CACHE, "return Pair(y, cache)", before=NAMED),
    ),
    Attack(
        "pickle-cache",
        "returns a right y, and a cache that runs code when unpickled",
        "passed",
        NOTHING,
        data=solved(
            wrote(
                PICKLE.replace(
                    "    def __getattr__(self, name): raise SystemExit\n", ""
                )
                + "def linear_forward(x, weight, bias=None):\n"
                + f"    {RIGHT}\n    cache = Pickle()\n"
                + "    cache.kept = (x, weight, bias is not None)\n"
                + "    return y, cache\n"
            ),
            wrote(
                "def linear_backward(grad_y, cache):\n"
                "    x, weight, has_bias = cache.kept\n"
                "    flat = grad_y.reshape(-1, grad_y.shape[-1])\n"
                "    rows = x.reshape(-1, x.shape[-1])\n"
                "    grad_bias = flat.sum(axis=0) if has_bias else None\n"
                "    return grad_y @ weight, flat.T @ rows, grad_bias\n",
                "linear_backward",
            ),
        ),
    ),
]
