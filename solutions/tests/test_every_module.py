"""Every class, with every option, beside torch's: values, gradients, state."""

import numpy as np
import pytest
import torch

from solutions.tests.families import MODULES
from solutions.tests.modules import (
    Module,
    assert_agree,
    doubled,
    errors,
    leaves,
    run_ours,
    run_torch,
)

pytestmark = [
    pytest.mark.parametrize("module", MODULES, ids=str),
    pytest.mark.filterwarnings("ignore:Using padding='same'"),  # torch's, on its speed
    pytest.mark.filterwarnings("ignore:LSTM with projections"),
]


def test_agrees_with_torch(module: Module):
    ours, theirs = module.pair()
    inputs = module.inputs()
    got, grads_y = run_ours(ours, module, inputs)
    want = run_torch(theirs, module, inputs, grads_y)
    assert_agree(got, want, rtol=1e-7, atol=1e-9)


def test_keeps_float32(module: Module):
    ours, _ = module.pair(torch.float32)
    got, _ = run_ours(ours, module, module.inputs(np.float32))
    arrays = [*got.outputs, *got.grads, *got.param_grads.values()]
    dtypes = {np.asarray(a).dtype for a in arrays if a is not None}
    assert np.dtype(np.float32) in dtypes
    assert np.dtype(np.float64) not in dtypes


def test_float32_is_right_to_rounding(module: Module):
    """To a few units in the last place, or as near as torch's own float32 comes."""
    ours, theirs = module.pair(torch.float32)
    _, exact = module.pair()
    exact.load_state_dict(theirs.state_dict())
    inputs = module.inputs(np.float32)
    got, grads_y = run_ours(ours, module, inputs)
    want = run_torch(exact, module, doubled(inputs), doubled(grads_y))
    torchs = errors(run_torch(theirs, module, inputs, grads_y), want)
    for mine, its, usual in zip(errors(got, want), torchs, (3e-6, 1e-5), strict=True):
        assert mine <= max(usual, 4 * its)


def test_a_second_backward_adds_to_the_gradients(module: Module):
    ours, _ = module.pair()
    _, grads_y = run_ours(ours, module, module.inputs())
    once = {name: grad.copy() for name, grad in ours.grads.items()}
    ours.zero_grad()
    assert not any(grad.any() for grad in ours.grads.values())
    ours.backward(*grads_y)
    ours.backward(*grads_y)
    for name, grad in ours.grads.items():
        np.testing.assert_allclose(grad, 2 * once[name], rtol=1e-9, err_msg=name)


def test_changes_no_argument(module: Module):
    ours, _ = module.pair()
    inputs = module.inputs()
    for array in leaves(inputs):
        array.flags.writeable = False
    got, _ = run_ours(ours, module, inputs)
    assert len(got.outputs) > 0
