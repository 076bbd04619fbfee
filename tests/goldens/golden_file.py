# SPDX-License-Identifier: Apache-2.0
"""Writes golden files: cases of tensors and options, in the safetensors format, in gzip.

A case has a name ("cross_entropy/smoothing"), options (strings, as metadata "name" -> "key=value ...") and
tensors ("cross_entropy/smoothing/input"). tests/goldens/golden_file.h reads them.
"""

import json
import struct
import zlib

import numpy as np
import torch

_CODES = {
    torch.float32: "F32",
    torch.float64: "F64",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


def _text(value):
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (list, tuple)):
        return ",".join(_text(v) for v in value)
    return str(value)


def _gzip(data):
    """The same bytes on every system: no time, no name, no system in the header."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    end = struct.pack("<II", zlib.crc32(data), len(data))
    return b"\x1f\x8b\x08" + bytes(5) + b"\x02\xff" + packer.compress(data) + packer.flush() + end


class GoldenFile:
    def __init__(self):
        self.tensors = {}
        self.metadata = {"made_by": "torch " + torch.__version__}

    def case(self, name, tensors, **options):
        assert name not in self.metadata, name
        self.metadata[name] = " ".join(f"{k}={_text(v)}" for k, v in options.items() if v is not None)
        for key, tensor in tensors.items():
            if tensor is not None:
                self.tensors[f"{name}/{key}"] = tensor.detach().contiguous()

    def write(self, path):
        header, data = {"__metadata__": self.metadata}, bytearray()
        for name, tensor in self.tensors.items():
            bits = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
            values = np.asarray(bits).tobytes()
            header[name] = {
                "dtype": _CODES[tensor.dtype],
                "shape": list(tensor.shape),
                "data_offsets": [len(data), len(data) + len(values)],
            }
            data += values
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        packed = _gzip(struct.pack("<Q", len(text)) + text + bytes(data))
        with open(path, "wb") as f:
            f.write(packed)
        print(f"{path}: {len(self.metadata) - 1} cases, {len(packed)} bytes")
