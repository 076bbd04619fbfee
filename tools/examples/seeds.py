# SPDX-License-Identifier: Apache-2.0
"""What mnist_seeds.py and water_seeds.py share: an example run with one seed after another, as a table."""

import argparse
import os
import shlex
import statistics
import subprocess
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _run(command, target):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    except FileNotFoundError:
        sys.exit(f"{command[0]}: not there; bazel build -c opt {target} makes it")
    if done.returncode != 0:
        sys.exit(f"{shlex.join(command)}: exit code {done.returncode}")
    return done.stdout


def _table(name, columns, rows, digits):
    width = max(12, len(name))
    print(f"{name:<{width}}" + "".join(f"{column:>12}" for column in columns))
    line = lambda label, row: print(f"  {label:<{width - 2}}" + "".join(f"{value:12.{digits}}" for value in row))
    for seed, row in enumerate(rows):
        line(f"seed {seed}", row)
    for label, summary in (("mean", statistics.mean), ("deviation", statistics.pstdev), ("least", min), ("most", max)):
        line(label, [summary(column) for column in zip(*rows)])
    print(flush=True)


def main(description, example, data_flag, parse, columns, digits, other="PyTorch"):
    """Runs //tools/examples:<example>, and, if wanted, <example>_pytorch.py, called `other`.

    parse(text) gives a row of numbers for each run in what was printed, columns(row) their names; `digits` is how
    they are formatted.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--" + data_flag, required=True)
    parser.add_argument("--program", default=f"bazel-bin/tools/examples/{example}")
    parser.add_argument("--pytorch", help=f"a Python that has {other.replace(', ', ' and ')}")
    parser.add_argument("--seeds", type=int, default=10, help="how many")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    common = [f"--{data_flag}={getattr(args, data_flag)}", f"--threads={args.threads}"]
    show = lambda name, rows: _table(name, columns(rows[0]), rows, digits)
    rows = []
    for seed in range(args.seeds):
        rows += parse(_run([args.program, f"--seed={seed}"] + common, "//tools/examples:" + example))
    show("Tessera", rows)
    if args.pytorch:
        seeds = ",".join(map(str, range(args.seeds)))
        script = os.path.join(_HERE, example + "_pytorch.py")
        show(other, parse(_run([args.pytorch, script, f"--seeds={seeds}"] + common, "//tools/examples:" + example)))
