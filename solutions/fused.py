"""A batch normalization taken into the layer before it (chapter 12).

In evaluation mode batch normalization is an affine map for each channel, and so is what
a linear layer or a convolution does last: one layer can do both
(`torch.nn.utils.fusion`).
"""

import copy

import numpy as np

from solutions.batch_norm import BatchNorm
from solutions.layer import Layer


def fuse_linear_bn_weights(
    linear_w: np.ndarray,
    linear_b: np.ndarray | None,
    bn_rm: np.ndarray,
    bn_rv: np.ndarray,
    bn_eps: float,
    bn_w: np.ndarray | None,
    bn_b: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Weight and bias of the one linear layer that replaces both
    (`torch.nn.utils.fusion.fuse_linear_bn_weights`).

    W' = W * s, b' = (b - running_mean) * s + bn_b, with s = bn_w / sqrt(var + eps)
    for each row of W.

    Shapes:
        linear_w                    (K, D)
        linear_b                    (K,)    or None: 0
        bn_rm, bn_rv                (K,)    running mean and variance
        bn_w, bn_b                  (K,)    or None: 1 and 0

    Returns:
        The fused weight (K, D) and bias (K,), of the type of `linear_w`.

    Example:
        >>> mean, var, weight = np.array([1.0]), np.array([4.0]), np.array([6.0])
        >>> linear_w = np.array([[1.0, 2.0]])
        >>> fuse_linear_bn_weights(linear_w, None, mean, var, 0.0, weight, None)
        (array([[3., 6.]]), array([-3.]))
    """
    return fuse_conv_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b)


def fuse_conv_bn_weights(
    conv_w: np.ndarray,
    conv_b: np.ndarray | None,
    bn_rm: np.ndarray,
    bn_rv: np.ndarray,
    bn_eps: float,
    bn_w: np.ndarray | None,
    bn_b: np.ndarray | None,
    transpose: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Weight and bias of the one convolution that replaces both
    (`torch.nn.utils.fusion.fuse_conv_bn_weights`).

    Shapes:
        conv_w        (C, C_in, ...)   or (C_in, C, ...) if it is a transposed one
        conv_b        (C,)             or None: 0
        bn_rm, bn_rv  (C,)             running mean and variance
        bn_w, bn_b    (C,)             or None: 1 and 0

    Returns:
        The fused weight and bias, of the type of `conv_w`.

    Raises:
        ValueError: `conv_w` does not have C on its axis of output channels, as a
            transposed convolution in groups.

    Example:
        >>> mean, var = np.array([1.0, 0.0]), np.array([4.0, 1.0])
        >>> kernels = np.ones((2, 1, 1))
        >>> fuse_conv_bn_weights(kernels, None, mean, var, 0.0, None, None)[1]
        array([-0.5,  0. ])
    """
    axis = 1 if transpose else 0
    if conv_w.shape[axis] != len(bn_rm):
        raise ValueError(
            f"the weight {conv_w.shape} has no {len(bn_rm)} channels on axis {axis}"
        )
    scale = (1 if bn_w is None else bn_w) / np.sqrt(bn_rv + bn_eps)
    columns = [1] * conv_w.ndim
    columns[axis] = -1
    bias = (0 if conv_b is None else conv_b) - bn_rm
    bias = bias * scale + (0 if bn_b is None else bn_b)
    weight = conv_w * scale.reshape(columns)
    return weight.astype(conv_w.dtype), bias.astype(conv_w.dtype)


def fuse_linear_bn_eval(linear: Layer, bn: BatchNorm) -> Layer:
    """A copy of the linear layer that does what both do in evaluation mode
    (`torch.nn.utils.fusion.fuse_linear_bn_eval`).

    Raises:
        ValueError: one of them is in training mode; `bn` keeps no running statistics;
            or the numbers of channels differ.

    Example:
        >>> from solutions import BatchNorm1d, Linear
        >>> linear, bn = Linear(3, 2).eval(), BatchNorm1d(2).eval()
        >>> x = np.ones((4, 3), np.float32)
        >>> np.allclose(fuse_linear_bn_eval(linear, bn)(x), bn(linear(x)))
        True
    """
    return fuse_conv_bn_eval(linear, bn)


def fuse_conv_bn_eval(conv: Layer, bn: BatchNorm, transpose: bool = False) -> Layer:
    """A copy of the convolution that does what both do in evaluation mode
    (`torch.nn.utils.fusion.fuse_conv_bn_eval`).

    Raises:
        ValueError: one of them is in training mode; `bn` keeps no running statistics;
            or the numbers of channels differ.
    """
    if conv.training or bn.training:
        raise ValueError("only layers in evaluation mode are fused: call eval() first")
    if not bn.own_state:
        raise ValueError("a batch norm without running statistics cannot be fused")
    fused = copy.deepcopy(conv)
    weight, bias = fuse_conv_bn_weights(
        conv.own_params["weight"],
        conv.own_params.get("bias"),
        bn.own_state["running_mean"],
        bn.own_state["running_var"],
        bn.eps,
        bn.own_params.get("weight"),
        bn.own_params.get("bias"),
        transpose,
    )
    fused.add_params(weight=weight, bias=bias)
    return fused
