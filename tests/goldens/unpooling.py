# SPDX-License-Identifier: Apache-2.0
"""Max pooling undone, and upsampling layers of a fixed mode: outputs and gradients."""

import torch
import torch.nn.functional as F
from torch import nn

import draws
from golden_file import GoldenFile
from module_case import record

SIZES = {1: (2, 3, 9), 2: (2, 2, 5, 6), 3: (1, 2, 5, 4, 6)}


def _unpool(golden, n, name, size, pooling, given=None):
    """Of the maxima of windows; `given`: which sizes are given to the layer."""
    values, indices = getattr(F, f"max_pool{n}d")(draws.randn(*size), return_indices=True, **pooling)
    options = {k: v for k, v in pooling.items() if k not in ("ceil_mode", "dilation")}
    layer = getattr(nn, f"MaxUnpool{n}d")(**options)
    output_size = {None: None, "sizes": size[-n:], "all": size}[given]
    record(golden, f"MaxUnpool{n}d/{name}", layer, [values, indices], call=lambda x, i: layer(x, i, output_size),
           output_size=output_size or (), **options)


def make():
    torch.manual_seed(31)
    golden = GoldenFile()
    for n, size in SIZES.items():
        two = (2, 3, 2)[:n] if n > 1 else 3
        _unpool(golden, n, "halve", size, dict(kernel_size=2))
        _unpool(golden, n, "sizes", size, dict(kernel_size=2), "sizes")
        _unpool(golden, n, "all", size, dict(kernel_size=two), "all")
        _unpool(golden, n, "padded", size, dict(kernel_size=3, stride=2, padding=1), "sizes")
        # Windows that overlap, so that an index comes twice.
        _unpool(golden, n, "overlap", size, dict(kernel_size=3, stride=1, padding=1))
        _unpool(golden, n, "no_batch", size[1:], dict(kernel_size=2, stride=2))
    for options in (dict(scale_factor=2.0), dict(size=(7, 3)), dict(size=6), dict(scale_factor=(1.7, 0.6))):
        for kind in ("Nearest", "Bilinear"):
            layer = getattr(nn, f"Upsampling{kind}2d")(**options)
            # 1.13 prints the mode without its quotation marks.
            record(golden, f"Upsampling{kind}2d/{'_'.join(f'{k}_{v}' for k, v in options.items())}".replace(" ", ""), layer,
                   [draws.randn(2, 2, 4, 5)], printed=False, **options)
    golden.write("unpooling.safetensors.gz")
