# SPDX-License-Identifier: Apache-2.0
"""MultiheadAttention and the transformer's layers. Needs PyTorch 2.14."""

import itertools

import torch
from torch import nn

import draws
from golden_file import GoldenFile
from module_case import record

_rand = lambda *s: draws.randn(*s, dtype=torch.float64)
_INF = float("-inf")


def _masks():
    """Masks for N = 2, L = 3, S = 4, 2 heads that leave every query a key."""
    padding = torch.tensor([[False, False, True, False], [False, True, False, True]])
    mask = torch.tensor([[False, True, False, False], [False, False, True, False], [True, False, False, False]])
    heads = torch.stack([mask, mask.roll(1, 0), mask.roll(2, 0), mask.roll(1, 1) & ~mask])
    return padding, mask, heads


def _attention(golden, name, own=False, shared=False, batch=True, padding=None, mask=None, need_weights=True,
               average=True, **options):
    module = nn.MultiheadAttention(4, 2, **options)
    first = options.get("batch_first", False)
    shape = lambda steps, size: (steps, size) if not batch else (2, steps, size) if first else (steps, 2, size)
    kdim, vdim = options.get("kdim", 4), options.get("vdim", 4)
    q, k, v = _rand(*shape(3, 4)), _rand(*shape(4, kdim)), _rand(*shape(4, vdim))
    inputs = [q] if own else [q, k] if shared else [q, k, v]
    inputs += [None] * (3 - len(inputs)) + [padding, mask]

    def call(q, k, v, padding, mask):
        k = q if own else k
        v = k if own or shared else v
        y, w = module(q, k, v, key_padding_mask=padding, attn_mask=mask, need_weights=need_weights,
                      average_attn_weights=average)
        return [y] if w is None else [y, w]

    record(golden, f"MultiheadAttention/{name}", module, inputs, call=call, printed=False, need_weights=need_weights,
           average=average, **options)


def _attentions(golden):
    padding, mask, heads = _masks()
    for need in (True, False):
        case = lambda name, **o: _attention(golden, f"{name}_{int(need)}", need_weights=need, **o)
        case("default")
        case("own", own=True)
        case("shared", shared=True, batch_first=True)
        case("batch_first", batch_first=True)
        case("no_batch", batch=False)
        case("no_bias", bias=False)
        case("sizes", kdim=3, vdim=5)
        case("sizes_no_bias", kdim=3, bias=False)
        case("padding", padding=padding)
        case("mask", mask=mask)
        case("mask_of_heads", mask=heads)
        case("both_masks", padding=padding, mask=mask, batch_first=True)
        case("float_masks", padding=_rand(2, 4), mask=_rand(3, 4))
        case("mixed_masks", padding=padding.double() * -1e4, mask=heads.double() * -1e4)
        case("bias_kv", add_bias_kv=True)
        case("zero_attn", add_zero_attn=True)
        case("bias_kv_zero_attn_masks", add_bias_kv=True, add_zero_attn=True, padding=padding, mask=mask,
             batch_first=True)
        case("no_batch_padding", batch=False, padding=padding[1], mask=mask)
    _attention(golden, "weights_of_heads", average=False)


def _layers(golden):
    triangle = nn.Transformer.generate_square_subsequent_mask(3).double()
    padding = torch.tensor([[False, False, True], [False, False, False]])
    memory_padding = torch.tensor([[False, True, False, False], [False, False, False, True]])
    for norm_first, first, activation in itertools.product((False, True), (False, True), ("relu", "gelu")):
        options = dict(dim_feedforward=5, dropout=0.0, norm_first=norm_first, batch_first=first, activation=activation)
        x, m = _rand(*((2, 3, 4) if first else (3, 2, 4))), _rand(*((2, 4, 4) if first else (4, 2, 4)))
        name = f"n{int(norm_first)}b{int(first)}{activation}"
        encoder = nn.TransformerEncoderLayer(4, 2, **options)
        record(golden, f"TransformerEncoderLayer/{name}", encoder, [x, triangle, padding.double() * -1e4],
               call=lambda x, mask, padding: encoder(x, src_mask=mask, src_key_padding_mask=padding), printed=False,
               **options)
        decoder = nn.TransformerDecoderLayer(4, 2, **options)
        record(golden, f"TransformerDecoderLayer/{name}", decoder, [x, m, triangle, memory_padding],
               call=lambda x, m, mask, padding: decoder(x, m, tgt_mask=mask, memory_key_padding_mask=padding),
               printed=False, **options)
    options = dict(dim_feedforward=5, dropout=0.0, bias=False, layer_norm_eps=0.1)
    plain = nn.TransformerEncoderLayer(4, 2, **options)
    record(golden, "TransformerEncoderLayer/no_bias", plain, [_rand(3, 2, 4)], printed=False, **options)
    single = nn.TransformerDecoderLayer(4, 2, **options)
    record(golden, "TransformerDecoderLayer/no_batch", single, [_rand(3, 4), _rand(4, 4)], printed=False, **options)


def _stacks(golden):
    options = dict(d_model=4, nhead=2, num_encoder_layers=2, num_decoder_layers=2, dim_feedforward=3, dropout=0.0)
    triangle = nn.Transformer.generate_square_subsequent_mask(3)
    golden.case("mask/3", dict(out0=triangle))
    for first in (False, True):
        model = nn.Transformer(batch_first=first, **options)
        src, tgt = _rand(*((2, 4, 4) if first else (4, 2, 4))), _rand(*((2, 3, 4) if first else (3, 2, 4)))
        record(golden, f"Transformer/{int(first)}", model, [src, tgt],
               call=lambda s, t: model(s, t, tgt_mask=triangle.double()), printed=False, batch_first=first, **options)


def make():
    golden = GoldenFile()
    torch.manual_seed(37)
    _attentions(golden)
    _layers(golden)
    _stacks(golden)
    golden.write("transformers.safetensors.gz")
