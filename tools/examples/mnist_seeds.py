#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far //tools/examples:mnist varies with its seed, and, if wanted, PyTorch beside it.

  bazel build -c opt //tools/examples:mnist
  tools/examples/mnist_seeds.py --data_dir=DIR [--pytorch=/usr/bin/python3] [--seeds=10]

Prints the loss of each epoch and the accuracy for each seed, then their mean, standard deviation
and range. --pytorch names a Python that has PyTorch.
"""

import re

import seeds


def parse(text):
    """One row of numbers per run: the losses, then the accuracy."""
    rows, row = [], []
    for line in text.splitlines():
        if match := re.match(r"Epoch \d+ - Loss: ([\d.]+)", line):
            row.append(float(match[1]))
        elif match := re.match(r"CNN accuracy: ([\d.]+)", line):
            rows.append(row + [float(match[1])])
            row = []
    return rows


def columns(row):
    return [f"loss {i + 1}" for i in range(len(row) - 1)] + ["accuracy"]


if __name__ == "__main__":
    seeds.main(__doc__, "mnist", "data_dir", parse, columns, "4f")
