#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs //tools/bench and a PyTorch script in turns and prints ratios (below 1: Tessera is faster).

    bazel build -c opt //tools/bench
    tools/bench/compare.py --peer torch_peer.py --python /usr/bin/python3 steps
    tools/bench/compare.py --peer torch_peer.py --nets gpt,lstm --rounds 5 steps
    tools/bench/compare.py --peer torch_peer.py --threads 2 --rounds 5 ops

The peer prints one JSON object a line with `kind`, what was measured, and `min` in seconds:
    {"kind": "train_step", "net": "mlp", "variant": "eager", "batch": 64, "min": 0.0008, ...}
Several --python are several peers; each row is held against the fastest of them. The machine drifts,
so each round runs every program once; a figure is the least of all rounds.
"""
import argparse
import json
import os
import subprocess
import sys


def peer_key(row):
    kind = row["kind"]
    if kind in ("train_step", "forward"):
        key = f"{kind}/{row['net']}"
        return (key if kind == "train_step" else f"{key}/{row['batch']}"), row.get("variant", "eager")
    if kind == "matmul":
        return f"matmul/{row['n']}", "eager"
    if kind.startswith("conv2d"):
        n, c, h, _ = row["shape"]
        return f"{kind}/{n}/{c}/{h}/{row['out']}", "eager"
    if kind == "elementwise":
        return f"elementwise/{row['op']}/{row['n']}", "eager"
    if kind == "tiny_add":
        return "tiny_add_grad" if row["grad"] else "tiny_add", "eager"
    if kind == "adam_step":
        return "adam_step/" + row["params"].replace("x", "/"), "eager"
    return kind, "eager"


def run(command, threads):
    # A BLAS that was built with threads of its own does not ask PyTorch how many it may use.
    env = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads))
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=env)
    if done.returncode != 0:
        sys.exit(f"compare.py: {' '.join(command)} exited with {done.returncode}")
    return done.stdout


def run_peer(python, args):
    command = [python, args.peer, args.what, "--threads", str(args.threads)]
    if args.what == "steps":
        command += ["--nets", args.nets, "--variants", args.variants]
    rows = {}
    for line in run(command, args.threads).splitlines():
        if line.startswith("{"):
            row = json.loads(line)
            rows[peer_key(row)] = row["min"]
    return rows


def run_ours(args):
    steps = "^(train_step|forward)/"
    command = [args.bench, f"--threads={args.threads}", f"--backend={args.backend}",
               "--benchmark_format=json", "--benchmark_repetitions=5", "--benchmark_min_time=0.1",
               "--benchmark_filter=" + (steps + f"({args.nets.replace(',', '|')})(/|$)" if args.what == "steps" else "-" + steps)]
    unit = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
    rows = {}
    for row in json.loads(run(command, args.threads))["benchmarks"]:
        if row["run_type"] == "iteration":
            seconds = row["real_time"] * unit[row["time_unit"]]
            name = row["run_name"]
            rows[name] = min(seconds, rows.get(name, seconds))
    return rows


def keep_least(best, rows):
    for key, value in rows.items():
        best[key] = min(value, best.get(key, value))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["steps", "ops"])
    parser.add_argument("--peer", required=True, help="the PyTorch script")
    parser.add_argument("--python", action="append", help="interpreter of a peer; may be repeated")
    parser.add_argument("--bench", default="bazel-bin/tools/bench/bench")
    parser.add_argument("--backend", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nets", default="small_cnn,mlp,tabular")
    parser.add_argument("--variants", default="eager,fused,cl")
    args = parser.parse_args()

    ours, peers = {}, {}
    for _ in range(args.rounds):
        keep_least(ours, run_ours(args))
        for python in args.python or ["python3"]:
            keep_least(peers, run_peer(python, args))

    print(f"{'':44}{'Tessera':>12}{'eager':>12}{'ratio':>8}{'best':>12}{'ratio':>8}   {args.threads} thread(s)")
    for name, seconds in ours.items():
        of_name = {variant: t for (key, variant), t in peers.items() if key == name}
        if not of_name:
            continue
        best = min(of_name.values())
        eager = of_name.get("eager", best)
        print(f"{name:44}{seconds * 1e6:10.2f}us{eager * 1e6:10.2f}us{seconds / eager:8.2f}"
              f"{best * 1e6:10.2f}us{seconds / best:8.2f}")


if __name__ == "__main__":
    main()
