# SPDX-License-Identifier: Apache-2.0
"""Embedding and EmbeddingBag. Needs PyTorch 2.14."""

import itertools

import torch
from torch import nn

import draws
from golden_file import GoldenFile
from module_case import record


def make():
    golden = GoldenFile()
    torch.manual_seed(29)
    indices = torch.tensor([[0, 3, 3, 6], [2, 5, 0, 3], [6, 1, 2, 5]])

    def single(name, x, **options):
        record(golden, f"Embedding/{name}", nn.Embedding(7, 3, **options), [x], **options)

    single("default", indices)
    single("vector", indices[0])
    single("one", torch.tensor(4))
    single("int32", indices.int())
    single("none", torch.zeros(2, 0, dtype=torch.int64))
    single("padding", indices, padding_idx=3)
    single("padding_from_end", indices, padding_idx=-1)
    single("frequency", indices, scale_grad_by_freq=True)
    single("frequency_padding", indices, scale_grad_by_freq=True, padding_idx=0)
    for p in (2.0, 1.0, 3.0, float("inf")):
        single(f"max_norm_{p}", indices, max_norm=0.6, norm_type=p)

    def bag(name, x, offsets=None, weights=None, **options):
        module = nn.EmbeddingBag(7, 3, **options)
        record(golden, f"EmbeddingBag/{name}", module, [x, offsets, weights], **options)

    flat = torch.tensor([1, 2, 4, 5, 4, 3, 2, 6, 0, 4])
    offsets = torch.tensor([0, 4, 4, 9])
    ends = torch.tensor([0, 4, 4, 9, 10])
    for mode, padding in itertools.product(("sum", "mean", "max"), (None, 4)):
        options = dict(mode=mode) if padding is None else dict(mode=mode, padding_idx=padding)
        suffix = "" if padding is None else "_padding"
        bag(f"{mode}_matrix{suffix}", indices if padding is None else indices % 5, **options)
        bag(f"{mode}_offsets{suffix}", flat, offsets, **options)
        bag(f"{mode}_last_offset{suffix}", flat, ends, include_last_offset=True, **options)
    bag("weights_matrix", indices, None, draws.rand(3, 4), mode="sum")
    bag("weights_offsets", flat, offsets, draws.rand(10), mode="sum")
    bag("frequency", flat, offsets, mode="sum", scale_grad_by_freq=True)
    bag("max_norm", flat, offsets, mode="mean", max_norm=0.5, norm_type=1.0)
    bag("no_indices", torch.zeros(0, dtype=torch.int64), torch.tensor([0, 0]), mode="sum")
    golden.write("embeddings.safetensors.gz")
