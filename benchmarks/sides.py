"""Our side and torch's side of a case, with equal arrays, ready to run."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

import solutions
from benchmarks.cases import Case, Step
from benchmarks.simple import FORMS
from benchmarks.timing import Run

Runs = dict[str, tuple[Run, Run]]
"""By name: ours, torch's."""
Compared = tuple[str, np.ndarray, np.ndarray]
"""A name, our result, torch's."""


class Layers:
    """A layer: forward, and forward with backward.

    Backward gives the gradients of the inputs and adds those of the parameters to what
    is there, on both sides. torch's forward alone prepares no backward.
    """

    def __init__(self, case: Case, examples: int | None = None) -> None:
        torch.manual_seed(0)
        rng = np.random.default_rng(0)
        self.case, self.layer, self.module = case, case.layer(), case.module()
        self.layer.load_state_dict(self.module.state_dict())
        self.inputs = [i.draw(rng, examples) for i in case.inputs]
        pairs = zip(self.inputs, case.inputs, strict=True)
        self.tensors = [torch.tensor(x, requires_grad=i.learned) for x, i in pairs]
        shape = self.forward().shape
        self.grad_y = np.asarray(rng.standard_normal(shape), np.float32)
        self.torch_grad_y = torch.from_numpy(self.grad_y)

    def runs(self) -> Runs:
        """What is measured."""
        return {
            "forward": (self.forward, self.torch_forward),
            "both": (self.both, self.torch_both),
        }

    def forward(self) -> np.ndarray:
        return first(self.layer(*self.inputs))

    def both(self) -> tuple[Any, ...]:
        y, grads = self.forward(), self.layer.backward(self.grad_y)
        return y, *(grads if isinstance(grads, tuple) else (grads,))

    def torch_forward(self) -> torch.Tensor:
        with torch.no_grad():
            return first(self.module(*self.tensors))

    def torch_both(self) -> torch.Tensor:
        for tensor in self.tensors:
            tensor.grad = None
        y = first(self.module(*self.tensors))
        y.backward(self.torch_grad_y)
        return y

    def naive(self) -> np.ndarray:
        """A corner of y, by loops."""
        return self.case.naive(self.layer, *self.inputs)

    def simple(self) -> tuple[Any, ...]:
        """What `both` gives, in the plainest vectorized form."""
        return FORMS[self.case.name](self.layer, self.grad_y, *self.inputs)

    def compared(self) -> Iterator[Compared]:
        """All results."""
        (y, *grads), torch_y = self.both(), self.torch_both()
        yield "y", y, torch_y.detach().numpy()
        for i, tensor in enumerate(self.tensors):
            if tensor.requires_grad:
                yield f"gradient of input {i}", grads[i], tensor.grad.numpy()
        for name, parameter in self.module.named_parameters():
            ours = self.layer.grads[name]
            yield f"gradient of {name}", ours, parameter.grad.numpy()


class Optimizers:
    """One step of an optimizer."""

    def __init__(self, step: Step, parameters: int | None = None) -> None:
        rng = np.random.default_rng(0)
        size = parameters or step.parameters
        weight, grad = (rng.standard_normal(size, np.float32) for _ in range(2))
        layer = solutions.Layer()
        layer.add_params(weight=weight)
        layer.add_grads(weight=grad)
        tensor = torch.nn.Parameter(torch.tensor(weight))
        tensor.grad = torch.tensor(grad)
        self.weight, self.tensor = weight, tensor
        self.ours = getattr(solutions, step.name)(layer, **step.options)
        self.theirs = getattr(torch.optim, step.name)([tensor], **step.options)

    def runs(self) -> Runs:
        return {"step": (self.ours.step, self.theirs.step)}

    def compared(self) -> Iterator[Compared]:
        """The parameter after three steps."""
        for _ in range(3):
            self.ours.step(), self.theirs.step()
        yield "weight", self.weight, self.tensor.detach().numpy()


def first(y: Any) -> Any:
    """The output of a layer that also returns a state or weights."""
    return y[0] if isinstance(y, tuple) else y
