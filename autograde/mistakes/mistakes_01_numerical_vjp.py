"""Chapter 1: what students get wrong in `numerical_vjp`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.gradients import numerical_vjp

reference(__name__, numerical_vjp)


def measure(f, x, grad_y, above=1e-6, below=1e-6):
    """(L(x + above) - L(x - below)) / (above + below) for each entry."""
    x = np.array(x, dtype=np.float64)
    grad_x = np.empty_like(x)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + above
        upper = np.sum(grad_y * f(x))
        x[index] = kept - below
        lower = np.sum(grad_y * f(x))
        x[index] = kept
        grad_x[index] = (upper - lower) / (above + below)
    return grad_x


@mistake(
    "numerical_vjp",
    hint="this is the forward difference. Which term of Taylor's formula does the "
    "central one get rid of?",
)
def forward_difference(f, x, grad_y, eps=1e-6):
    return measure(f, x, grad_y, above=eps, below=0)


@mistake(
    "numerical_vjp",
    hint="this is a one-sided difference, on the side of x - eps. Which two points lie "
    "around x?",
)
def backward_difference(f, x, grad_y, eps=1e-6):
    return measure(f, x, grad_y, above=0, below=eps)


@mistake(
    "numerical_vjp",
    hint="the difference is divided by eps. How far apart are x + eps and x - eps?",
)
def divided_by_eps(f, x, grad_y, eps=1e-6):
    return 2 * measure(f, x, grad_y, above=eps, below=eps)


@mistake(
    "numerical_vjp",
    hint="eps has no effect: the step is always 1e-6. Where does the argument come in?",
)
def eps_ignored(f, x, grad_y, eps=1e-6):
    return measure(f, x, grad_y)


@mistake(
    "numerical_vjp",
    hint="an entry is moved and not put back before the next one moves. At which point "
    "is the next derivative measured?",
)
def entry_not_put_back(f, x, grad_y, eps=1e-6):
    x = np.array(x, dtype=np.float64)
    grad_x = np.empty_like(x)
    for index in np.ndindex(x.shape):
        x[index] += eps
        upper = np.sum(grad_y * f(x))
        x[index] -= 2 * eps
        grad_x[index] = (upper - np.sum(grad_y * f(x))) / (2 * eps)
    return grad_x


@mistake(
    "numerical_vjp",
    hint="x itself is changed. What is x after + eps, - 2 eps and + eps, once each sum "
    "is rounded?",
)
def nudged_in_place(f, x, grad_y, eps=1e-6):
    grad_x = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += eps
        upper = np.sum(grad_y * f(x))
        x[index] -= 2 * eps
        lower = np.sum(grad_y * f(x))
        x[index] += eps
        grad_x[index] = (upper - lower) / (2 * eps)
    return grad_x


@mistake(
    "numerical_vjp",
    hint="grad_y plays no part. What is L, and which factor does each entry of f(x) "
    "have in it?",
)
def upstream_ignored(f, x, grad_y, eps=1e-6):
    return measure(f, x, np.ones_like(grad_y), eps, eps)


@mistake(
    "numerical_vjp",
    hint="x is nudged in its own dtype. How large is eps beside the rounding of "
    "float32, and what is a whole number plus 1e-6?",
)
def own_dtype_kept(f, x, grad_y, eps=1e-6):
    x = x.copy()
    grad_x = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + eps
        upper = np.sum(grad_y * f(x))
        x[index] = kept - eps
        lower = np.sum(grad_y * f(x))
        x[index] = kept
        grad_x[index] = (upper - lower) / (2 * eps)
    return grad_x


@mistake(
    "numerical_vjp",
    hint="it takes an x with one axis and no other. How do you go through the entries "
    "of an array of any shape?",
)
def one_axis_only(f, x, grad_y, eps=1e-6):
    x = np.array(x, dtype=np.float64)
    grad_x = np.zeros(len(x))
    for i in range(len(x)):
        kept = x[i]
        x[i] = kept + eps
        upper = np.sum(grad_y * f(x))
        x[i] = kept - eps
        lower = np.sum(grad_y * f(x))
        x[i] = kept
        grad_x[i] = (upper - lower) / (2 * eps)
    return grad_x


@mistake(
    "numerical_vjp",
    hint="f(x + eps) is kept while x moves on. What if f gives back a view of x, "
    "and x changes under it?",
)
def result_moves_along(f, x, grad_y, eps=1e-6):
    x = np.array(x, dtype=np.float64)
    grad_x = np.empty_like(x)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + eps
        above = f(x)
        x[index] = kept - eps
        below = f(x)
        grad_x[index] = np.sum(grad_y * (above - below)) / (2 * eps)
        x[index] = kept
    return grad_x


@mistake(
    "numerical_vjp",
    hint="all entries are moved at once. Which entry of f(x) belongs to which of x, if "
    "f mixes them?",
)
def all_entries_at_once(f, x, grad_y, eps=1e-6):
    x = np.array(x, dtype=np.float64)
    return grad_y * (f(x + eps) - f(x - eps)) / (2 * eps)


@mistake(
    "numerical_vjp",
    hint="only one number comes back: all entries are moved at once, and L with them. "
    "How does L move with one entry?",
)
def one_number_returned(f, x, grad_y, eps=1e-6):
    x = np.array(x, dtype=np.float64)
    return np.sum(grad_y * (f(x + eps) - f(x - eps))) / (2 * eps)


@mistake(
    "numerical_vjp",
    hint="the result is rounded to the dtype of x. In which dtype was it measured?",
)
def result_in_the_dtype_of_x(f, x, grad_y, eps=1e-6):
    return measure(f, x, grad_y, eps, eps).astype(x.dtype)


@mistake(
    "numerical_vjp",
    hint="a whole row of x moves at once. How do you reach a single entry when x has "
    "more than one axis?",
)
def rows_moved_at_once(f, x, grad_y, eps=1e-6):
    x = np.array(x, dtype=np.float64)
    grad_x = np.zeros_like(x)
    for i in range(len(x)):
        above, below = x.copy(), x.copy()
        above[i] += eps
        below[i] -= eps
        grad_x[i] = np.sum(grad_y * (f(above) - f(below))) / (2 * eps)
    return grad_x


@mistake(
    "numerical_vjp",
    hint="the numbers are right and the result is flat. Which shape has a gradient?",
)
def flat_result(f, x, grad_y, eps=1e-6):
    return measure(f, x, grad_y, eps, eps).ravel()


@mistake(
    "numerical_vjp",
    hint="only the entry of f(x) in the same place is looked at. Which entries of f(x) "
    "can move when one entry of x does?",
)
def same_entry_only(f, x, grad_y, eps=1e-6):
    x = np.array(x, dtype=np.float64)
    grad_x = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += eps
        below[index] -= eps
        change = np.asarray(f(above)) - np.asarray(f(below))
        grad_x[index] = grad_y[index] * change[index] / (2 * eps)
    return grad_x


@mistake(
    "numerical_vjp",
    hint="x moves by eps / 2 to each side. How far apart do x + eps and x - eps lie?",
)
def half_a_step(f, x, grad_y, eps=1e-6):
    return measure(f, x, grad_y, eps / 2, eps / 2)


@mistake(
    "numerical_vjp",
    hint="L is taken as the mean of grad_y * f(x). What do the entries of f(x) add up "
    "to with the weights of grad_y?",
)
def mean_of_products(f, x, grad_y, eps=1e-6):
    return measure(f, x, grad_y / max(np.size(grad_y), 1), eps, eps)


@mistake(
    "numerical_vjp",
    hint="the entries of f(x) are added up first, and grad_y comes after. Which entry "
    "of grad_y belongs to which of f(x), if f mixes them?",
)
def upstream_comes_last(f, x, grad_y, eps=1e-6):
    return grad_y * measure(f, x, np.ones_like(grad_y), eps, eps)


@mistake(
    "numerical_vjp",
    hint="f is given a flat x. Which shape has the x that f expects?",
)
def flat_argument(f, x, grad_y, eps=1e-6):
    return measure(f, np.ravel(x), grad_y, eps, eps).reshape(x.shape)


@mistake(
    "numerical_vjp",
    hint="reshape(..., -1) cannot tell the size of an axis where there are no entries. "
    "What if x is empty?",
)
def axis_to_be_guessed(f, x, grad_y, eps=1e-6):
    steps = [step.reshape(x.shape) for step in np.eye(x.size) * eps]
    changes = [np.ravel(f(x + step)) - np.ravel(f(x - step)) for step in steps]
    jacobian = np.array(changes).reshape(x.size, -1) / (2 * eps)
    return (jacobian @ np.ravel(grad_y)).reshape(x.shape)


@right("numerical_vjp")
def with_steps(f, x, grad_y, eps=1e-6):
    x = np.asarray(x).astype(float)
    grad_x = np.zeros(x.shape)
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = eps
        step = step.reshape(x.shape)
        change = np.asarray(f(x + step)) - np.asarray(f(x - step))
        grad_x.flat[i] = (grad_y * change).sum() / (2 * eps)
    return grad_x


@right("numerical_vjp")
def with_the_jacobian(f, x, grad_y, eps=1e-6):
    rows = []
    for step in eps * np.eye(x.size):
        above = np.ravel(f(x + step.reshape(x.shape)))
        below = np.ravel(f(x - step.reshape(x.shape)))
        rows.append((above - below) / (2 * eps))
    jacobian = np.array(rows).reshape(x.size, -1 if x.size else np.size(grad_y))
    return (jacobian @ np.ravel(grad_y)).reshape(x.shape)


@right("numerical_vjp")
def with_an_iterator(f, x, grad_y, eps=1e-6):
    point = x.astype(np.float64)
    grad_x = np.zeros_like(point)
    if point.size:
        it = np.nditer(point, flags=["multi_index"])
        for _ in it:
            kept = point[it.multi_index]
            losses = []
            for moved in (kept + eps, kept - eps):
                point[it.multi_index] = moved
                losses.append(float(np.vdot(grad_y, f(point))))
            point[it.multi_index] = kept
            grad_x[it.multi_index] = (losses[0] - losses[1]) / (2 * eps)
    return grad_x
