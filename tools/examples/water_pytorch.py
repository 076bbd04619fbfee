#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""//tools/examples:water in PyTorch and scikit-learn, for water_seeds.py.

  water_pytorch.py --csv=FILE --seeds=0,1,2 [--threads=1]

Prints the lines of the program that water_seeds.py reads, for each seed.
"""

import argparse
import copy

import numpy as np
import torch
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.preprocessing import StandardScaler
from torch import nn


def load(args, seed):
    """The three parts, missing values filled in and standardised by what the training part knows."""
    table = np.genfromtxt(args.csv, delimiter=",", skip_header=1)
    order = np.random.default_rng(seed).permutation(len(table))
    validation, test = round(0.2 * len(table)), round(0.2 * len(table))
    parts = np.split(table[order], [len(table) - validation - test, len(table) - test])
    imputer, scaler = SimpleImputer(), StandardScaler()
    scaler.fit(imputer.fit_transform(parts[0][:, :-1]))
    prepared = [(scaler.transform(imputer.transform(p[:, :-1])), p[:, -1:]) for p in parts]
    return [(torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)) for x, y in prepared]


def train(model, parts, args):
    (x, y), (validation_x, validation_y), _ = parts
    criterion, optimizer = nn.BCEWithLogitsLoss(), torch.optim.Adam(model.parameters(), lr=args.lr)
    best, best_epoch, best_state = float("inf"), 0, None
    for epoch in range(1, args.epochs + 1):
        for index in torch.randperm(len(x)).split(args.batch_size):
            optimizer.zero_grad()
            criterion(model(x[index]), y[index]).backward()
            optimizer.step()
        with torch.no_grad():
            loss = criterion(model(validation_x), validation_y).item()
        if loss < best:
            best, best_epoch, best_state = loss, epoch, copy.deepcopy(model.state_dict())
        if epoch - best_epoch >= args.patience:
            break
    model.load_state_dict(best_state)
    print(f"Best epoch: {best_epoch}, validation loss: {best:.4f}")


def report(name, logits, targets):
    print(f"{name} accuracy: {accuracy_score(targets, logits > 0):.3f}")
    print(f"{name} ROC AUC: {roc_auc_score(targets, logits):.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", required=True)
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--patience", type=int, default=20)
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=1e-3)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    for seed in map(int, args.seeds.split(",")):
        torch.manual_seed(seed)
        parts = load(args, seed)
        (x, y), (test_x, test_y) = parts[0], parts[2]
        model = nn.Sequential(nn.Linear(x.shape[1], 16), nn.ReLU(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 1))
        train(model, parts, args)
        regression = LogisticRegression().fit(x.numpy(), y[:, 0].numpy())
        report("Logistic Regression", regression.decision_function(test_x.numpy()), test_y[:, 0].numpy())
        with torch.no_grad():
            report("Network", model(test_x)[:, 0].numpy(), test_y[:, 0].numpy())


if __name__ == "__main__":
    main()
