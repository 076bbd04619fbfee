# SPDX-License-Identifier: Apache-2.0
"""Losses of distributions, margins and triplets, and ctc_loss: values and gradients. Made with torch 2.14."""

import itertools

import torch
import torch.nn.functional as F

import draws
from golden_file import GoldenFile

D = torch.float64
REDUCTIONS = ("none", "mean", "sum")


def _run(golden, name, function, inputs, grads, **options):
    """`grads`: which inputs get gradients."""
    inputs = [x.clone().requires_grad_(i in grads) for i, x in enumerate(inputs)]
    loss = function(*inputs, **options)
    generator = torch.Generator().manual_seed(len(name))
    g = draws.rand(loss.shape, generator=generator, dtype=loss.dtype) + 0.5
    loss.backward(g)
    tensors = {k: v for k, v in options.items() if isinstance(v, torch.Tensor)}
    tensors.update({f"x{i}": x for i, x in enumerate(inputs)})
    tensors.update({f"grad{i}": inputs[i].grad for i in grads})
    tensors.update(loss=loss, grad_loss=g)
    scalars = {k: v for k, v in options.items() if not isinstance(v, torch.Tensor)}
    golden.case(name, tensors, **scalars)


def _likelihood(golden, reduction, rand):
    log_p, p = rand(3, 5).log_softmax(1), rand(3, 5).softmax(1)
    for r in (reduction, "batchmean") if reduction == "sum" else (reduction,):
        _run(golden, f"kl_div/{r}", F.kl_div, [log_p, p], [0, 1], reduction=r)
        _run(golden, f"kl_div/{r}_log", F.kl_div, [log_p, p.log()], [0, 1], reduction=r, log_target=True)
        _run(golden, f"kl_div/{r}_zero", F.kl_div, [log_p, torch.where(p > 0.2, p, 0.0)], [0], reduction=r)
    counts = torch.tensor([[0.0, 1.0, 2.0, 7.0], [3.0, 0.0, 1.5, 30.0]], dtype=D)
    for full in (False, True):
        _run(golden, f"poisson_nll_loss/{reduction}_{full}", F.poisson_nll_loss, [rand(2, 4), counts],
             [0] if full else [0, 1], reduction=reduction, full=full)  # with full, PyTorch's gradient is nan at a count of 0
        _run(golden, f"poisson_nll_loss/{reduction}_{full}_rate", F.poisson_nll_loss, [rand(2, 4).abs(), counts], [0],
             reduction=reduction, full=full, log_input=False, eps=1e-3)
        for i, shape in enumerate([(3, 2, 4), (3, 2), (3, 2, 1), (3, 1, 4)]):
            var = rand(*shape).abs()
            var.view(-1)[0] = 1e-9
            _run(golden, f"gaussian_nll_loss/{reduction}_{full}_{i}", F.gaussian_nll_loss, [rand(3, 2, 4), rand(3, 2, 4), var],
                 [0, 1, 2], reduction=reduction, full=full, **(dict(eps=1e-2) if i == 1 else {}))


