# SPDX-License-Identifier: Apache-2.0
"""Losses: values and gradients for every option and the edge cases."""

import itertools

import torch
import torch.nn.functional as F

import draws
from golden_file import GoldenFile


def _run(golden, name, function, input, target, target_grad=False, **options):
    input = input.clone().requires_grad_()
    target = target.clone()
    if target_grad:
        target.requires_grad_()
    kwargs = {k: v for k, v in options.items() if v is not None}
    loss = function(input, target, **kwargs)
    generator = torch.Generator().manual_seed(len(name))
    g = draws.rand(loss.shape, generator=generator, dtype=loss.dtype) + 0.5
    loss.backward(g)
    tensors = {k: v for k, v in kwargs.items() if isinstance(v, torch.Tensor)}
    tensors.update(input=input, target=target, loss=loss, grad_loss=g, grad_input=input.grad,
                   grad_target=target.grad if target_grad else None)
    scalars = {k: v for k, v in kwargs.items() if not isinstance(v, torch.Tensor)}
    golden.case(name, tensors, loss=name.split("/")[0], **scalars)


def make():
    golden = GoldenFile()
    torch.manual_seed(7)
    rand = lambda *s: draws.randn(*s, dtype=torch.float64)
    classes = lambda c, *s: torch.randint(0, c, s)
    for reduction in ("none", "mean", "sum"):
        x, y = rand(5, 7), classes(7, 5)
        some = y.clone()
        some[[1, 3]] = -100
        weight = draws.rand(7, dtype=torch.float64) + 0.1
        for weighted, smoothing, ignored in itertools.product((0, 1), (0.0, 0.1), (0, 1)):
            _run(golden, f"cross_entropy/{reduction}_w{weighted}_s{smoothing}_i{ignored}", F.cross_entropy, x,
                 some if ignored else y, reduction=reduction, weight=weight if weighted else None,
                 label_smoothing=smoothing)
            if smoothing == 0:
                _run(golden, f"nll_loss/{reduction}_w{weighted}_i{ignored}", F.nll_loss,
                     x.log_softmax(1), some if ignored else y, reduction=reduction,
                     weight=weight if weighted else None)
        for weighted, smoothing in itertools.product((0, 1), (0.0, 0.2)):
            _run(golden, f"cross_entropy/probabilities_{reduction}_w{weighted}_s{smoothing}", F.cross_entropy, x,
                 rand(5, 7).softmax(1), True, reduction=reduction, weight=weight if weighted else None,
                 label_smoothing=smoothing)
        _run(golden, f"cross_entropy/images_{reduction}", F.cross_entropy, rand(2, 3, 4, 5),
             classes(3, 2, 4, 5), reduction=reduction, ignore_index=1)
        _run(golden, f"cross_entropy/images_probabilities_{reduction}", F.cross_entropy, rand(2, 3, 4),
             rand(2, 3, 4).softmax(1), reduction=reduction)
        _run(golden, f"nll_loss/images_{reduction}", F.nll_loss, rand(2, 3, 4).log_softmax(1),
             classes(3, 2, 4), reduction=reduction, ignore_index=2)
        x, y = rand(3, 4), rand(3, 4)
        y[0, 0] = x[0, 0]
        for name in ("mse_loss", "l1_loss"):
            _run(golden, f"{name}/{reduction}", getattr(F, name), x, y, True, reduction=reduction)
        for beta in (0.0, 0.5, 1.0):
            # Where both are equal and beta is 0, PyTorch's gradient is -1; ours is 0, as l1_loss's.
            _run(golden, f"smooth_l1_loss/{reduction}_{beta}", F.smooth_l1_loss, x, y if beta else y + 0.1, True,
                 reduction=reduction, beta=beta)
        for delta in (0.3, 1.0):
            _run(golden, f"huber_loss/{reduction}_{delta}", F.huber_loss, x, y, True,
                 reduction=reduction, delta=delta)
        p, t = rand(3, 4).sigmoid(), draws.rand(3, 4, dtype=torch.float64)
        hard = (t > 0.5).double()
        weight = draws.rand(3, 4, dtype=torch.float64)
        for weighted in (0, 1):
            w = weight if weighted else None
            _run(golden, f"binary_cross_entropy/{reduction}_w{weighted}", F.binary_cross_entropy, p, t, True,
                 reduction=reduction, weight=w)
            _run(golden, f"bce_with_logits/{reduction}_w{weighted}", F.binary_cross_entropy_with_logits,
                 rand(3, 4) * 3, hard, reduction=reduction, weight=w)
            _run(golden, f"bce_with_logits/pos_{reduction}_w{weighted}", F.binary_cross_entropy_with_logits,
                 rand(3, 4) * 3, t, reduction=reduction, weight=w,
                 pos_weight=draws.rand(4, dtype=torch.float64) * 3)
        # The ends of the range, right and wrong.
        ends = torch.tensor([0.0, 1.0, 0.0, 1.0], dtype=torch.float64)
        _run(golden, f"binary_cross_entropy/ends_{reduction}", F.binary_cross_entropy, ends,
             torch.tensor([0.0, 1.0, 1.0, 0.0], dtype=torch.float64), reduction=reduction)
        large = torch.tensor([1000.0, -1000.0, 0.0, 50.0], dtype=torch.float64)
        _run(golden, f"bce_with_logits/large_{reduction}", F.binary_cross_entropy_with_logits, large,
             torch.tensor([0.0, 1.0, 0.5, 1.0], dtype=torch.float64), reduction=reduction)
        _run(golden, f"cross_entropy/large_{reduction}", F.cross_entropy,
             torch.tensor([[1000.0, 0.0, -1000.0], [1e4, 1e4, 0.0]], dtype=torch.float64),
             torch.tensor([2, 0]), reduction=reduction)
    _run(golden, "cross_entropy/one_sample", F.cross_entropy, rand(4), torch.tensor(2))
    _run(golden, "cross_entropy/all_ignored", F.cross_entropy, rand(2, 3), torch.tensor([-100, -100]))
    _run(golden, "cross_entropy/all_ignored_sum", F.cross_entropy, rand(2, 3), torch.tensor([-100, -100]),
         reduction="sum")
    _run(golden, "cross_entropy/no_rows_sum", F.cross_entropy, rand(0, 3), classes(3, 0), reduction="sum")
    _run(golden, "cross_entropy/one_class", F.cross_entropy, rand(3, 1), classes(1, 3))
    _run(golden, "cross_entropy/float32", F.cross_entropy, draws.randn(5, 7), classes(7, 5))
    _run(golden, "mse_loss/float32", F.mse_loss, draws.randn(5, 7), draws.randn(5, 7))
    golden.write("losses.safetensors.gz")
