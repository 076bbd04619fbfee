# SPDX-License-Identifier: Apache-2.0
"""Bilinear, pixel shuffles, distances; initial values that are not random, and the statistics of those that are."""

import torch
import torch.nn.functional as F
from torch import nn

import draws
from golden_file import GoldenFile

D = torch.float64


def _run(golden, name, layer, *inputs, **options):
    layer = layer.double()
    with torch.no_grad():
        for p in layer.parameters():
            draws.uniform_(p, -1, 1)
    inputs = [x.clone().requires_grad_() for x in inputs]
    output = layer(*inputs)
    g = draws.rand_like(output) - 0.3
    output.backward(g)
    tensors = dict(output=output, grad_output=g)
    for i, x in enumerate(inputs):
        tensors.update({f"in{i}": x, f"grad{i}": x.grad})
    for key, p in layer.named_parameters():
        tensors.update({key: p, "grad_" + key: p.grad})
    golden.case(name, tensors, **options)
    golden.metadata[name + "/repr"] = repr(layer)


def make():
    golden = GoldenFile()
    torch.manual_seed(17)
    r = lambda *size: draws.randn(*size, dtype=D)
    for i, (batch, n1, n2, o, bias) in enumerate((((5,), 3, 4, 2, True), ((2, 3), 1, 5, 4, False), ((), 3, 2, 5, True),
                                                 ((0,), 3, 2, 5, True))):
        _run(golden, f"Bilinear/{i}", nn.Bilinear(n1, n2, o, bias), r(*batch, n1), r(*batch, n2), n1=n1, n2=n2, o=o, bias=bias)
    for i, (size, factor) in enumerate((((2, 12, 3, 5), 2), ((9, 2, 1), 3), ((1, 2, 4, 1, 1), 2), ((2, 3, 4, 5), 1))):
        _run(golden, f"PixelShuffle/{i}", nn.PixelShuffle(factor), r(*size), factor=factor)
    for i, (size, factor) in enumerate((((2, 3, 6, 10), 2), ((1, 6, 3), 3), ((1, 2, 1, 2, 2), 2))):
        _run(golden, f"PixelUnshuffle/{i}", nn.PixelUnshuffle(factor), r(*size), factor=factor)

    # Lengths between 0 and eps: PyTorch's gradients change from version to version.
    zero = torch.zeros(1, 3, dtype=D)
    for i, (a, b, options) in enumerate(((r(4, 3), r(4, 3), dict()), (r(2, 5, 3), r(2, 5, 3), dict(dim=-1)),
                                         (r(4, 3), r(1, 3), dict(dim=0)), (torch.cat([zero, r(1, 3)]), r(2, 3), dict()),
                                         (r(2, 3) / 100, r(2, 3), dict(eps=10.0, dim=1)))):
        if "eps" not in options:
            _run(golden, f"CosineSimilarity/{i}", nn.CosineSimilarity(**options), a, b, **options)
        else:
            golden.case(f"CosineSimilarity/{i}", dict(in0=a, in1=b, output=F.cosine_similarity(a, b, **options)), **options)
    for i, (size, options) in enumerate((((4, 3), dict()), ((4, 3), dict(p=1.0)), ((2, 4, 3), dict(p=3.0, keepdim=True)),
                                         ((4, 3), dict(p=float("inf"))), ((4, 3), dict(p=2.5, eps=0.1)), ((3,), dict()))):
        _run(golden, f"PairwiseDistance/{i}", nn.PairwiseDistance(**options), r(*size), r(*size), **options)
    x = r(3, 4)
    _run(golden, "PairwiseDistance/equal", nn.PairwiseDistance(eps=0.0), x, x, eps=0)
    for i, options in enumerate((dict(), dict(p=1.0, dim=0), dict(p=3.0), dict(eps=10.0))):
        layer = nn.Module()
        layer.forward = lambda t: F.normalize(t, **options)
        _run(golden, f"normalize/{i}", layer, torch.cat([r(3, 4), torch.zeros(1, 4, dtype=D)]), **options)

    for i, size in enumerate(((3, 5), (5, 3), (4, 4), (0, 3))):
        golden.case(f"eye_/{i}", dict(x=nn.init.eye_(draws.rand(*size))))
    for i, (size, groups) in enumerate((((3, 5, 3), 1), ((5, 3, 2, 4), 1), ((6, 2, 3, 3), 3), ((4, 4, 1, 2, 3), 2))):
        golden.case(f"dirac_/{i}", dict(x=nn.init.dirac_(draws.rand(*size), groups)), groups=groups)
    for i, size in enumerate(((5, 5), (7, 3), (1, 1), (40, 17))):
        matrix = r(*size)
        q, triangle = torch.linalg.qr(matrix)
        golden.case(f"qr/{i}", dict(matrix=matrix, q=q * triangle.diagonal().sign()))
    for i, (mean, std, a, b) in enumerate(((0, 1, -2, 2), (1, 0.5, 0, 1.25), (0, 1, 0.5, 3), (0, 0.02, -2, 2))):
        x = nn.init.trunc_normal_(torch.empty(200000), mean, std, a, b)
        golden.case(f"trunc_normal_/{i}", dict(mean_of=x.mean(), std_of=x.std(), least=x.min(), greatest=x.max()), mean=mean,
                    std=std, a=a, b=b)
    for name, value in (("linear", None), ("sigmoid", None), ("tanh", None), ("relu", None), ("selu", None), ("leaky_relu", None),
                        ("leaky_relu", 0.3)):
        golden.case(f"gain/{name}{value or ''}", dict(gain=torch.tensor(nn.init.calculate_gain(name, value), dtype=D)),
                    nonlinearity=name, slope=value)
    golden.write("small_layers.safetensors.gz")
