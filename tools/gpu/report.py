# SPDX-License-Identifier: Apache-2.0
"""Reads the logs of run.py's parts and makes tables of them."""
import csv
import json
import re

# Dense peaks in TFLOP/s, as NVIDIA's data sheets have them: float32, TF32, bfloat16.
PEAKS = {
    "A100": (19.5, 156, 312),
    "H100 PCIe": (51.2, 378, 756),
    "H100 NVL": (60, 417.5, 835),
    "H100": (66.9, 494.7, 989.4),
    "H200": (66.9, 494.7, 989.4),
    "L40S": (91.6, 183, 362),
    "L4": (30.3, 60, 121),
    "A10": (31.2, 62.5, 125),
    "RTX 4090": (82.6, 82.6, 165.2),
}
FORMATS = ("float32", "tf32", "bfloat16")
UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}


def read(result):
    try:
        with open(result["log"], errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def summary_of(name, text):
    """The one line that is worth reading in a log."""
    if name.startswith("exam") or name in ("memcheck", "racecheck"):
        found = re.findall(r"\[  (?:PASSED|SKIPPED|FAILED)  ?\] \d+ tests?", text)
        errors = re.findall(r"(?:ERROR|RACECHECK) SUMMARY: .*", text)
        failed = re.findall(r"\[  FAILED  \] ([\w.]+/\S+)", text)
        lines = [" ".join(re.sub(r"[\[\]]", " ", f).split()) for f in found] + errors[-1:]
        if failed:
            lines.append("first: " + ", ".join(dict.fromkeys(failed[:3])))
        return "; ".join(lines)
    if name == "mnist":
        return "; ".join(re.findall(r".*accuracy: \S+", text))
    if name == "devices":
        return "; ".join(" ".join(line.split()) for line in text.split("\n") if re.match(r"\s*\w+:\d", line))
    if name == "machine":
        found = re.search(r"\|\s+\d+\s+(NVIDIA.*?)\s{2,}", text)
        return found.group(1) if found else ""
    return ""


def benchmarks(text):
    """Google Benchmark's CSV as {name: {"seconds", "flops"}}, the best of its repetitions."""
    rows, columns = {}, None
    for row in csv.reader(text.split("\n")):
        if row and row[0] == "name":
            columns = row
        elif columns and len(row) == len(columns) and row[2] and not re.search(r"_(mean|median|stddev|cv)$", row[0]):
            cell = dict(zip(columns, row))
            if cell.get("error_occurred"):
                continue
            seconds = float(cell["real_time"]) * UNITS[cell["time_unit"]]
            name = cell["name"].replace("/real_time", "")
            if name in rows and rows[name]["seconds"] <= seconds:
                continue
            rate = cell.get("GFLOP/s")
            rows[name] = {"seconds": seconds, "flops": 1e9 * float(rate) if rate else None}
    return rows


def torch_rows(text):
    rows = {}
    for line in text.split("\n"):
        if line.startswith("{"):
            try:
                row = json.loads(line)
                rows[row["name"]] = row
            except (ValueError, KeyError):
                continue  # cut off
    return rows


def peak_of(device):
    for name in sorted(PEAKS, key=len, reverse=True):
        if name in device:
            return dict(zip(FORMATS, PEAKS[name]))
    return {}


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows] + [""]


def ratio(ours, theirs):
    return f"{ours / theirs:.2f}" if ours and theirs else "-"


def steps_table(ours, torch):
    rows = []
    nets = {name.split("/")[1] for name in ours} | {r["case"].split("/")[1] for r in torch.values()}
    for net in sorted(nets):
        mine = [ours.get(f"{kind}_step/{net}", {}).get("seconds") for kind in ("train", "compiled")]
        theirs = [torch.get(f"train_step/{net}/{v}", {}).get("seconds") for v in ("eager", "compile")]
        rows.append([net] + [f"{1e6 * s:.0f} us" if s else "-" for s in mine + theirs] +
                    [ratio(m, t) for m, t in zip(mine, theirs)])
    return table(["net", "Tessera", "Tessera compile()", "PyTorch eager", "torch.compile", "eager / eager",
                  "compiled / compiled"], rows)


def large_table(ours, torch, peaks):
    rows = []
    for name in sorted(set(ours) | set(torch)):
        mine, theirs = ours.get(name, {}).get("flops"), torch.get(name, {}).get("flops")
        peak = peaks.get(name.split("/")[1])
        of_peak = lambda flops: f"{100 * flops / (1e12 * peak):.0f} %" if flops and peak else "-"
        show = lambda flops: f"{flops / 1e12:.2f}" if flops else "-"
        rows.append([name, show(mine), of_peak(mine), show(theirs), of_peak(theirs), ratio(mine, theirs)])
    return table(["case", "Tessera TFLOP/s", "of peak", "PyTorch TFLOP/s", "of peak", "Tessera / PyTorch"], rows)


def make(results, backend, seconds):
    """The report as Markdown, and what it is made of."""
    texts = {r["name"]: read(r) for r in results}
    device = " ".join(summary_of(n, texts.get(n, "")) for n in ("machine", "devices"))
    ours_steps, ours_large = benchmarks(texts.get("steps", "")), benchmarks(texts.get("large", ""))
    torch_steps, torch_large = torch_rows(texts.get("torch steps", "")), torch_rows(texts.get("torch large", ""))
    version = re.search(r"^torch (.*)$", texts.get("torch steps", "") + texts.get("torch large", ""), re.M)
    lines = [f"# {backend}", "", f"{seconds:.0f} s in all. PyTorch: {version.group(1) if version else 'none'}.", ""]
    rows = [[r["name"], r["outcome"], f"{r['seconds']:.1f} s", summary_of(r["name"], texts[r["name"]])]
            for r in results]
    lines += table(["part", "outcome", "time", "result"], rows)
    if ours_steps or torch_steps:
        lines += ["## Train steps", "", "Float32 without TF32 on both sides; a batch is fetched, and the device is "
                  "waited for, in every step. Ratios below 1: Tessera is faster.", ""]
        lines += steps_table(ours_steps, {k: v for k, v in torch_steps.items() if "case" in v})
    if ours_large or torch_large:
        lines += ["## Large products and convolutions", "", "Ratios above 1: Tessera is faster. Shapes: n of (n, n) "
                  "(n, n), or of a linear layer of 4096 rows; N/C/H/O/k of a convolution.", ""]
        lines += large_table(ours_large, torch_large, peak_of(device))
    data = {"backend": backend, "seconds": seconds, "device": device, "steps": ours_steps, "large": ours_large,
            "torch_steps": torch_steps, "torch_large": torch_large,
            "parts": [dict(r, summary=summary_of(r["name"], texts[r["name"]])) for r in results]}
    return "\n".join(lines), data
