# SPDX-License-Identifier: Apache-2.0
"""Convolutions, pooling, padding and images of another size: outputs, gradients, printed forms. Made with PyTorch 2.14
(1.13 lacks some layers and prints others differently).
"""

import torch
import torch.nn.functional as F
from torch import nn

import draws
from golden_file import GoldenFile


def _run(golden, name, layer, shape, input=None, call=None, **options):
    layer = layer.double()
    with torch.no_grad():
        for p in layer.parameters():
            draws.uniform_(p, -1, 1)
    x = (draws.randn(*shape) if input is None else input).double().requires_grad_()
    y = call(layer, x) if call else layer(x)
    g = draws.rand_like(y) - 0.3
    y.backward(g)
    tensors = dict(input=x, output=y, grad_output=g, grad_input=x.grad)
    for key, p in layer.named_parameters():
        tensors[key] = p
        tensors["grad_" + key] = p.grad
    # bool prints as 0 and 1, None as None, so that options say what was given.
    options = {k: "None" if v is None else v for k, v in options.items()}
    golden.case(name, tensors, layer=name.split("/")[0], repr=repr(layer).replace(" ", "_"), **options)


def _layer(golden, cls, name, shape, *args, input=None, call=None, positional=(), **options):
    _run(golden, f"{cls.__name__}/{name}", cls(*args, **options), shape, input, call,
         **dict(zip(positional, args)), **options)


def _convolutions(golden):
    def conv(cls, name, size, i, o, **options):
        _layer(golden, cls, name, size, i, o, positional=("i", "o"), **options)

    conv(nn.Conv1d, "plain", (2, 3, 7), 3, 4, kernel_size=3)
    conv(nn.Conv1d, "options", (2, 4, 11), 4, 6, kernel_size=3, stride=2, padding=2, dilation=2, groups=2, bias=False)
    conv(nn.Conv1d, "same", (2, 2, 6), 2, 3, kernel_size=4, padding="same", dilation=3)
    conv(nn.Conv1d, "valid", (2, 2, 6), 2, 3, kernel_size=2, padding="valid")
    conv(nn.Conv1d, "no_batch", (2, 6), 2, 3, kernel_size=3)
    conv(nn.Conv1d, "depthwise", (2, 3, 6), 3, 6, kernel_size=3, groups=3)
    conv(nn.Conv1d, "none", (0, 3, 6), 3, 2, kernel_size=3)
    conv(nn.Conv2d, "no_batch_same", (2, 5, 6), 2, 3, kernel_size=(2, 3), padding="same")
    for mode in ("reflect", "replicate", "circular"):
        conv(nn.Conv1d, mode, (2, 2, 6), 2, 3, kernel_size=3, padding=2, padding_mode=mode)
        conv(nn.Conv2d, mode, (1, 2, 4, 5), 2, 3, kernel_size=3, padding=(1, 2), stride=2, padding_mode=mode)
        conv(nn.Conv2d, mode + "_same", (1, 2, 4, 5), 2, 2, kernel_size=(2, 3), padding="same", padding_mode=mode)
        conv(nn.Conv3d, mode, (1, 1, 3, 4, 4), 1, 2, kernel_size=2, padding=(1, 2, 1), padding_mode=mode)
    conv(nn.Conv3d, "plain", (2, 3, 4, 5, 4), 3, 4, kernel_size=3)
    conv(nn.Conv3d, "options", (1, 4, 6, 5, 5), 4, 6, kernel_size=(3, 2, 3), stride=(2, 1, 2), padding=(2, 0, 1),
         dilation=(2, 2, 1), groups=2)
    conv(nn.Conv3d, "flat", (2, 2, 3, 4, 4), 2, 3, kernel_size=(1, 2, 2), stride=(2, 1, 1), bias=False)
    conv(nn.Conv3d, "same", (1, 1, 4, 3, 4), 1, 2, kernel_size=(2, 3, 4), padding="same", dilation=(3, 1, 1))
    conv(nn.Conv3d, "no_batch", (1, 3, 4, 4), 1, 2, kernel_size=2)
    conv(nn.Conv3d, "depthwise", (1, 3, 3, 4, 4), 3, 3, kernel_size=2, groups=3)
    conv(nn.ConvTranspose1d, "plain", (2, 3, 5), 3, 4, kernel_size=3)
    conv(nn.ConvTranspose1d, "options", (2, 4, 5), 4, 6, kernel_size=3, stride=3, padding=2, output_padding=2, groups=2,
         dilation=2)
    conv(nn.ConvTranspose1d, "dilation_above_stride", (1, 2, 4), 2, 3, kernel_size=2, stride=1, padding=1,
         output_padding=2, dilation=3)
    conv(nn.ConvTranspose1d, "no_batch", (3, 5), 3, 2, kernel_size=3, stride=2, bias=False)
    conv(nn.ConvTranspose2d, "plain", (2, 3, 4, 5), 3, 4, kernel_size=3)
    conv(nn.ConvTranspose2d, "double", (2, 3, 4, 3), 3, 2, kernel_size=3, stride=2, padding=1, output_padding=1)
    conv(nn.ConvTranspose2d, "options", (1, 4, 3, 4), 4, 6, kernel_size=(3, 2), stride=(2, 3), padding=(1, 2),
         output_padding=(1, 0), groups=2, dilation=(2, 1), bias=False)
    conv(nn.ConvTranspose2d, "no_batch", (3, 4, 5), 3, 2, kernel_size=2)
    conv(nn.ConvTranspose3d, "plain", (1, 2, 3, 3, 4), 2, 3, kernel_size=2)
    conv(nn.ConvTranspose3d, "options", (1, 4, 3, 3, 2), 4, 2, kernel_size=(3, 2, 3), stride=(2, 2, 3),
         padding=(1, 0, 2), output_padding=(1, 1, 0), groups=2, dilation=(2, 1, 1))
    conv(nn.ConvTranspose3d, "no_batch", (2, 2, 3, 3), 2, 2, kernel_size=2, stride=2, bias=False)


