#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What //tools/bench and //tools/gpu:large measure, in PyTorch: train steps, large products and convolutions.

    torch_peer.py --device cuda steps [--nets small_cnn,mlp,gpt]
    torch_peer.py --device cuda large

Prints one JSON object a line, as soon as it is measured: name, seconds, and flops a second where they count.
"""
import argparse
import json
import time

import torch
from torch import nn
from torch.nn import functional as F

FORMATS = {"float32": (torch.float32, "highest"), "tf32": (torch.float32, "high"),
           "bfloat16": (torch.bfloat16, "highest")}


class Timer:
    """The best of three repetitions, each the mean over calls for 0.2 s."""

    def __init__(self, device, quick):
        self.cuda = device == "cuda"
        self.repetitions, self.seconds = (1, 0.01) if quick else (3, 0.2)

    def wait(self):
        if self.cuda:
            torch.cuda.synchronize()

    def measure(self, f, calls=1):
        """Seconds of one call; the device is waited for after `calls` of them."""
        for _ in range(3):
            f()
        self.wait()
        best = float("inf")
        for _ in range(self.repetitions):
            rounds, begin = 0, time.perf_counter()
            while True:
                for _ in range(calls):
                    f()
                self.wait()
                rounds += 1
                now = time.perf_counter()
                if now - begin >= self.seconds:
                    break
            best = min(best, (now - begin) / (rounds * calls))
        return best


def say(**row):
    print(json.dumps(row), flush=True)


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc, self.out = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def attention(self, x):
        b, t, width = x.shape
        q, k, v = (p.view(b, t, self.heads, width // self.heads).transpose(1, 2)
                   for p in self.qkv(x).split(width, 2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.proj(y.transpose(1, 2).reshape(b, t, width))

    def forward(self, x):
        h = x + self.attention(self.ln1(x))
        return h + self.out(F.gelu(self.fc(self.ln2(h))))


class Gpt(nn.Module):
    def __init__(self, vocabulary=65, width=128, heads=4, layers=4, context=128):
        super().__init__()
        self.tok, self.pos = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(layers)))
        self.ln, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

    def forward(self, tokens):
        x = self.tok(tokens) + self.pos(torch.arange(tokens.shape[1], device=tokens.device))
        return self.head(self.ln(self.blocks(x)))


def network(name, device):
    """Model, inputs, targets, loss and batch size, as in tools/bench/networks.cc."""
    loss = lambda y, t: F.cross_entropy(y, t)
    if name == "small_cnn":
        model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                              nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                              nn.Linear(32 * 7 * 7, 10))
        inputs, targets, batch = torch.rand(10000, 1, 28, 28), torch.randint(10, (10000,)), 64
    elif name == "mlp":
        model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
        inputs, targets, batch = torch.rand(10000, 784), torch.randint(10, (10000,)), 64
    else:
        model = Gpt()
        inputs, targets, batch = torch.randint(65, (512, 128)), torch.randint(65, (512, 128)), 16
        loss = lambda y, t: F.cross_entropy(y.flatten(0, 1), t.flatten())
    return model.to(device), inputs.to(device), targets.to(device), loss, batch


def measure_step(name, variant, args, timer):
    torch.manual_seed(0)
    model, inputs, targets, loss, batch = network(name, args.device)
    options = {"fused": True} if variant == "compile" and args.device == "cuda" else {}
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, **options)
    forward = lambda x, t: loss(model(x), t)
    if variant == "compile":
        forward = torch.compile(forward, mode="reduce-overhead" if args.device == "cuda" else "default")
    order, batches, at = torch.randperm(len(inputs)).to(args.device), len(inputs) // batch, [0]

    def step():
        index = order[at[0] % batches * batch:][:batch]
        at[0] += 1
        x, t = inputs.index_select(0, index), targets.index_select(0, index)
        optimizer.zero_grad()
        forward(x, t).backward()
        optimizer.step()

    case = f"train_step/{name}"
    say(name=f"{case}/{variant}", case=case, seconds=timer.measure(step))


def measure_steps(args, timer):
    # Float32 as it is in Tessera unless TF32 is asked for; PyTorch's convolutions would use it.
    set_precision("highest")
    for variant in ["eager"] + ([] if args.quick or not hasattr(torch, "compile") else ["compile"]):
        for name in args.nets.split(","):
            try:
                measure_step(name, variant, args, timer)
            except Exception as error:  # a compiler that is not there must not end the others
                print(f"{name} {variant}: {type(error).__name__}: {error}", flush=True)


def set_precision(precision):
    torch.set_float32_matmul_precision(precision)
    torch.backends.cudnn.allow_tf32 = precision != "highest"


def measure_large(args, timer):
    products = [256] if args.quick else [4096, 8192]
    convolutions = [(4, 8, 14, 8, 3)] if args.quick else [(256, 64, 56, 64, 3), (256, 256, 14, 256, 3),
                                                          (256, 256, 56, 64, 1)]
    numbers = lambda *shape: (torch.rand(*shape, device=args.device) - 0.5)
    torch.backends.cudnn.benchmark = True

    def case(name, flops, f):
        calls = int(min(100, max(1, 2e11 / flops)))
        try:
            seconds = timer.measure(f, calls)
            say(name=name, seconds=seconds, flops=flops / seconds)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", flush=True)

    for format, (dtype, precision) in FORMATS.items():
        set_precision(precision)
        for n in products:
            a, b, bias = numbers(n, n).to(dtype), numbers(n, n).to(dtype), numbers(n).to(dtype)
            x = numbers(4096, n).to(dtype)
            case(f"matmul/{format}/{n}", 2.0 * n**3, lambda: a @ b)
            case(f"linear/{format}/{n}", 2.0 * 4096 * n * n, lambda: F.linear(x, a, bias))
        for n, c, h, o, k in convolutions:
            x, w = numbers(n, c, h, h).to(dtype), numbers(o, c, k, k).to(dtype)
            g = numbers(n, o, h, h).to(dtype)
            shape, flops = f"{format}/{n}/{c}/{h}/{o}/{k}", 2.0 * n * c * h * h * o * k * k
            gradient = lambda mask: torch.ops.aten.convolution_backward(
                g, x, w, None, [1, 1], [k // 2, k // 2], [1, 1], False, [0, 0], 1, mask)
            case(f"conv2d/{shape}", flops, lambda: F.conv2d(x, w, padding=k // 2))
            case(f"conv2d_backward_input/{shape}", flops, lambda: gradient([True, False, False]))
            case(f"conv2d_backward_weight/{shape}", flops, lambda: gradient([False, True, False]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["steps", "large"])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--nets", default="small_cnn,mlp,gpt")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    name = torch.cuda.get_device_name() if args.device == "cuda" else "CPU"
    print(f"torch {torch.__version__}, {name}", flush=True)
    timer = Timer(args.device, args.quick)
    with torch.no_grad() if args.what == "large" else torch.enable_grad():
        (measure_large if args.what == "large" else measure_steps)(args, timer)


if __name__ == "__main__":
    main()
