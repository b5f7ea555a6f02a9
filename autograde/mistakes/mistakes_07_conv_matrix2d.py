"""Chapter 7: what students get wrong in `conv_matrix2d`."""

import numpy as np

from autograde.mistakes import mistake, reference, right
from solutions.teaching.conv_matrix import conv_matrix2d

reference(__name__, conv_matrix2d)


def matrix_of(weight, H, W):
    """What is right, for mistakes that are made before or afterwards."""
    kH, kW = weight.shape
    rows, columns = H - kH + 1, W - kW + 1
    matrix = np.zeros((rows, columns, H, W), weight.dtype)
    for r, c in np.ndindex(rows, columns):
        matrix[r, c, r : r + kH, c : c + kW] = weight
    return matrix.reshape(rows * columns, H * W)


@mistake(
    "conv_matrix2d",
    hint="the matrix is transposed. Does it have a row for each entry of y, or one "
    "for each pixel of x?",
)
def matrix_transposed(weight, H, W):
    return matrix_of(weight, H, W).T


@mistake(
    "conv_matrix2d",
    hint="the kernel is turned around in every row. Which pixel does the upper left "
    "entry of the kernel meet at the first place?",
)
def matrix_of_convolution(weight, H, W):
    return matrix_of(weight[::-1, ::-1], H, W)


@mistake(
    "conv_matrix2d",
    hint="each row starts one column after the row above. What happens between the "
    "last place of one row of y and the first place of the next?",
)
def one_further_each_row(weight, H, W):
    kH, kW = weight.shape
    rows, columns = H - kH + 1, W - kW + 1
    matrix = np.zeros((rows * columns, H * W), weight.dtype)
    for p in range(rows * columns):
        for i, j in np.ndindex(kH, kW):
            matrix[p, p + i * W + j] = weight[i, j]
    return matrix


@mistake(
    "conv_matrix2d",
    hint="pixels are counted column by column. In which order does ravel read an "
    "image?",
)
def pixels_column_by_column(weight, H, W):
    matrix = matrix_of(weight, H, W)
    return matrix.reshape(-1, H, W).swapaxes(1, 2).reshape(matrix.shape)


@mistake(
    "conv_matrix2d",
    hint="the entries of the kernel stand side by side in a row. How many pixels lie "
    "between a pixel and the one below it?",
)
def kernel_in_one_run(weight, H, W):
    kH, kW = weight.shape
    rows, columns = H - kH + 1, W - kW + 1
    matrix = np.zeros((rows * columns, H * W), weight.dtype)
    for r, c in np.ndindex(rows, columns):
        start = r * W + c
        matrix[r * columns + c, start : start + weight.size] = weight.ravel()
    return matrix


@mistake(
    "conv_matrix2d",
    hint="there is a row for every pixel, as if the kernel could leave the image. At "
    "how many places does it lie inside?",
)
def wrapped_around(weight, H, W):
    matrix = np.zeros((H, W, H, W), weight.dtype)
    for r, c in np.ndindex(H, W):
        for i, j in np.ndindex(weight.shape):
            matrix[r, c, (r + i) % H, (c + j) % W] += weight[i, j]
    return matrix.reshape(H * W, H * W)


@mistake(
    "conv_matrix2d",
    hint="the last place of each row and column is missing. In how many places does a "
    "kernel of 2 entries fit into 3 pixels?",
)
def matrix_one_place_too_few(weight, H, W):
    kH, kW = weight.shape
    matrix = matrix_of(weight, H, W)
    places = matrix.reshape(H - kH + 1, W - kW + 1, H * W)
    return places[:-1, :-1].reshape(-1, H * W)


@mistake(
    "conv_matrix2d",
    hint="height and width of the image are exchanged. How long is one row of the "
    "image?",
)
def height_and_width_exchanged(weight, H, W):
    return matrix_of(weight, W, H)


@mistake(
    "conv_matrix2d",
    hint="the rows of the image are taken to be as long as those of y. How many pixels "
    "lie between a pixel and the one below it?",
)
def rows_as_long_as_those_of_y(weight, H, W):
    kH, kW = weight.shape
    rows, columns = H - kH + 1, W - kW + 1
    matrix = np.zeros((rows * columns, H * W), weight.dtype)
    for r, c in np.ndindex(rows, columns):
        for i, j in np.ndindex(kH, kW):
            matrix[r * columns + c, (r + i) * columns + c + j] = weight[i, j]
    return matrix


@mistake(
    "conv_matrix2d",
    hint="the places run down the image first. In which order does y.ravel() have "
    "them?",
)
def places_column_by_column(weight, H, W):
    rows, columns = H - len(weight) + 1, W - len(weight[0]) + 1
    matrix = matrix_of(weight, H, W).reshape(rows, columns, H * W)
    return matrix.swapaxes(0, 1).reshape(rows * columns, H * W)


@mistake(
    "conv_matrix2d",
    hint="the matrix is float64 for a kernel of float32. Where is an array made whose "
    "dtype is not that of weight?",
)
def matrix_upcast(weight, H, W):
    return matrix_of(weight, H, W).astype(np.float64)


@right("conv_matrix2d")
def entry_by_entry_of_the_matrix(weight, H, W):
    kH, kW = weight.shape
    columns = W - kW + 1
    M = np.zeros(((H - kH + 1) * columns, H * W), dtype=weight.dtype)
    for place in range(len(M)):
        r, c = divmod(place, columns)
        for i in range(kH):
            for j in range(kW):
                M[place, (r + i) * W + c + j] = weight[i, j]
    return M


@right("conv_matrix2d")
def images_with_a_single_pixel(weight, H, W):
    pixels = np.eye(H * W, dtype=weight.dtype).reshape(H * W, H, W)
    windows = np.lib.stride_tricks.sliding_window_view(pixels, weight.shape, (1, 2))
    return np.einsum("prcij,ij->rcp", windows, weight).reshape(-1, H * W)


@right("conv_matrix2d")
def one_row_pushed_along(weight, H, W):
    kH, kW = weight.shape
    first = np.zeros((H, W), weight.dtype)
    first[:kH, :kW] = weight
    rows = []
    for r in range(H - kH + 1):
        for c in range(W - kW + 1):
            rows.append(np.roll(first.ravel(), r * W + c))
    return np.array(rows)
