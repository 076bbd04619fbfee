# SPDX-License-Identifier: Apache-2.0
"""scaled_dot_product_attention: outputs and gradients, also of a gradient. Needs PyTorch 2.5 or newer (made with 2.14),
whose rows without a key are zeros.
"""

import torch
import torch.nn.functional as F

import draws
from golden_file import GoldenFile


def _case(golden, name, q, k, v, mask=None, twice=False, **options):
    tensors = dict(q=draws.randn(q), k=draws.randn(k), v=draws.randn(v))
    tensors = {key: x.double().requires_grad_() for key, x in tensors.items()}
    if mask is not None and mask.dtype != torch.bool:
        mask = mask.double().requires_grad_()
    inputs = list(tensors.values()) + ([mask] if mask is not None and mask.requires_grad else [])
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        y = F.scaled_dot_product_attention(tensors["q"], tensors["k"], tensors["v"], attn_mask=mask, **options)
    g = draws.rand_like(y) - 0.3
    grads = torch.autograd.grad(y, inputs, g, create_graph=twice)
    golden_tensors = dict(tensors, y=y, g=g)
    if mask is not None:
        golden_tensors["mask"] = mask
    golden_tensors.update({"grad_" + key: x for key, x in zip(["q", "k", "v", "mask"], grads)})
    if twice:  # the gradient of the sum of the gradients' squares
        seconds = torch.autograd.grad(sum(x.square().sum() for x in grads), inputs)
        golden_tensors.update({"second_" + key: x for key, x in zip(["q", "k", "v", "mask"], seconds)})
    golden.case(name, golden_tensors, **options)


def make():
    torch.manual_seed(17)
    golden = GoldenFile()
    heads = (2, 3, 5, 4), (2, 3, 7, 4), (2, 3, 7, 6)
    _case(golden, "heads", *heads, twice=True)
    _case(golden, "matrices", (5, 4), (7, 4), (7, 3))
    _case(golden, "batches", (2, 5, 4), (2, 7, 4), (2, 7, 3))
    _case(golden, "shared_keys", (2, 3, 5, 4), (1, 1, 7, 4), (3, 7, 2))
    _case(golden, "scale", *heads, scale=0.3)
    _case(golden, "scale_zero", *heads, scale=0.0)
    _case(golden, "scale_negative", *heads, scale=-0.7)
    _case(golden, "causal", (2, 6, 4), (2, 6, 4), (2, 6, 4), is_causal=True, twice=True)
    _case(golden, "causal_more_keys", (2, 4, 4), (2, 7, 4), (2, 7, 4), is_causal=True)
    _case(golden, "causal_fewer_keys", (2, 7, 4), (2, 4, 4), (2, 4, 4), is_causal=True)
    keep = draws.rand(2, 3, 5, 7) < 0.6
    keep[0, 1, 2] = False
    _case(golden, "bool_mask", *heads, mask=keep, twice=True)
    _case(golden, "bool_mask_of_keys", *heads, mask=draws.rand(2, 1, 1, 7) < 0.6)
    _case(golden, "bool_mask_matrix", *heads, mask=draws.rand(5, 7) < 0.6)
    _case(golden, "bool_mask_none", *heads, mask=torch.zeros(5, 7, dtype=torch.bool))
    added = draws.randn(2, 3, 5, 7)
    added[1, 0, 4] = -float("inf")
    added[1, 2, 0, 3] = -float("inf")
    _case(golden, "added_mask", *heads, mask=added, twice=True)
    _case(golden, "added_mask_of_rows", *heads, mask=draws.randn(3, 5, 1))
    _case(golden, "added_mask_matrix", *heads, mask=draws.randn(5, 7))
    _case(golden, "grouped", (2, 6, 5, 4), (2, 3, 7, 4), (2, 3, 7, 4), enable_gqa=True)
    _case(golden, "grouped_mask", (2, 6, 5, 4), (2, 2, 7, 4), (2, 2, 7, 3), mask=draws.randn(2, 6, 5, 7), enable_gqa=True)
    _case(golden, "grouped_mask_matrix", (4, 5, 4), (2, 7, 4), (2, 7, 3), mask=draws.rand(5, 7) < 0.7, enable_gqa=True)
    _case(golden, "no_keys", (2, 5, 4), (2, 0, 4), (2, 0, 3))
    _case(golden, "no_queries", (2, 0, 4), (2, 5, 4), (2, 5, 3))
    golden.write("attention.safetensors.gz")
