# SPDX-License-Identifier: Apache-2.0
"""Layers whose weight is divided by its greatest singular value: outputs, gradients, u and v afterwards, removal."""

import torch
from torch import nn
from torch.nn.utils import remove_spectral_norm, spectral_norm

import draws
from golden_file import GoldenFile
from module_case import randomize, record


def make():
    torch.manual_seed(29)
    golden = GoldenFile()
    layers = {
        "linear": (lambda: nn.Linear(5, 4), (3, 5)),
        "conv2d": (lambda: nn.Conv2d(2, 3, (2, 3)), (2, 2, 4, 5)),
        "conv_transpose1d": (lambda: nn.ConvTranspose1d(3, 2, 3), (2, 3, 4)),  # the rows are dimension 1
        "conv_transpose3d": (lambda: nn.ConvTranspose3d(2, 3, 2), (1, 2, 2, 3, 2)),
    }
    for name, (make_layer, size) in layers.items():
        for options in (dict(), dict(n_power_iterations=3), dict(eps=10.0), dict(dim=1)):
            for training in (True, False):
                layer = spectral_norm(make_layer(), **options).train(training)
                key = f"{name}/{'_'.join(options) or 'plain'}_{'train' if training else 'eval'}"
                record(golden, key, layer, [draws.randn(*size)], **options)
    record(golden, "linear/bias", spectral_norm(nn.Linear(3, 4), name="bias"), [draws.randn(2, 3)], parameter="bias")
    layer = spectral_norm(nn.Linear(5, 4)).double().train()
    randomize(layer)
    state = {f"state/{k}": v.clone() for k, v in layer.state_dict().items()}
    golden.case("removed", dict(state, weight=remove_spectral_norm(layer).weight))
    golden.write("spectral_norm.safetensors.gz")
