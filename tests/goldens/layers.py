# SPDX-License-Identifier: Apache-2.0
"""Layers: outputs and the gradients of inputs and parameters; how modules are printed and named."""

import math

import torch
from torch import nn

import draws
from golden_file import GoldenFile


def _printed(module):
    """repr() without options that Tessera's layers do not have."""
    return repr(module).replace(", inplace=False", "")


def _run(golden, name, layer, input, **options):
    layer = layer.double()
    with torch.no_grad():
        for p in layer.parameters():
            draws.uniform_(p, -1, 1)
    input = input.double().requires_grad_()
    output = layer(input)
    g = draws.rand_like(output) - 0.3
    output.backward(g)
    tensors = dict(input=input, output=output, grad_output=g, grad_input=input.grad)
    for key, p in layer.named_parameters():
        tensors[key] = p
        tensors["grad_" + key] = p.grad
    golden.case(name, tensors, layer=name.split("/")[0], repr=_printed(layer).replace(" ", "_"), **options)


def _conv(golden, name, size, i, o, **options):
    _run(golden, f"Conv2d/{name}", nn.Conv2d(i, o, **options), draws.randn(*size), i=i, o=o, **options)


def _layers(golden):
    linear = lambda name, size, i, o, bias=True: _run(
        golden, f"Linear/{name}", nn.Linear(i, o, bias), draws.randn(*size), i=i, o=o, bias=bias)
    linear("matrix", (5, 7), 7, 3)
    linear("vector", (7,), 7, 3)
    linear("batches", (2, 3, 7), 7, 11)
    linear("no_bias", (5, 7), 7, 3, False)
    linear("no_rows", (0, 7), 7, 3)
    _conv(golden, "plain", (2, 3, 7, 5), 3, 4, kernel_size=3)
    _conv(golden, "pad", (2, 3, 7, 5), 3, 4, kernel_size=3, padding=1)
    _conv(golden, "pair", (2, 3, 9, 8), 3, 4, kernel_size=(3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2))
    _conv(golden, "groups", (2, 6, 5, 5), 6, 4, kernel_size=3, groups=2)
    _conv(golden, "depthwise", (2, 3, 5, 5), 3, 6, kernel_size=3, groups=3, bias=False)
    _conv(golden, "pointwise", (2, 5, 3, 2), 5, 7, kernel_size=1)
    _conv(golden, "same", (1, 2, 6, 5), 2, 3, kernel_size=(4, 3), padding="same")
    _conv(golden, "same_dilated", (1, 2, 6, 7), 2, 3, kernel_size=(2, 4), padding="same", dilation=(3, 2))
    _conv(golden, "no_batch", (2, 6, 5), 2, 3, kernel_size=3)
    _conv(golden, "wide_pad", (1, 1, 2, 2), 1, 1, kernel_size=1, padding=2)
    _conv(golden, "no_images", (0, 2, 6, 5), 2, 3, kernel_size=3)
    pool = lambda cls, name, size, **options: _run(
        golden, f"{cls.__name__}/{name}", cls(**options), draws.randn(*size), **options)
    for cls in (nn.MaxPool2d, nn.AvgPool2d):
        pool(cls, "halve", (2, 3, 6, 4), kernel_size=2)
        pool(cls, "cut_off", (2, 3, 7, 5), kernel_size=2)
        pool(cls, "overlap", (2, 3, 7, 6), kernel_size=3, stride=2, padding=1)
        pool(cls, "ceil", (1, 2, 7, 6), kernel_size=(2, 3), stride=2, ceil_mode=True)
        pool(cls, "ceil_pad", (1, 2, 5, 5), kernel_size=3, stride=2, padding=1, ceil_mode=True)
        pool(cls, "no_batch", (2, 6, 4), kernel_size=2)
    pool(nn.MaxPool2d, "dilated_pair", (1, 2, 5, 6), kernel_size=(2, 3), stride=(1, 2), padding=(1, 0), dilation=(2, 1))
    pool(nn.MaxPool2d, "dilated", (1, 2, 9, 8), kernel_size=3, stride=2, dilation=2)
    pool(nn.AvgPool2d, "exclude_pad", (1, 2, 7, 6), kernel_size=3, stride=2, padding=1, count_include_pad=False)
    pool(nn.AvgPool2d, "ceil_exclude_pad", (1, 2, 6, 6), kernel_size=3, stride=2, padding=1, ceil_mode=True,
         count_include_pad=False)
    pool(nn.AvgPool2d, "divisor", (1, 2, 7, 6), kernel_size=3, stride=2, divisor_override=5)
    _run(golden, "MaxPool2d/ties", nn.MaxPool2d(2), torch.ones(1, 1, 4, 4), kernel_size=2)
    _run(golden, "Flatten/default", nn.Flatten(), draws.randn(2, 3, 4, 5))
    _run(golden, "Flatten/middle", nn.Flatten(1, 2), draws.randn(2, 3, 4, 5), start_dim=1, end_dim=2)
    x = torch.tensor([-100.0, -3, -1, -0.3, 0, 0.3, 1, 3, 100])
    for layer in (nn.ReLU(), nn.Sigmoid(), nn.Tanh(), nn.SiLU(), nn.Softplus(1.0, 20.0), nn.LogSigmoid(), nn.GELU(),
                  nn.LeakyReLU(), nn.Identity()):
        _run(golden, f"{type(layer).__name__}/values", layer, x.clone())
    _run(golden, "GELU/tanh", nn.GELU(approximate="tanh"), x.clone(), approximate="tanh")
    _run(golden, "LeakyReLU/slope", nn.LeakyReLU(0.2), x.clone(), negative_slope=0.2)
    for dim in (0, 1, -1):
        _run(golden, f"Softmax/dim{dim}", nn.Softmax(dim), draws.randn(3, 4, 5) * 10, dim=dim)
        _run(golden, f"LogSoftmax/dim{dim}", nn.LogSoftmax(dim), draws.randn(3, 4, 5) * 10, dim=dim)


