#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All that is worth knowing of a backend on a machine with a GPU, in one call within ten minutes.

    tools/gpu/collect /tmp/gpu                      # elsewhere: programs and plugins
    python3 /tmp/gpu/run.py --out /tmp/out          # there
    python3 /tmp/gpu/run.py --backend cpu --quick --out /tmp/out   # a rehearsal without a GPU

Runs the exam, compute-sanitizer, the main job and benchmarks beside PyTorch, as far as each is there, and
writes report.md, results.json and logs.tar.gz. Every part has its own limit; one that fails, hangs or is
not there is told in the report and stops no other. The exit code is 0 if every part that ran passed.
"""
import argparse
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time

import report

HERE = os.path.dirname(os.path.abspath(__file__))
# Where the libraries of PyTorch's wheels are, for a machine without NVIDIA's toolkit.
LIBRARIES = "nvidia/*/lib"
# What races and stray accesses are most to be feared in, on small cases.
RACY = "sum.*:softmax.*:matmul.*:sort.*:cumsum.*:layer_norm.*:cross_entropy.*:scatter_add.*:argmax.*:conv2d*"


class Part:
    """One program to run. `needs` says why it cannot, or is None, or a function that says it when it is time."""

    def __init__(self, name, command, seconds, needs=None, env=None):
        self.name, self.command, self.seconds = name, command, seconds
        self.needs, self.env = needs, env or {}


def missing(*paths):
    """Why a part cannot run, if a file is not there."""
    for path in paths:
        if not os.path.exists(path):
            return f"{os.path.basename(path)} is not there"
    return None


def output_of(command, seconds=60, env=None):
    """What a command prints, or '' if it fails."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              timeout=seconds, env=env)
        return done.stdout if done.returncode == 0 else ""
    except (OSError, subprocess.TimeoutExpired):
        return ""


def library_folders(python):
    """Folders of NVIDIA's libraries among the packages of `python`."""
    code = "import sysconfig, site; print(sysconfig.get_path('purelib')); print(*site.getsitepackages(), sep='\\n')"
    folders = []
    for packages in dict.fromkeys(output_of([python, "-c", code]).split("\n")):
        if packages:
            folders += sorted(glob.glob(os.path.join(packages, LIBRARIES)))
    return folders


def torch_reason(python):
    """Why there is no PyTorch to compare with, or None."""
    if not shutil.which(python):
        return f"there is no {python}"
    version = output_of([python, "-c", "import torch; print(torch.__version__)"], 60)
    return None if version else f"{python} has no torch"


def make_parts(args):
    """The parts, most valuable first."""
    bin = args.bin
    program = lambda name: os.path.join(bin, name)
    exam, backend = program("exam"), f"--backend={args.backend}"
    known = program("cuda_known_failures.txt")
    exam_flags = ["--gtest_brief=1"]
    if args.backend.startswith("cuda") and os.path.exists(known):
        exam_flags.append(f"--known_failures={known}")
    sanitizer = shutil.which("compute-sanitizer")
    no_sanitizer = missing(exam) or (None if sanitizer else "there is no compute-sanitizer on PATH")
    if not no_sanitizer and not args.backend.startswith("cuda"):
        no_sanitizer = f"it does not examine {args.backend}"

    def no_vulkan():
        devices = os.path.join(args.out, "logs", "devices.log")
        if not os.path.exists(devices):
            return "devices did not run"
        with open(devices) as log:
            return None if "vulkan:0" in log.read() else "devices lists no vulkan:0"

    no_torch = torch_reason(args.python)
    peer = [args.python, os.path.join(HERE, "torch_peer.py"), "--device",
            "cuda" if args.backend.startswith("cuda") else "cpu"]
    nets = "mlp" if args.quick else "small_cnn,mlp,gpt"
    steps = f"^(train|compiled)_step/({nets.replace(',', '|')})$"
    timing = ["--benchmark_format=csv", "--benchmark_repetitions=" + ("1" if args.quick else "3"),
              "--benchmark_min_time=" + ("0.01" if args.quick else "0.2")]
    # The small shapes are for rehearsals.
    large = "/(256|4/8/14/8/3)/real_time" if args.quick else "-/(256|4/8/14/8/3)/real_time"
    quick = ["--quick"] if args.quick else []
    exam_filter = ["--nolarge", "--gtest_filter=add.*:matmul.*"] if args.quick else []
    mnist = ["--train_size=256", "--test_size=128", "--epochs=1"] if args.quick else ["--epochs=3"]
    scale = 0.2 if args.quick else 1.0
    return [
        Part("machine", ["nvidia-smi"], 20, None if shutil.which("nvidia-smi") else "there is no nvidia-smi"),
        Part("devices", [program("devices")], 30, missing(program("devices"))),
        Part("exam", [exam, backend] + exam_flags + exam_filter, 150 * scale + 10, missing(exam)),
        Part("mnist", [program("mnist"), backend] + mnist, 60, missing(program("mnist"))),
        Part("large", [program("large"), backend, f"--benchmark_filter={large}"] + timing, 75,
             missing(program("large"))),
        Part("steps", [program("bench"), backend, f"--benchmark_filter={steps}"] + timing, 45,
             missing(program("bench"))),
        Part("torch large", peer + ["large"] + quick, 75, no_torch),
        Part("torch steps", peer + ["steps", "--nets", nets] + quick, 120, no_torch),
        Part("memcheck", [sanitizer or "", "--tool=memcheck", "--error-exitcode=9", exam, backend, "--nolarge",
                          "--gtest_brief=1", "--gtest_filter=*/float32/dense"], 60, no_sanitizer),
        Part("racecheck", [sanitizer or "", "--tool=racecheck", "--error-exitcode=9", exam, backend, "--nolarge",
                           "--gtest_brief=1", f"--gtest_filter={RACY}"], 60, no_sanitizer),
        Part("exam on Vulkan", [exam, "--backend=vulkan", "--gtest_brief=1"] + exam_filter, 90 * scale + 10,
             missing(exam, program("devices")) or no_vulkan),
        Part("exam without libraries", [exam, backend, "--gtest_brief=1",
                                        "--gtest_filter=matmul*:linear.*:conv2d*"], 40,
             missing(exam) or (None if args.backend.startswith("cuda") else "it is about CUDA"),
             {"TESSERA_CUDA_LIBRARIES": "none"}),
    ]


