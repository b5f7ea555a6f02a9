"""What all layers share: parameters, gradients, mode (chapter 5; `torch.nn.Module`)."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import numpy as np


class Layer:
    """A forward pass, its backward pass, and the arrays that it learns.

    A layer defines `forward(x)` and `backward(grad_y)`.
    Calling it runs `forward`; `backward` returns the gradient of the input
    and adds the gradients of the parameters to `grads`.

    Attributes:
        params    the layer's arrays by torch's names, those of inner layers included
        grads     their gradients, under the same names
        state     arrays that it keeps without learning them, such as running means
        training  True in training mode, False in evaluation mode
        layers    the inner layers by name (empty for most)

    Example:
        >>> layer = Layer()
        >>> layer.add_params(weight=np.array([1.0, 2.0]))
        >>> layer.grads
        {'weight': array([0., 0.])}
    """

    def __init__(self) -> None:
        self.own_params: dict[str, np.ndarray] = {}
        self.own_grads: dict[str, np.ndarray] = {}
        self.own_state: dict[str, np.ndarray] = {}
        self.layers: dict[str, Layer] = {}
        self.output_shapes: Any = None
        self.training = True

    def __init_subclass__(cls) -> None:
        """Let the `backward` of every layer look first at what it is given."""
        super().__init_subclass__()
        if "backward" in vars(cls):
            cls.backward = checked_backward(cls.backward)  # type: ignore[method-assign]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if "input" in kwargs:  # torch's name of the first argument
            args = (kwargs.pop("input"), *args)
        output = self.forward(*args, **kwargs)
        outputs = output if isinstance(output, tuple) else (output,)
        self.output_shapes = shapes_of(outputs)
        return output

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no forward pass")

    def backward(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no backward pass")

    def add_params(self, **params: np.ndarray) -> None:
        """Register arrays to learn, each with a gradient of zeros."""
        self.own_params |= params
        self.own_grads |= {name: np.zeros_like(p) for name, p in params.items()}

    def add_state(self, **arrays: np.ndarray) -> None:
        """Register arrays to keep: torch calls them buffers."""
        self.own_state |= arrays

    def add_grads(self, **grads: np.ndarray | None) -> None:
        """Add to the gradients, as torch does, until `zero_grad` is called.

        None is passed over: there is no such parameter.
        """
        for name, grad in grads.items():
            if grad is not None:
                self.own_grads[name] += grad

    @property
    def params(self) -> dict[str, np.ndarray]:
        return self.named("own_params")

    @property
    def grads(self) -> dict[str, np.ndarray]:
        return self.named("own_grads")

    @property
    def state(self) -> dict[str, np.ndarray]:
        return self.named("own_state")

    def named(self, kind: str) -> dict[str, np.ndarray]:
        """The arrays of this layer, then those of inner ones, as "inner.weight"."""
        arrays = dict(getattr(self, kind))
        for inner, layer in self.layers.items():
            arrays |= {f"{inner}.{name}": a for name, a in layer.named(kind).items()}
        return arrays

    def zero_grad(self) -> None:
        """Set every gradient to zero."""
        for grad in self.grads.values():
            grad[...] = 0

    def train(self, mode: bool = True) -> "Layer":
        """Enter training mode, or evaluation mode if not `mode`; returns the layer."""
        self.training = mode
        for layer in self.layers.values():
            layer.train(mode)
        return self

    def eval(self) -> "Layer":
        """Enter evaluation mode; returns the layer."""
        return self.train(False)

    def double(self) -> "Layer":
        """Turn every float array into float64; returns the layer."""
        for arrays in (self.own_params, self.own_grads, self.own_state):
            for name, array in arrays.items():
                if array.dtype.kind == "f":
                    arrays[name] = array.astype(np.float64)
        for layer in self.layers.values():
            layer.double()
        return self

    def state_dict(self) -> dict[str, np.ndarray]:
        """The layer's arrays, learned and kept, by torch's names."""
        return self.params | self.state

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> None:
        """Copy arrays, or torch tensors, into the layer's own.

        Without `strict`, names that are missing or unknown are passed over.

        Raises:
            KeyError: a name is missing or unknown.
            ValueError: an array has another shape than the layer's.
        """
        own = self.state_dict()
        missing, unknown = sorted(own.keys() - state), sorted(state.keys() - own)
        if strict and (missing or unknown):
            raise KeyError(f"state_dict: missing {missing}, unknown {unknown}")
        arrays = {name: np.asarray(state[name]) for name in own.keys() & state}
        for name, array in arrays.items():
            if array.shape != own[name].shape:
                came, want = array.shape, own[name].shape
                raise ValueError(
                    f"state_dict: {name} has shape {came}, expected {want}"
                )
        for name, array in arrays.items():
            own[name][...] = array


def shapes_of(output: Any) -> Any:
    """The shape of an array; of a tuple of arrays, a list of their shapes.

    Example:
        >>> shapes_of((np.zeros((2, 3)), np.zeros(4)))
        [(2, 3), (4,)]
    """
    if isinstance(output, tuple):
        return list(map(shapes_of, output))
    return np.shape(output)


def checked_backward(backward: Callable[..., Any]) -> Callable[..., Any]:
    """`backward`, after a look at the upstream gradients: a wrong one may broadcast."""

    @wraps(backward)
    def look_first(self: Any, *grads: Any, **kwargs: Any) -> Any:
        name = type(self).__name__
        if self.output_shapes is None:
            raise RuntimeError(f"{name}: call the layer before its backward")
        check_upstream(name, grads, self.output_shapes)
        return backward(self, *grads, **kwargs)

    return look_first


def check_upstream(name: str, grad: Any, shape: Any) -> None:
    """See that a gradient has the shape of its output; a number stands for any.

    Raises:
        ValueError: it has another shape.
    """
    if isinstance(shape, list) and isinstance(grad, tuple | list):
        for pair in zip(grad, shape, strict=False):  # the last ones may be left out
            check_upstream(name, *pair)
    elif np.ndim(grad) and np.shape(grad) != shape:
        raise ValueError(
            f"{name}: the gradient has shape {np.shape(grad)}, the output {shape}"
        )


class Sequential(Layer):
    """Layers one after the other (`torch.nn.Sequential`).

    Inner layers are named "0", "1", ..., their parameters "0.weight" and so on.

    Example:
        >>> Sequential(Layer(), Layer()).layers.keys()
        dict_keys(['0', '1'])
    """

    def __init__(self, *layers: Layer) -> None:
        super().__init__()
        self.layers = {str(i): layer for i, layer in enumerate(layers)}

    def forward(self, x: np.ndarray) -> np.ndarray:
        for layer in self.layers.values():
            x = layer(x)
        return x

    def backward(self, grad_y: np.ndarray) -> np.ndarray:
        for layer in reversed(self.layers.values()):
            grad_y = layer.backward(grad_y)
        return grad_y
