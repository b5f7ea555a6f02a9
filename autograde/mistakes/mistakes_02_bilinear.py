"""Chapter 2: what students get wrong in bilinear."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.bilinear import bilinear_backward, bilinear_forward

reference(__name__, bilinear_forward, bilinear_backward)


@mistake(
    "bilinear_forward",
    hint="the bias is missing from y. What does the formula add at the end?",
)
def bilinear_bias_ignored(x1, x2, weight, bias):
    return np.einsum("ni,kij,nj->nk", x1, weight, x2), (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="x1 and x2 have changed places. Which axis of weight belongs to x1, and which "
    "to x2?",
)
def inputs_swapped(x1, x2, weight, bias):
    y = np.einsum("nj,kij,ni->nk", x1, weight, x2) + bias
    return y, (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="every example meets every other one before the sum. Which index has to be "
    "the same in x1 and x2?",
)
def examples_mixed(x1, x2, weight, bias):
    y = np.einsum("ni,kij,mj->nk", x1, weight, x2) + bias
    return y, (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="only the products with i = j are there. Over how many pairs (i, j) does the "
    "formula sum?",
)
def diagonal_only(x1, x2, weight, bias):
    y = np.zeros((len(x1), len(weight)), x1.dtype)
    for i in range(min(x1.shape[1], x2.shape[1])):
        y += (x1[:, i] * x2[:, i])[:, None] * weight[:, i, i]
    return y + bias, (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="the two inputs are multiplied after weight has seen each of them alone. Is a "
    "sum of products the product of the sums?",
)
def product_of_sums(x1, x2, weight, bias):
    y = (x1 @ weight.sum(axis=2).T) * (x2 @ weight.sum(axis=1).T) + bias
    return y, (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="y is averaged over the pairs (i, j). Does the formula divide by anything?",
)
def mean_over_pairs(x1, x2, weight, bias):
    pairs = np.einsum("ni,kij,nj->nkij", x1, weight, x2)
    return pairs.mean(axis=(2, 3)) + bias, (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="float32 goes in, float64 comes out. Where is an array made whose dtype is "
    "not that of x1?",
)
def bilinear_upcast(x1, x2, weight, bias):
    y = np.zeros((len(x1), len(weight)))
    y += np.einsum("ni,kij,nj->nk", x1, weight, x2)
    return y + bias, (x1, x2, weight)


@mistake(
    "bilinear_forward",
    hint="y comes back alone. What else does the docstring promise, for the backward "
    "pass to use?",
)
def bilinear_no_cache(x1, x2, weight, bias):
    return np.einsum("ni,kij,nj->nk", x1, weight, x2) + bias


@right("bilinear_forward")
def bilinear_by_loop(x1, x2, weight, bias):
    y = np.empty((x1.shape[0], weight.shape[0]), dtype=x1.dtype)
    for k in range(weight.shape[0]):
        y[:, k] = ((x1 @ weight[k]) * x2).sum(axis=1) + bias[k]
    return y, (x1, x2, weight)


@right("bilinear_forward")
def bilinear_by_outer_products(x1, x2, weight, bias):
    pairs = outer_products(x1, x2)
    y = pairs @ weight.reshape(len(weight), pairs.shape[1]).T + bias
    return y, (x1, x2, weight)


def outer_products(x1, x2):
    """All products of an entry of x1 with one of x2, a row for each example."""
    pairs = x1[:, :, None] * x2[:, None, :]
    return pairs.reshape(len(x1), x1.shape[1] * x2.shape[1])


@mistake(
    "bilinear_backward",
    hint="grad_x1 and grad_x2 stand in each other's place. In which order are the "
    "arguments of bilinear_forward?",
)
def input_gradients_swapped(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    grad_weight = np.einsum("nk,ni,nj->kij", grad_y, x1, x2)
    return grad_x2, grad_x1, grad_weight, grad_y.sum(axis=0)


@mistake(
    "bilinear_backward",
    hint="grad_x1 forgets the other input. When x1[n, i] moves, what is it multiplied "
    "by before it reaches y?",
)
def other_input_forgotten(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij->ni", grad_y, weight)
    grad_x2 = np.einsum("nk,kij->nj", grad_y, weight)
    grad_weight = np.einsum("nk,ni,nj->kij", grad_y, x1, x2)
    return grad_x1, grad_x2, grad_weight, grad_y.sum(axis=0)


@mistake(
    "bilinear_backward",
    hint="grad_x2 is computed from x2 itself. When x2[n, j] moves, which input is it "
    "multiplied by?",
)
def grad_x2_from_x2(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x2)
    grad_weight = np.einsum("nk,ni,nj->kij", grad_y, x1, x2)
    return grad_x1, grad_x2, grad_weight, grad_y.sum(axis=0)


@mistake(
    "bilinear_backward",
    hint="the two inputs' axes of grad_weight are exchanged. What shape has weight?",
)
def weight_gradient_axes_exchanged(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    grad_weight = np.einsum("nk,ni,nj->kji", grad_y, x1, x2)
    return grad_x1, grad_x2, grad_weight, grad_y.sum(axis=0)


@mistake(
    "bilinear_backward",
    hint="the gradients of weight and bias are averaged over the examples. What does a "
    "gradient do when one parameter serves every example?",
)
def bilinear_parameter_means(grad_y, cache):
    x1, x2, weight = cache
    N = max(len(grad_y), 1)
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    grad_weight = np.einsum("nk,ni,nj->kij", grad_y, x1, x2) / N
    return grad_x1, grad_x2, grad_weight, grad_y.sum(axis=0) / N


@mistake(
    "bilinear_backward",
    hint="grad_weight uses every pair of examples. Can an example's x1 meet another "
    "example's x2?",
)
def weight_gradient_mixes_examples(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    grad_weight = np.einsum("nk,ni,mj->kij", grad_y, x1, x2)
    return grad_x1, grad_x2, grad_weight, grad_y.sum(axis=0)


@mistake(
    "bilinear_backward",
    hint="the gradient of bias is missing. How many arrays did bilinear_forward take?",
)
def no_bias_gradient(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    return grad_x1, grad_x2, np.einsum("nk,ni,nj->kij", grad_y, x1, x2)


@mistake(
    "bilinear_backward",
    hint="the gradient of bias is summed over the wrong axis. Which axis of grad_y has "
    "the size of bias?",
)
def bias_summed_over_features(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    grad_weight = np.einsum("nk,ni,nj->kij", grad_y, x1, x2)
    return grad_x1, grad_x2, grad_weight, grad_y.sum(axis=1)


@mistake(
    "bilinear_backward",
    hint="grad_y itself is changed. Which operation writes into the array that the "
    "caller still holds?",
)
def grad_y_scaled_in_place(grad_y, cache):
    x1, x2, weight = cache
    grad_x1 = np.einsum("nk,kij,nj->ni", grad_y, weight, x2)
    grad_x2 = np.einsum("nk,kij,ni->nj", grad_y, weight, x1)
    grad_weight = np.einsum("nk,ni,nj->kij", grad_y, x1, x2)
    grad_bias = grad_y.sum(axis=0)
    grad_y /= 2
    return grad_x1, grad_x2, grad_weight, grad_bias


@right("bilinear_backward")
def bilinear_backward_by_loop(grad_y, cache):
    x1, x2, weight = cache
    grad_x1, grad_x2 = np.zeros_like(x1), np.zeros_like(x2)
    grad_weight = np.zeros_like(weight)
    for k in range(len(weight)):
        g = grad_y[:, k : k + 1]
        grad_x1 += g * (x2 @ weight[k].T)
        grad_x2 += g * (x1 @ weight[k])
        grad_weight[k] = (g * x1).T @ x2
    return grad_x1, grad_x2, grad_weight, np.sum(grad_y, axis=0)


@right("bilinear_backward")
def bilinear_backward_by_outer_products(grad_y, cache):
    x1, x2, weight = cache
    K, D1, D2 = weight.shape
    grad_pairs = (grad_y @ weight.reshape(K, D1 * D2)).reshape(-1, D1, D2)
    pairs = (x1[:, :, None] * x2[:, None, :]).reshape(-1, D1 * D2)
    grad_x1 = (grad_pairs @ x2[:, :, None])[:, :, 0]
    grad_x2 = (x1[:, None, :] @ grad_pairs)[:, 0, :]
    return grad_x1, grad_x2, (grad_y.T @ pairs).reshape(K, D1, D2), grad_y.sum(0)