def run_part(part, logs, seconds, env):
    """Runs a part; returns {name, outcome, seconds, log}."""
    path = os.path.join(logs, part.name.replace(" ", "_") + ".log")
    result = {"name": part.name, "outcome": "", "seconds": 0.0, "log": path}
    begin = time.monotonic()
    with open(path, "w") as log:
        log.write("$ " + " ".join(part.command) + "\n")
        log.flush()
        needs = part.needs() if callable(part.needs) else part.needs
        if needs:
            result["outcome"] = f"skipped: {needs}"
        elif seconds <= 0:
            result["outcome"] = "skipped: no time was left"
        if result["outcome"]:
            log.write(result["outcome"] + "\n")
            return result
        try:
            child = subprocess.Popen(part.command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                     env=dict(env, **part.env), start_new_session=True)
        except OSError as error:
            result["outcome"] = f"failed: {error}"
            return result
        try:
            code = child.wait(timeout=seconds)
            result["outcome"] = "passed" if code == 0 else f"failed: exit code {code}"
        except subprocess.TimeoutExpired:
            result["outcome"] = f"timed out after {seconds:.0f} s"
            # Itself and what it started. Sanitizers say on an interrupt what they have found.
            for number, patience in ((signal.SIGINT, 5), (signal.SIGKILL, 20)):
                try:
                    os.killpg(child.pid, number)
                    child.wait(timeout=patience)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue
    result["seconds"] = time.monotonic() - begin
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="folder for the report")
    parser.add_argument("--backend", default="cuda")
    parser.add_argument("--bin", default=os.path.join(HERE, "bin"), help="folder of programs and plugins")
    parser.add_argument("--python", default="python3", help="an interpreter with torch")
    parser.add_argument("--seconds", type=float, default=570, help="for everything")
    parser.add_argument("--part-seconds", type=float, default=1e9, help="a limit for every part")
    parser.add_argument("--only", default="", help="names of parts, separated by commas")
    parser.add_argument("--quick", action="store_true", help="small sizes: a rehearsal")
    args = parser.parse_args()
    args.bin = os.path.abspath(args.bin)

    begin = time.monotonic()
    logs = os.path.join(args.out, "logs")
    os.makedirs(logs, exist_ok=True)
    env = dict(os.environ, TESSERA_PLUGIN_PATH=os.environ.get("TESSERA_PLUGIN_PATH", args.bin))
    folders = [folder for folder in [env.get("LD_LIBRARY_PATH", "")] + library_folders(args.python) if folder]
    if folders:
        env["LD_LIBRARY_PATH"] = ":".join(folders)

    results = []
    for part in make_parts(args):
        if args.only and part.name not in args.only.split(","):
            continue
        left = args.seconds - (time.monotonic() - begin)
        result = run_part(part, logs, min(part.seconds, args.part_seconds, left), env)
        results.append(result)
        print(f"{part.name}: {result['outcome']} ({result['seconds']:.1f} s)", flush=True)
        # As far as it goes, should this run be ended from outside.
        text, data = report.make(results, args.backend, time.monotonic() - begin)
        with open(os.path.join(args.out, "report.md"), "w") as file:
            file.write(text)
        with open(os.path.join(args.out, "results.json"), "w") as file:
            json.dump(data, file, indent=1)
    with tarfile.open(os.path.join(args.out, "logs.tar.gz"), "w:gz") as archive:
        archive.add(logs, "logs")
    print(text)
    return 0 if all(r["outcome"].startswith(("passed", "skipped")) for r in results) else 1


if __name__ == "__main__":
    sys.exit(main())