def _paddings(golden):
    for n, size in ((1, (2, 3, 5)), (2, (1, 2, 4, 5)), (3, (1, 1, 4, 3, 5))):
        for kind in ("Reflection", "Replication", "Circular", "Zero"):
            cls = getattr(nn, f"{kind}Pad{n}d")
            pad = lambda name, padding: _layer(golden, cls, name, size, padding, positional=("padding",))
            pad("all", 2 if n < 3 else 1)
            pad("sides", (1, 2, 0, 1, 2, 0)[: 2 * n])
            pad("cut", (-1, 2, 1, -2, 0, -1)[: 2 * n])
            _layer(golden, cls, "no_batch", size[1:], 1, positional=("padding",))
        _layer(golden, getattr(nn, f"ConstantPad{n}d"), "value", size, (1, 2, 0, 1, -1, 0)[: 2 * n], 3.5,
               positional=("padding", "value"))


def _pools(golden):
    sizes = {1: (2, 3, 8), 2: (1, 2, 7, 6), 3: (1, 2, 5, 4, 5)}
    for n, size in sizes.items():
        unbatched = size[1:]
        kernel = (3, 2, 3)[:n] if n > 1 else 3
        two = lambda *values: values[:n] if n > 1 else values[0]
        for cls in (getattr(nn, f"MaxPool{n}d"), getattr(nn, f"AvgPool{n}d")):
            pool = lambda name, s=size, **options: _layer(golden, cls, name, s, **options)
            pool("halve", kernel_size=2)
            pool("overlap", kernel_size=3, stride=2, padding=1)
            pool("uneven", kernel_size=kernel, stride=two(1, 2, 1), padding=two(1, 0, 1))
            pool("ceil", kernel_size=two(2, 3, 2), stride=two(3, 2, 3), ceil_mode=True)
            pool("ceil_pad", kernel_size=3, stride=2, padding=1, ceil_mode=True)
            pool("no_batch", s=unbatched, kernel_size=2)
        _layer(golden, getattr(nn, f"MaxPool{n}d"), "dilated", size, kernel_size=2, stride=1, padding=1, dilation=3)
        _layer(golden, getattr(nn, f"MaxPool{n}d"), "ties", size, input=torch.ones(size), kernel_size=2, stride=1)
        _layer(golden, getattr(nn, f"AvgPool{n}d"), "exclude_pad", size, kernel_size=3, stride=2, padding=1,
               ceil_mode=True, count_include_pad=False)
        if n > 1:
            _layer(golden, getattr(nn, f"AvgPool{n}d"), "divisor", size, kernel_size=3, stride=2, divisor_override=5)
        for kind in ("Avg", "Max"):
            cls = getattr(nn, f"Adaptive{kind}Pool{n}d")
            pool = lambda name, out, s=size: _layer(golden, cls, name, s, out, positional=("output_size",))
            pool("one", 1)
            pool("uneven", 3)
            pool("larger", 9 if n < 3 else 6)
            pool("same", size[2:] if n > 1 else size[2])
            pool("no_batch", 2, s=unbatched)
            if n > 1:
                pool("mixed", (4, None, 2)[:n])
        _layer(golden, getattr(nn, f"AdaptiveMaxPool{n}d"), "ties", size, 3, input=torch.ones(size),
               positional=("output_size",))
        _layer(golden, getattr(nn, f"LPPool{n}d"), "two", size, 2, kernel, positional=("norm_type", "kernel_size"))
        _layer(golden, getattr(nn, f"LPPool{n}d"), "three", size, 3, 2, input=draws.rand(size), stride=1, ceil_mode=True,
               positional=("norm_type", "kernel_size"))
        _layer(golden, getattr(nn, f"LPPool{n}d"), "zeros", size, 2, 2, input=torch.zeros(size),
               positional=("norm_type", "kernel_size"))


