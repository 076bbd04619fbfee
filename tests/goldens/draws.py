# SPDX-License-Identifier: Apache-2.0
"""Random numbers of few digits, so that golden files pack small.

Odd multiples of 1/128: none is 0, and neither they nor, mostly, sums and products of a few of them are rounded.
"""

import torch


def _short(x):
    return (torch.floor(x * 64) + 0.5) / 64


def randn(*size, **options):
    return _short(torch.randn(*size, **options))


def rand(*size, **options):
    """Inside (0, 1)."""
    return _short(torch.rand(*size, **options))


def rand_like(x):
    return _short(torch.rand_like(x))


def uniform_(x, low, high):
    with torch.no_grad():
        return x.copy_(_short(x.uniform_(low, high)))
