# SPDX-License-Identifier: Apache-2.0
"""run.py by itself, with programs that are there, fail, hang and are missing, and as a rehearsal on the CPU."""
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, FOLDER)
import report  # noqa: E402  (beside this file)

# What no test may find: a GPU's tools and PyTorch depend on the machine.
NOWHERE = "/no/such/python"


def run(out, *flags, seconds=300):
    command = [sys.executable, os.path.join(FOLDER, "run.py"), "--out", out, "--python", NOWHERE, *flags]
    begin = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds)
    with open(os.path.join(out, "results.json")) as file:
        data = json.load(file)
    with open(os.path.join(out, "report.md")) as file:
        text = file.read()
    return done, {p["name"]: p for p in data["parts"]}, data, text, time.monotonic() - begin


class FakePrograms(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        self.bin = os.path.join(self.folder, "bin")
        os.makedirs(self.bin)

    def program(self, name, script):
        path = os.path.join(self.bin, name)
        with open(path, "w") as file:
            file.write("#!/bin/bash\n" + script)
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)

    def test_a_part_that_fails_hangs_or_is_missing_stops_no_other(self):
        self.program("devices", "echo '  cpu:0 a processor'\n")
        self.program("exam", "echo '[  FAILED  ] add.Small/float32/dense'; echo '[  FAILED  ] 1 test, listed'; exit 1\n")
        # A child keeps the pipe open and ignores what its parent is told.
        self.program("large", "echo 'name,iterations,real_time,cpu_time,time_unit,\"GFLOP/s\"'\n"
                     "echo '\"matmul/float32/4096/real_time\",1,2,2,ms,66900'\n"
                     "(trap '' INT; sleep 300) & sleep 300\n")
        self.program("bench", "echo 'name,iterations,real_time,cpu_time,time_unit'\n"
                     "echo '\"train_step/mlp\",5,100,100,us'\necho '\"train_step/mlp\",5,90,90,us'\n")
        out = os.path.join(self.folder, "out")
        done, parts, data, text, seconds = run(out, "--backend=cpu", "--bin", self.bin, "--part-seconds=2",
                                               seconds=100)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(parts["devices"]["outcome"], "passed")
        self.assertEqual(parts["exam"]["outcome"], "failed: exit code 1")
        self.assertIn("first: add.Small/float32/dense", parts["exam"]["summary"])
        self.assertEqual(parts["mnist"]["outcome"], "skipped: mnist is not there")
        self.assertEqual(parts["large"]["outcome"], "timed out after 2 s")
        self.assertEqual(parts["steps"]["outcome"], "passed")
        self.assertEqual(parts["torch large"]["outcome"], f"skipped: there is no {NOWHERE}")
        self.assertLess(seconds, 60)
        # What the part that hung had measured by then is in the report, and the best of two repetitions.
        self.assertEqual(data["large"]["matmul/float32/4096"]["flops"], 66.9e12)
        self.assertAlmostEqual(data["steps"]["train_step/mlp"]["seconds"], 90e-6)
        self.assertIn("| mlp | 90 us | - |", text)
        with tarfile.open(os.path.join(out, "logs.tar.gz")) as archive:
            self.assertIn("logs/exam.log", archive.getnames())

    def test_when_the_time_is_up_the_rest_is_skipped(self):
        self.program("devices", "sleep 300\n")
        self.program("exam", "exit 0\n")
        _, parts, _, _, _ = run(os.path.join(self.folder, "out"), "--backend=cpu", "--bin", self.bin,
                                "--seconds=1", seconds=100)
        self.assertEqual(parts["exam"]["outcome"], "skipped: no time was left")


class Tables(unittest.TestCase):
    def test_ratios_and_peaks(self):
        ours = {"matmul/bfloat16/8192": {"seconds": 1, "flops": 494.7e12}}
        torch = {"matmul/bfloat16/8192": {"name": "", "flops": 989.4e12}}
        text = "\n".join(report.large_table(ours, torch, report.peak_of("NVIDIA H100 80GB HBM3")))
        self.assertIn("| matmul/bfloat16/8192 | 494.70 | 50 % | 989.40 | 100 % | 0.50 |", text)
        text = "\n".join(report.large_table(ours, {}, report.peak_of("another card")))
        self.assertIn("| 494.70 | - | - | - | - |", text)

    def test_rows_that_were_cut_off_are_left_out(self):
        rows = report.torch_rows('torch 2\n{"name": "a", "seconds": 1}\n{"name": "b", "sec')
        self.assertEqual(list(rows), ["a"])


# With the programs themselves, where the rule names them.
class Rehearsal(unittest.TestCase):
    def test_every_part_that_needs_no_gpu_passes_on_the_cpu(self):
        out = os.path.join(tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR")), "out")
        folder = os.path.join(os.path.dirname(out), "bin")
        os.makedirs(folder)
        for path in os.environ["PROGRAMS"].split():
            os.symlink(os.path.abspath(path), os.path.join(folder, os.path.basename(path)))
        done, parts, data, text, _ = run(out, "--backend=cpu", "--quick", "--bin", folder)
        for name in ("devices", "exam", "mnist", "large"):
            self.assertEqual(parts[name]["outcome"], "passed", done.stdout)
        self.assertRegex(parts["exam"]["summary"], r"PASSED \d+ tests")
        self.assertIn("CNN accuracy", parts["mnist"]["summary"])
        for case in ("matmul/float32/256", "linear/bfloat16/256", "conv2d_backward_weight/tf32/4/8/14/8/3"):
            self.assertGreater(data["large"][case]["flops"], 0)
        self.assertIn("## Large products and convolutions", text)


if __name__ == "__main__":
    unittest.main()
