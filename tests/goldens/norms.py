# SPDX-License-Identifier: Apache-2.0
"""Normalisation layers. Needs PyTorch 2.14 (RMSNorm, the `bias` options)."""

import torch
from torch import nn

import draws
from golden_file import GoldenFile
from module_case import record


def _run(golden, name, module, *size, training=True, **options):
    x = draws.randn(*size, dtype=torch.float64) * 2 + 1
    record(golden, name, module.train(training), [x], **options)


def make():
    golden = GoldenFile()
    torch.manual_seed(23)
    run = lambda *a, **k: _run(golden, *a, **k)
    for cls, options in ((nn.LayerNorm, {}), (nn.RMSNorm, {}), (nn.LayerNorm, dict(bias=False)),
                         (nn.LayerNorm, dict(elementwise_affine=False)), (nn.RMSNorm, dict(elementwise_affine=False)),
                         (nn.LayerNorm, dict(eps=0.1)), (nn.RMSNorm, dict(eps=0.1))):
        text = "_".join(f"{k}{v}" for k, v in options.items()) or "default"
        run(f"{cls.__name__}/{text}", cls(7, **options), 2, 3, 7, shape=[7], **options)
    run("LayerNorm/two_dims", nn.LayerNorm((3, 5)), 2, 3, 5, shape=[3, 5])
    run("RMSNorm/two_dims", nn.RMSNorm((3, 5)), 2, 3, 5, shape=[3, 5])
    run("LayerNorm/whole", nn.LayerNorm((3, 5)), 3, 5, shape=[3, 5])
    run("LayerNorm/no_rows", nn.LayerNorm(4), 0, 4, shape=[4])
    group = lambda name, groups, channels, *size, **o: run(
        f"GroupNorm/{name}", nn.GroupNorm(groups, channels, **o), *size, groups=groups, channels=channels, **o)
    group("default", 2, 6, 3, 6, 4, 2)
    group("one_group", 1, 6, 3, 6, 4)
    group("each_channel", 6, 6, 2, 6, 4)
    group("no_space", 2, 6, 3, 6)
    group("no_affine", 2, 6, 3, 6, 4, affine=False)
    group("no_bias", 2, 6, 3, 6, 4, bias=False, eps=0.1)
    run("LocalResponseNorm/default", nn.LocalResponseNorm(2), 2, 5, 3, size=2)
    run("LocalResponseNorm/odd", nn.LocalResponseNorm(3, alpha=0.5, beta=0.6, k=2.0), 2, 5, 3, 2, size=3, alpha=0.5,
        beta=0.6, k=2.0)
    run("LocalResponseNorm/wide", nn.LocalResponseNorm(7, alpha=1.0), 2, 3, 2, size=7, alpha=1.0)

    def channels(cls, name, *size, training=True, **o):
        # None is written as -1.
        written = {k: -1 if v is None else v for k, v in o.items()}
        run(f"{cls.__name__}/{name}", cls(3, **o), *size, training=training, features=3, **written)

    for training in (True, False):
        mode = "train" if training else "eval"
        channels(nn.BatchNorm1d, mode + "_rows", 5, 3, training=training)
        channels(nn.BatchNorm1d, mode + "_sequences", 2, 3, 4, training=training)
        channels(nn.BatchNorm2d, mode, 2, 3, 4, 5, training=training)
        channels(nn.BatchNorm3d, mode, 2, 3, 2, 3, 2, training=training)
        channels(nn.BatchNorm2d, mode + "_cumulative", 2, 3, 4, 5, training=training, momentum=None)
        channels(nn.BatchNorm2d, mode + "_slow", 2, 3, 4, 5, training=training, momentum=0.01, eps=0.1)
        channels(nn.BatchNorm2d, mode + "_no_affine", 2, 3, 4, 5, training=training, affine=False)
        channels(nn.BatchNorm2d, mode + "_no_bias", 2, 3, 4, 5, training=training, bias=False)
        channels(nn.BatchNorm2d, mode + "_untracked", 2, 3, 4, 5, training=training, track_running_stats=False)
        for cls, size in ((nn.InstanceNorm1d, (4,)), (nn.InstanceNorm2d, (4, 2)), (nn.InstanceNorm3d, (2, 3, 2))):
            channels(cls, mode, 2, 3, *size, training=training)
            channels(cls, mode + "_no_batch", 3, *size, training=training, affine=True)
            channels(cls, mode + "_tracked", 2, 3, *size, training=training, affine=True, track_running_stats=True,
                     momentum=0.3)
    golden.write("norms.safetensors.gz")
