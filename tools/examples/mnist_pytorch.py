#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The network of //tools/examples:mnist in PyTorch, for mnist_seeds.py.

  mnist_pytorch.py --data_dir=DIR --seeds=0,1,2 [--threads=1]

Prints the lines that the program prints, for each seed.
"""

import argparse
import gzip
import os
import struct

import torch
from torch import nn


def read_idx(folder, name):
    path = os.path.join(folder, name)
    opener = open if os.path.exists(path) else gzip.open
    with opener(path if opener is open else path + ".gz", "rb") as file:
        content = file.read()
    rank = content[3]
    sizes = struct.unpack(f">{rank}I", content[4 : 4 + 4 * rank])
    return torch.frombuffer(bytearray(content[4 + 4 * rank :]), dtype=torch.uint8).view(sizes)


def read_part(folder, part, count):
    images = read_idx(folder, f"{part}-images-idx3-ubyte")[:count]
    labels = read_idx(folder, f"{part}-labels-idx1-ubyte")[:count]
    return images[:, None].float() / 255, labels.long()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data_dir", required=True)
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--train_size", type=int, default=12000)
    parser.add_argument("--test_size", type=int, default=2000)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    x, y = read_part(args.data_dir, "train", args.train_size)
    test_x, test_y = read_part(args.data_dir, "t10k", args.test_size)

    for seed in map(int, args.seeds.split(",")):
        torch.manual_seed(seed)
        model = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(32 * 7 * 7, 10))
        criterion = nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        print(f"seed {seed}")
        for epoch in range(1, args.epochs + 1):
            order, total = torch.randperm(len(x)), 0.0
            for indices in order.split(args.batch_size):
                optimizer.zero_grad()
                loss = criterion(model(x[indices]), y[indices])
                loss.backward()
                optimizer.step()
                total += loss.item() * len(indices)
            print(f"Epoch {epoch} - Loss: {total / len(x):.4f}")
        with torch.no_grad():
            right = sum(
                (model(a).argmax(1) == b).sum().item()
                for a, b in zip(test_x.split(256), test_y.split(256)))
        print(f"CNN accuracy: {right / len(test_x):.4f}", flush=True)


if __name__ == "__main__":
    main()