def _indices(golden):
    """Places of maxima, also among -inf; float32, as they come with values that are copied."""
    inf = float("inf")
    for n, size in ((1, (2, 2, 9)), (2, (1, 2, 5, 6)), (3, (1, 2, 4, 3, 5))):
        pool = getattr(F, f"max_pool{n}d")
        inputs = {"random": draws.randn(size), "ties": torch.ones(size), "low": torch.full(size, -inf)}
        for name, x in inputs.items():
            for key, options in {"halve": dict(kernel_size=2),
                                 "padded": dict(kernel_size=3, stride=2, padding=1, ceil_mode=True),
                                 "dilated": dict(kernel_size=2, stride=1, padding=1, dilation=2)}.items():
                y, at = pool(x, return_indices=True, **options)
                golden.case(f"max_pool{n}d/{name}_{key}", dict(input=x, output=y, indices=at), n=n, **options)
        for name, x in inputs.items():
            if name != "low":
                y, at = getattr(F, f"adaptive_max_pool{n}d")(x, 3, return_indices=True)
                golden.case(f"adaptive_max_pool{n}d/{name}", dict(input=x, output=y, indices=at), n=n)


def _images(golden):
    fold = dict(output_size=(5, 6), kernel_size=(2, 3))
    for name, options in {"plain": {}, "options": dict(dilation=(2, 1), padding=1, stride=(1, 2))}.items():
        _layer(golden, nn.Unfold, name, (2, 3, 5, 6), kernel_size=(2, 3), **options)
        windows = nn.Unfold((2, 3), **options)(torch.zeros(2, 2, 5, 6)).shape
        _layer(golden, nn.Fold, name, windows, **fold, **options)
        _layer(golden, nn.Fold, name + "_no_batch", windows[1:], **fold, **options)
    _layer(golden, nn.Unfold, "no_batch", (3, 5, 6), kernel_size=2, stride=2)
    sizes = {1: (2, 2, 5), 2: (1, 2, 4, 5), 3: (1, 1, 3, 4, 3)}
    modes = {1: ("linear",), 2: ("bilinear", "bicubic"), 3: ("trilinear",)}
    for n, size in sizes.items():
        up = lambda name, **options: _layer(golden, nn.Upsample, f"{name}_{n}d", size, **options)
        for mode in ("nearest", "nearest-exact", "area"):
            up(mode + "_factor", scale_factor=2.0, mode=mode)
            up(mode + "_size", size=tuple((7, 3, 5)[:n]) if n > 1 else 7, mode=mode)
            up(mode + "_down", scale_factor=0.6, mode=mode)
        for mode in modes[n]:
            for corners in (False, True):
                key = mode + ("_corners" if corners else "")
                options = dict(mode=mode, align_corners=corners)
                up(key + "_factor", scale_factor=2.0, **options)
                up(key + "_size", size=tuple((7, 3, 5)[:n]) if n > 1 else 7, **options)
                up(key + "_down", scale_factor=0.6, **options)
                up(key + "_one", size=1, **options)
            up(mode + "_recomputed", scale_factor=1.7, mode=mode, align_corners=False, recompute_scale_factor=True)
            up(mode + "_uneven", scale_factor=tuple((1.7, 0.7, 2.5)[:n]) if n > 1 else 1.7, mode=mode, align_corners=False)


def make():
    torch.manual_seed(23)
    golden = GoldenFile()
    _convolutions(golden)
    _paddings(golden)
    _pools(golden)
    _indices(golden)
    _images(golden)
    golden.write("windows.safetensors.gz")
