#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the golden files in this folder from PyTorch.

  cd tests/goldens && python3 make_goldens.py [ops] [layers] ...    # by default all that need PyTorch only
  cd tests/goldens && python3 make_goldens.py metrics estimators    # with scikit-learn 1.9
  cd tests/goldens && python3 make_goldens.py attention windows norms embeddings recurrent transformers optimizer_steps schedules margin_losses  # with PyTorch 2.14

The committed files say in their metadata which release made them; it is PyTorch 1.13 where nothing is said. The same
release makes the same bytes. They are safetensors in gzip; gunzip them to look inside.
"""

import importlib
import sys

import torch

torch.set_num_threads(1)
for name in sys.argv[1:] or (
    "losses",
    "layers",
    "linalg",
    "optimizers",
    "ops",
    "pointwise",
    "reductions",
    "tensor_methods",
    "unpooling",
    "spectral_norm",
    "shapes",
    "activations",
    "small_layers",
):
    importlib.import_module(name).make()