def _models(golden):
    """A whole model: printed form, names, and the gradient of every parameter."""
    model = nn.Sequential()
    model.features = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1),
                                   nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.25))
    model.fc = nn.Linear(24, 10)
    model = model.double().eval()
    x, y = draws.rand(5, 1, 8, 8, dtype=torch.float64), torch.randint(0, 10, (5,))
    scores = model(x)
    loss = nn.CrossEntropyLoss()(scores, y)
    loss.backward()
    tensors = dict(x=x, y=y, scores=scores, loss=loss)
    for key, p in model.named_parameters():
        tensors["parameters/" + key] = p
        tensors["gradients/" + key] = p.grad
    golden.case("model/cnn", tensors, names=list(model.state_dict().keys()))
    golden.metadata["model/cnn/repr"] = _printed(model)


def _init(golden):
    """Bounds and deviations of PyTorch's own draws, from many of them."""
    torch.manual_seed(3)
    for name, layer in (("linear", nn.Linear(50, 4000)), ("conv", nn.Conv2d(6, 4000, (3, 5), groups=2))):
        tensors = {}
        for key, p in layer.named_parameters():
            tensors[key + "_largest"] = p.abs().max()
            tensors[key + "_std"] = p.std()
        golden.case(f"init/{name}", tensors, kind=name)
    shape = (300, 70, 3, 2)
    for function in ("xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_"):
        variants = [dict(gain=g) for g in (1.0, 2.5)] if function[0] == "x" else [
            dict(a=0.0), dict(a=0.3), dict(mode="fan_out"), dict(nonlinearity="relu"), dict(nonlinearity="tanh"),
            dict(nonlinearity="selu"), dict(nonlinearity="linear"), dict(nonlinearity="sigmoid")]
        for i, variant in enumerate(variants):
            w = torch.empty(*shape)
            getattr(nn.init, function)(w, **variant)
            golden.case(f"init/{function}{i}", dict(std=w.std(), largest=w.abs().max()), kind=function, shape=shape,
                        **variant)


def make():
    golden = GoldenFile()
    torch.manual_seed(11)
    _layers(golden)
    _models(golden)
    _init(golden)
    golden.write("layers.safetensors.gz")
