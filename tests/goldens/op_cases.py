# SPDX-License-Identifier: Apache-2.0
"""Cases of functions of tensors: inputs, outputs and gradients. tests/goldens/op_golden.h checks them."""

import torch

from golden_file import GoldenFile


def _ramp(like):
    """From -1 to 2, in steps of 1/64."""
    steps = torch.linspace(-64, 128, like.numel(), dtype=torch.float64).round() / 64
    return steps.to(like.dtype).reshape(like.shape)


class OpCases:
    def __init__(self):
        self.golden = GoldenFile()
        self.count = {}

    def __call__(self, op, function, *inputs, grad=True, **attributes):
        """One case: `function` of the inputs; a gradient for each floating point input if the output has one."""
        index = self.count[op] = self.count.get(op, -1) + 1
        leaves = [x.clone().requires_grad_(grad and x.is_floating_point()) for x in inputs]
        outputs = function(*leaves)
        outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
        tensors = {f"in{i}": x for i, x in enumerate(leaves)}
        tensors.update({f"out{i}": y for i, y in enumerate(outputs)})
        differentiable = [i for i, y in enumerate(outputs) if y.requires_grad]
        if differentiable:
            g = [_ramp(outputs[i]) for i in differentiable]
            torch.autograd.backward([outputs[i] for i in differentiable], g)
            tensors.update({f"g{i}": x for i, x in zip(differentiable, g)})
            tensors.update({f"grad{i}": x.grad for i, x in enumerate(leaves) if x.grad is not None})
        self.golden.case(f"{op}/{index}", tensors, op=op, **attributes)
