#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far //tools/examples:mnist varies with its seed, and, if wanted, PyTorch beside it.

  bazel build -c opt //tools/examples:mnist
  tools/examples/mnist_seeds.py --data_dir=DIR [--pytorch=/usr/bin/python3] [--seeds=10]

Prints the loss of each epoch and the accuracy for each seed, then their mean, standard deviation
and range. --pytorch names a Python that has PyTorch.
"""

import argparse
import os
import re
import shlex
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


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


def run(command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    except FileNotFoundError:
        sys.exit(f"{command[0]}: not there; bazel build -c opt //tools/examples:mnist makes it")
    if done.returncode != 0:
        sys.exit(f"{shlex.join(command)}: exit code {done.returncode}")
    return done.stdout


def table(name, rows):
    names = [f"loss {i + 1}" for i in range(len(rows[0]) - 1)] + ["accuracy"]
    print(f"{name:<12}" + "".join(f"{column:>10}" for column in names))
    for seed, row in enumerate(rows):
        print(f"  seed {seed:<5}" + "".join(f"{value:10.4f}" for value in row))
    summaries = [("mean", statistics.mean), ("deviation", statistics.pstdev),
                 ("least", min), ("most", max)]
    for label, summary in summaries:
        print(f"  {label:<10}" + "".join(f"{summary(column):10.4f}" for column in zip(*rows)))
    print(flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data_dir", required=True)
    parser.add_argument("--program", default="bazel-bin/tools/examples/mnist")
    parser.add_argument("--pytorch", help="a Python that has PyTorch")
    parser.add_argument("--seeds", type=int, default=10, help="how many")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    common = [f"--data_dir={args.data_dir}", f"--threads={args.threads}"]

    rows = []
    for seed in range(args.seeds):
        rows += parse(run([args.program, f"--seed={seed}"] + common))
    table("Tessera", rows)
    if args.pytorch:
        seeds = ",".join(map(str, range(args.seeds)))
        script = os.path.join(HERE, "mnist_pytorch.py")
        table("PyTorch", parse(run([args.pytorch, script, f"--seeds={seeds}"] + common)))


if __name__ == "__main__":
    main()