def _margin(golden, reduction, rand, sign):
    for margin in (0.0, 0.5):
        _run(golden, f"margin_ranking_loss/{reduction}_{margin}", F.margin_ranking_loss, [rand(7), rand(7), sign(7)], [0, 1],
             reduction=reduction, margin=margin)
        _run(golden, f"margin_ranking_loss/{reduction}_{margin}_broadcast", F.margin_ranking_loss,
             [rand(4, 1), rand(1, 3), sign(4, 3)], [0, 1], reduction=reduction, margin=margin)
        target = sign(3, 5)
        target[0, 0] = 0
        _run(golden, f"hinge_embedding_loss/{reduction}_{margin}", F.hinge_embedding_loss, [rand(3, 5), target], [0],
             reduction=reduction, margin=margin)
        target = sign(6)
        target[0] = 0
        a, b = rand(6, 4), rand(6, 4)
        a[1], target[1] = 0, 1 if margin else -1
        _run(golden, f"cosine_embedding_loss/{reduction}_{margin}", F.cosine_embedding_loss, [a, b, target], [0, 1],
             reduction=reduction, margin=margin)
    _run(golden, f"cosine_embedding_loss/{reduction}_one", F.cosine_embedding_loss, [rand(4), rand(4), torch.tensor(1.0)], [0, 1],
         reduction=reduction)
    _run(golden, f"soft_margin_loss/{reduction}", F.soft_margin_loss, [rand(3, 5), sign(3, 5)], [0], reduction=reduction)
    weight = draws.rand(5, dtype=D) + 0.1
    for p, w in itertools.product((1, 2), (None, weight)):
        _run(golden, f"multi_margin_loss/{reduction}_{p}_{w is None}", F.multi_margin_loss,
             [rand(4, 5), torch.tensor([0, 4, 2, 2])], [0], reduction=reduction, p=p, margin=0.7,
             **({} if w is None else dict(weight=w)))
    _run(golden, f"multi_margin_loss/{reduction}_one", F.multi_margin_loss, [rand(5), torch.tensor(3)], [0], reduction=reduction)
    labels = torch.tensor([[3, 0, -1, 1], [-1, 0, 1, 2], [1, 1, 2, -1], [0, 1, 2, 3]])
    _run(golden, f"multilabel_margin_loss/{reduction}", F.multilabel_margin_loss, [rand(4, 4), labels], [0], reduction=reduction)
    _run(golden, f"multilabel_margin_loss/{reduction}_one", F.multilabel_margin_loss, [rand(4), labels[0]], [0],
         reduction=reduction)
    hard = (rand(4, 5) > 0).double()
    for w in (None, weight):
        _run(golden, f"multilabel_soft_margin_loss/{reduction}_{w is None}", F.multilabel_soft_margin_loss, [rand(4, 5), hard],
             [0], reduction=reduction, **({} if w is None else dict(weight=w)))
    for p, swap in itertools.product((1.0, 2.0, 3.0, float("inf")), (False, True)):
        _run(golden, f"triplet_margin_loss/{reduction}_{p}_{swap}", F.triplet_margin_loss, [rand(6, 4), rand(6, 4), rand(6, 4)],
             [0, 1, 2], reduction=reduction, p=p, swap=swap, margin=0.8)
    for swap in (False, True):
        _run(golden, f"triplet_margin_with_distance_loss/{reduction}_{swap}", F.triplet_margin_with_distance_loss,
             [rand(6, 4), rand(6, 4), rand(6, 4)], [0, 1, 2], reduction=reduction, swap=swap)


def _ctc(golden, reduction, rand):
    log_probs = rand(9, 4, 5).log_softmax(2)
    # Repeats, a target that just fits, one that does not (repeats want blanks between), an empty one.
    targets = torch.tensor([[1, 2, 2, 3], [4, 4, 1, 0], [3, 3, 3, 3], [0, 0, 0, 0]])
    lengths, inputs = torch.tensor([4, 3, 4, 0]), torch.tensor([9, 4, 5, 7])
    joined = torch.cat([t[:n] for t, n in zip(targets, lengths)])
    for zero in (False, True):
        for kind, t in (("padded", targets), ("joined", joined)):
            _run(golden, f"ctc_loss/{reduction}_{zero}_{kind}", F.ctc_loss, [log_probs, t, inputs, lengths], [0],
                 reduction=reduction, zero_infinity=zero)
    few = torch.tensor([[0, 1, 3, 2], [4, 0, 1, 1]])
    _run(golden, f"ctc_loss/{reduction}_blank", F.ctc_loss,
         [rand(9, 2, 5).log_softmax(2), few.clamp(max=3), torch.tensor([9, 8]), torch.tensor([4, 2])], [0], reduction=reduction,
         blank=4)
    _run(golden, f"ctc_loss/{reduction}_one", F.ctc_loss,
         [rand(6, 5).log_softmax(1), torch.tensor([1, 3, 3]), torch.tensor(6), torch.tensor(3)], [0], reduction=reduction)


def make():
    golden = GoldenFile()
    torch.manual_seed(11)
    rand = lambda *s: draws.randn(*s, dtype=D)
    sign = lambda *s: torch.randint(0, 2, s).double() * 2 - 1
    for reduction in REDUCTIONS:
        _likelihood(golden, reduction, rand)
        _margin(golden, reduction, rand, sign)
        _ctc(golden, reduction, rand)
    long = rand(100, 2, 12).log_softmax(2)
    _run(golden, "ctc_loss/long", F.ctc_loss, [long, torch.randint(1, 12, (2, 40)), torch.tensor([100, 93]), torch.tensor([40, 35])],
         [0])
    golden.write("margin_losses.safetensors.gz")
