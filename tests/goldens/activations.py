# SPDX-License-Identifier: Apache-2.0
"""Activations: outputs, gradients, kinks and extremes; how the modules are printed."""

import math

import torch
import torch.nn.functional as F
from torch import nn

import draws
from golden_file import GoldenFile

D = torch.float64
X = torch.tensor([-100, -6.5, -3.5, -2.9, -1, -0.5, -0.3, 0, 0.3, 0.5, 1, 2.9, 3.5, 6, 20, 20.5, 30, 100], dtype=D)
SPECIAL = torch.tensor([math.nan, math.inf, -1000, 1000], dtype=D)


class Hardsigmoid(nn.Hardsigmoid):
    """By its definition: 1.13 multiplies gradients with float32's 1/6, also in float64."""

    def forward(self, x):
        return F.relu6(x + 3) / 6


class _Activations:
    def __init__(self):
        self.golden = GoldenFile()
        self.count = {}

    def __call__(self, layer, input, **options):
        name = type(layer).__name__
        index = self.count[name] = self.count.get(name, -1) + 1
        input = input.clone().requires_grad_(input.is_floating_point())
        output = layer(input)
        tensors = dict(input=input, output=output)
        if output.requires_grad:
            g = torch.linspace(-1, 2, output.numel(), dtype=output.dtype).reshape(output.shape)
            output.backward(g)
            tensors.update(grad_output=g, grad_input=input.grad)
        for key, p in layer.named_parameters():
            tensors.update({key: p, "grad_" + key: p.grad})
        text = repr(layer).replace(", inplace=False", "").replace("inplace=False", "")
        self.golden.case(f"{name}/{index}", tensors, **options)
        self.golden.metadata[f"{name}/{index}/repr"] = text


def make():
    torch.manual_seed(19)
    case = _Activations()
    for cls in (nn.ReLU, nn.ReLU6, nn.Sigmoid, nn.Tanh, nn.SiLU, nn.SELU, Hardsigmoid, nn.LogSigmoid, nn.Softsign,
                nn.Hardtanh, nn.ELU, nn.CELU, nn.LeakyReLU, nn.Hardshrink, nn.Tanhshrink, nn.GELU):
        case(cls(), X)
        # 1.13 has the gradient 0 at nan for Hardsigmoid.
        case(cls(), SPECIAL[1:] if cls in (Hardsigmoid, nn.Softsign, nn.GELU, nn.Tanhshrink) else SPECIAL)
        case(cls(), draws.rand(3, 1, 5, dtype=D).transpose(0, 2) * 4 - 2)
    # At +-3 newer PyTorch has the gradients 0 and 1 for Hardswish, 1.13 -0.5 and 1.5.
    case(nn.Hardswish(), X)
    case(nn.Hardswish(), SPECIAL)
    case(nn.Mish(), X)
    case(nn.Mish(), SPECIAL[2:])
    # Newer PyTorch lets nan through Softshrink.
    case(nn.Softshrink(), X)
    case(nn.Softshrink(0.3), SPECIAL[1:], lambd=0.3)
    case(nn.Softshrink(0.0), X, lambd=0)
    case(nn.Hardshrink(0.3), X, lambd=0.3)
    case(nn.GELU(approximate="tanh"), X, approximate="tanh")
    case(nn.LeakyReLU(0.2), X, negative_slope=0.2)
    case(nn.ELU(1.5), X, alpha=1.5)
    case(nn.ELU(-0.5), X, alpha=-0.5)
    case(nn.CELU(2.5), X, alpha=2.5)
    case(nn.CELU(-2.0), X, alpha=-2)
    case(nn.Hardtanh(-0.3, 2.0), X, min_val=-0.3, max_val=2)
    for t, v in ((0.5, 20.0), (-1.0, -7.5)):
        case(nn.Threshold(t, v), X, threshold=t, value=v)
        case(nn.Threshold(t, v), SPECIAL, threshold=t, value=v)
    for beta, t in ((1.0, 20.0), (2.0, 3.0), (0.5, 20.0), (1.0, 30.0)):
        case(nn.Softplus(beta, t), X, beta=beta, threshold=t)
    case(nn.Softplus(1.0, 20.0), SPECIAL)
    case(nn.Softplus(1.0, 20.0), X.float())
    case(nn.ReLU6(), torch.tensor([-3, 4, 9]))
    case(nn.Hardtanh(-1.0, 2.0), torch.tensor([-3, 1, 9]), min_val=-1, max_val=2)
    case(nn.Threshold(1.0, 7.0), torch.tensor([-3, 1, 9]), threshold=1, value=7)
    r = lambda *size: draws.randn(*size, dtype=D)
    for size, dim in (((4,), 0), ((3, 4), -1), ((2, 6, 3), 1), ((0, 2), 1)):
        case(nn.GLU(dim), r(*size), dim=dim)
    for cls in (nn.Softmax, nn.LogSoftmax, nn.Softmin):
        for dim in (0, 1, -1):
            case(cls(dim), r(3, 4, 5) * 10, dim=dim)
    case(nn.PReLU().double(), X)
    case(nn.PReLU(init=0.125).double(), r(2, 3, 4), init=0.125)
    for size, channels in (((2, 3, 4), 3), ((5, 2), 2), ((2, 3, 1, 2, 2), 3), ((4, 1), 1)):
        layer = nn.PReLU(channels).double()
        with torch.no_grad():
            draws.uniform_(layer.weight, -1, 1)
        case(layer, r(*size), num_parameters=channels)
    for size in ((2, 3, 4, 5), (3, 2, 2)):
        case(nn.Softmax2d(), r(*size) * 10)
    case(nn.RReLU().eval(), X)
    case(nn.RReLU(0.25, 0.75).eval(), X, lower=0.25, upper=0.75)
    for size, groups in (((2, 6, 3), 2), ((1, 6, 2, 2), 3), ((2, 4, 1, 3, 2), 4), ((1, 3, 2), 1)):
        case(nn.ChannelShuffle(groups), (r(*size) * 100).long(), groups=groups)  # 1.13 has no gradient for it
    case.golden.write("activations.safetensors.gz")
