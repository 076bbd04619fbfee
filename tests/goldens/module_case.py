# SPDX-License-Identifier: Apache-2.0
"""Cases of modules with parameters and buffers; tests/goldens/module_golden.h reads them."""

import torch

import draws


def randomize(module):
    """Other values than the ones a module starts with."""
    with torch.no_grad():
        for p in module.parameters():
            draws.uniform_(p, -1, 1)
        for name, b in module.named_buffers():
            if b.is_floating_point():
                draws.uniform_(b, 0.5, 1.5)


def record(golden, name, module, inputs, *, call=None, outputs=None, seed=5, printed=True, **options):
    """Runs module(*inputs), or call(*inputs), and records state before and after, results and gradients.

    Floating point inputs require gradients. The loss is the sum of all outputs times arbitrary numbers.
    """
    module = module.double()
    randomize(module)
    tensors = {f"state/{k}": v.clone() for k, v in module.state_dict().items()}
    leaves = []
    for i, x in enumerate(inputs):
        if x is None:
            leaves.append(None)
            continue
        x = x.detach().clone()
        if x.is_floating_point():
            x = x.double().requires_grad_()
        leaves.append(x)
        tensors[f"in{i}"] = x.clone()
    results = (call or module)(*leaves)
    results = [results] if isinstance(results, torch.Tensor) else [r for r in results if r is not None]
    generator = torch.Generator().manual_seed(seed)
    loss = 0
    for i, y in enumerate(results):
        tensors[f"out{i}"] = y
        if y.requires_grad:
            g = draws.rand(y.shape, generator=generator, dtype=y.dtype) - 0.3
            tensors[f"g{i}"] = g
            loss = loss + (y * g).sum()
    loss.backward()
    for i, x in enumerate(leaves):
        if x is not None and x.grad is not None:
            tensors[f"grad_in{i}"] = x.grad
    for key, p in module.named_parameters():
        if p.grad is not None:
            tensors[f"grad/{key}"] = p.grad
    for key, b in module.state_dict().items():
        if not torch.equal(b, tensors[f"state/{key}"]):
            tensors[f"after/{key}"] = b
    golden.case(name, tensors, layer=name.split("/")[0], training=module.training, **options)
    if printed:
        golden.metadata[name + "/repr"] = repr(module)
