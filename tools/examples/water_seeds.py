#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far //tools/examples:water varies with its seed, and, if wanted, PyTorch and scikit-learn beside it.

  bazel build -c opt //tools/examples:water
  tools/examples/water_seeds.py --csv=FILE [--pytorch=/usr/bin/python3] [--seeds=10]

Prints what each seed gives on its own test rows, then the mean, standard deviation and range. --pytorch
names a Python that has PyTorch and scikit-learn.
"""

import argparse
import os
import re
import statistics

from mnist_seeds import run

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = {"best epoch": r"Best epoch: (\d+)", "val. loss": r"validation loss: ([\d.]+)$",
           "LR acc.": r"Logistic Regression accuracy: ([\d.]+)", "LR AUC": r"Logistic Regression ROC AUC: ([\d.]+)",
           "net acc.": r"Network accuracy: ([\d.]+)", "net AUC": r"Network ROC AUC: ([\d.]+)"}


def parse(text):
    """One row of numbers per run."""
    best = "\n".join(line for line in text.splitlines() if not line.startswith("Epoch"))
    return list(zip(*(map(float, re.findall(pattern, best, re.MULTILINE)) for pattern in COLUMNS.values())))


def table(name, rows):
    print(f"{name:<22}" + "".join(f"{column:>12}" for column in COLUMNS))
    for seed, row in enumerate(rows):
        print(f"  seed {seed:<15}" + "".join(f"{value:12.4g}" for value in row))
    for label, summary in (("mean", statistics.mean), ("deviation", statistics.pstdev), ("least", min), ("most", max)):
        print(f"  {label:<20}" + "".join(f"{summary(column):12.4g}" for column in zip(*rows)))
    print(flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", required=True)
    parser.add_argument("--program", default="bazel-bin/tools/examples/water")
    parser.add_argument("--pytorch", help="a Python that has PyTorch and scikit-learn")
    parser.add_argument("--seeds", type=int, default=10, help="how many")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    common = [f"--csv={args.csv}", f"--threads={args.threads}"]
    rows = []
    for seed in range(args.seeds):
        rows += parse(run([args.program, f"--seed={seed}"] + common))
    table("Tessera", rows)
    if args.pytorch:
        seeds = ",".join(map(str, range(args.seeds)))
        script = os.path.join(HERE, "water_pytorch.py")
        table("PyTorch, scikit-learn", parse(run([args.pytorch, script, f"--seeds={seeds}"] + common)))


if __name__ == "__main__":
    main()
