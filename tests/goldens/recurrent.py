# SPDX-License-Identifier: Apache-2.0
"""Recurrent layers and cells, packed sequences. Needs PyTorch 2.14."""

import itertools

import torch
from torch import nn
from torch.nn.utils import rnn

import draws
from golden_file import GoldenFile
from module_case import record

_rand = lambda *s: draws.randn(*s, dtype=torch.float64)


def _flat(result):
    """Tensors of nested results, in order; of packed sequences the data."""
    if isinstance(result, rnn.PackedSequence):
        return [result.data]
    if isinstance(result, torch.Tensor):
        return [result]
    return [t for r in result for t in _flat(r)]


def _layer(golden, kind, name, batch=True, states=True, lengths=None, training=True, **options):
    module = getattr(nn, kind)(3, 4, **options)
    layers = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
    steps, n = 5, 2 if lengths is None else len(lengths)
    shape = (n, steps, 3) if options.get("batch_first") else (steps, n, 3)
    x = _rand(*shape) if batch else _rand(steps, 3)
    size = options.get("proj_size") or 4
    h = _rand(layers, n, size) if batch else _rand(layers, size)
    c = _rand(layers, n, 4) if batch else _rand(layers, 4)
    inputs = [x] + (([h, c] if kind == "LSTM" else [h]) if states else [])

    def call(x, h=None, c=None):
        if lengths is not None:
            x = rnn.pack_padded_sequence(x, lengths, batch_first=options.get("batch_first", False),
                                         enforce_sorted=False)
        result = module(x) if h is None else module(x, h if c is None else (h, c))
        if lengths is None:
            return _flat(result)
        padded, _ = rnn.pad_packed_sequence(result[0], batch_first=options.get("batch_first", False))
        return [padded] + _flat(result[1])

    module.train(training)
    record(golden, f"{kind}/{name}", module, inputs, call=call, lengths=lengths, **options)


def _cell(golden, kind, name, batch=True, states=True, **options):
    module = getattr(nn, kind)(3, 4, **options)
    rand = lambda n: _rand(2, n) if batch else _rand(n)
    inputs = [rand(3)] + (([rand(4), rand(4)] if kind == "LSTMCell" else [rand(4)]) if states else [])

    def call(x, h=None, c=None):
        return _flat(module(x) if h is None else module(x, h if c is None else (h, c)))

    record(golden, f"{kind}/{name}", module, inputs, call=call, **options)


def make():
    golden = GoldenFile()
    torch.manual_seed(31)
    for kind in ("RNN", "LSTM", "GRU"):
        layer = lambda name, **o: _layer(golden, kind, name, **o)
        layer("default")
        layer("no_states", states=False)
        layer("no_batch", batch=False)
        layer("batch_first", batch_first=True)
        layer("no_bias", bias=False)
        layer("layers", num_layers=2)
        layer("bidirectional", bidirectional=True)
        layer("deep", num_layers=2, bidirectional=True, batch_first=True, bias=False)
        layer("dropout_eval", num_layers=2, dropout=0.5, training=False)
        layer("packed", lengths=[3, 5, 2])
        layer("packed_deep", lengths=[3, 5, 3, 1], num_layers=2, bidirectional=True, batch_first=True)
        layer("packed_no_states", lengths=[5, 4], states=False)
    _layer(golden, "RNN", "relu", nonlinearity="relu", num_layers=2)
    _layer(golden, "LSTM", "projected", proj_size=2, num_layers=2)
    _layer(golden, "LSTM", "projected_packed", proj_size=3, bidirectional=True, lengths=[2, 5, 3])
    for kind, (batch, states, bias) in itertools.product(
            ("RNNCell", "LSTMCell", "GRUCell"), ((True, True, True), (True, False, True), (False, True, False))):
        _cell(golden, kind, f"b{int(batch)}s{int(states)}", batch, states, bias=bias)
    _cell(golden, "RNNCell", "relu", nonlinearity="relu")

    sequences = [_rand(n, 2) for n in (2, 4, 1)]
    for first, side in itertools.product((False, True), ("right", "left")):
        padded = rnn.pad_sequence(sequences, batch_first=first, padding_value=0.5, padding_side=side)
        golden.case(f"pad_sequence/{int(first)}_{side}", dict(zip(("in0", "in1", "in2"), sequences), out0=padded),
                    batch_first=first, left=side == "left")
    packed = rnn.pack_sequence(sequences, enforce_sorted=False)
    padded, lengths = rnn.pad_packed_sequence(packed, batch_first=True, padding_value=-1.0, total_length=6)
    golden.case("pack_sequence/unsorted", dict(
        zip(("in0", "in1", "in2"), sequences), data=packed.data, batch_sizes=packed.batch_sizes,
        sorted_indices=packed.sorted_indices, unsorted_indices=packed.unsorted_indices, padded=padded, lengths=lengths))
    golden.write("recurrent.safetensors.gz")
