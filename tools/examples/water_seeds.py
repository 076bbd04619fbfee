#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far //tools/examples:water varies with its seed, and, if wanted, PyTorch and scikit-learn beside it.

  bazel build -c opt //tools/examples:water
  tools/examples/water_seeds.py --csv=FILE [--pytorch=/usr/bin/python3] [--seeds=10]

Prints what each seed gives on its own test rows, then the mean, standard deviation and range. --pytorch
names a Python that has PyTorch and scikit-learn.
"""

import re

import seeds

COLUMNS = {"best epoch": r"Best epoch: (\d+)", "val. loss": r"validation loss: ([\d.]+)$",
           "LR acc.": r"Logistic Regression accuracy: ([\d.]+)", "LR AUC": r"Logistic Regression ROC AUC: ([\d.]+)",
           "net acc.": r"Network accuracy: ([\d.]+)", "net AUC": r"Network ROC AUC: ([\d.]+)"}


def parse(text):
    """One row of numbers per run."""
    best = "\n".join(line for line in text.splitlines() if not line.startswith("Epoch"))
    return list(zip(*(map(float, re.findall(pattern, best, re.MULTILINE)) for pattern in COLUMNS.values())))


if __name__ == "__main__":
    seeds.main(__doc__, "water", "csv", parse, lambda row: COLUMNS, "4g", other="PyTorch, scikit-learn")
