# SPDX-License-Identifier: Apache-2.0
"""Learning rate schedules: rates and momenta of two groups, epoch by epoch. Made with torch 2.14."""

import torch
from torch.optim import lr_scheduler as S

from golden_file import GoldenFile

EPOCHS = 24

SIMPLE = [
    ("StepLR", dict(step_size=4, gamma=0.5)), ("StepLR", dict(step_size=1)),
    ("MultiStepLR", dict(milestones=[2, 5, 5, 9], gamma=0.3)), ("MultiStepLR", dict(milestones=[0, 3])),
    ("ExponentialLR", dict(gamma=0.9)),
    ("ConstantLR", dict()), ("ConstantLR", dict(factor=0.2, total_iters=3)), ("ConstantLR", dict(factor=1.0)),
    ("LinearLR", dict()), ("LinearLR", dict(start_factor=0.1, end_factor=0.7, total_iters=8)),
    ("LinearLR", dict(start_factor=1.0, end_factor=0.0, total_iters=8)),
    ("PolynomialLR", dict()), ("PolynomialLR", dict(total_iters=12, power=2.5)), ("PolynomialLR", dict(total_iters=1)),
    ("CosineAnnealingLR", dict(T_max=7)), ("CosineAnnealingLR", dict(T_max=5, eta_min=0.01)),
    ("CosineAnnealingLR", dict(T_max=1)),
    ("CosineAnnealingWarmRestarts", dict(T_0=5)), ("CosineAnnealingWarmRestarts", dict(T_0=3, T_mult=2, eta_min=0.01)),
    ("CosineAnnealingWarmRestarts", dict(T_0=1, T_mult=3)),
    ("LambdaLR", dict()), ("MultiplicativeLR", dict()),
    ("CyclicLR", dict(base_lr=0.1, max_lr=0.9, step_size_up=3)),
    ("CyclicLR", dict(base_lr=[0.1, 0.2], max_lr=[0.9, 0.5], step_size_up=2, step_size_down=5, mode="triangular2")),
    ("CyclicLR", dict(base_lr=0.1, max_lr=0.9, step_size_up=4, mode="exp_range", gamma=0.95, base_momentum=0.7,
                      max_momentum=0.99)),
    ("CyclicLR", dict(base_lr=0.1, max_lr=0.9, step_size_up=4, cycle_momentum=False)),
    ("OneCycleLR", dict(max_lr=0.9, total_steps=24)),
    ("OneCycleLR", dict(max_lr=[0.9, 0.3], epochs=5, steps_per_epoch=6, pct_start=0.4, anneal_strategy="linear")),
    ("OneCycleLR", dict(max_lr=0.9, total_steps=30, three_phase=True, base_momentum=0.7, max_momentum=0.9, div_factor=10,
                        final_div_factor=100)),
    ("OneCycleLR", dict(max_lr=0.9, total_steps=25, cycle_momentum=False, pct_start=0.5)),
    ("OneCycleLR", dict(max_lr=0.9, total_steps=25, pct_start=0.0)),
]


def _sequential(o):
    return S.SequentialLR(o, [S.LinearLR(o, start_factor=0.1, total_iters=4), S.CosineAnnealingLR(o, T_max=9)], [4])


COMPOSED = {
    "warmup_cosine": _sequential,
    "three": lambda o: S.SequentialLR(o, [S.ConstantLR(o, factor=0.5, total_iters=2), S.ExponentialLR(o, gamma=0.8),
                                          S.PolynomialLR(o, total_iters=6, power=2)], [3, 10]),
    "from_zero": lambda o: S.SequentialLR(o, [S.LinearLR(o), S.StepLR(o, step_size=3)], [0]),
    "multiplicative": lambda o: S.SequentialLR(o, [S.ExponentialLR(o, gamma=0.9),
                                                   S.MultiplicativeLR(o, lambda e: 0.9 + 0.01 * e)], [5]),
    "lambda_restarts": lambda o: S.SequentialLR(o, [S.LambdaLR(o, lambda e: 0.95 ** e),
                                                    S.CosineAnnealingWarmRestarts(o, T_0=3)], [6]),
    "one_cycle": lambda o: S.SequentialLR(o, [S.ConstantLR(o, factor=0.5), S.OneCycleLR(o, max_lr=0.9, total_steps=30)], [7]),
    "chained": lambda o: S.ChainedScheduler([S.ConstantLR(o, factor=0.1, total_iters=2), S.ExponentialLR(o, gamma=0.9)]),
    "chained_cosine": lambda o: S.ChainedScheduler([S.LinearLR(o, total_iters=3), S.CosineAnnealingLR(o, T_max=10),
                                                    S.StepLR(o, step_size=5)]),
    "nested": lambda o: S.ChainedScheduler([_sequential(o), S.ExponentialLR(o, gamma=0.95)]),
    "two": lambda o: (S.ExponentialLR(o, gamma=0.5), S.StepLR(o, step_size=2)),
}

PLATEAU = [dict(), dict(patience=1, factor=0.5), dict(mode="max", patience=1), dict(patience=1, cooldown=3, threshold=0.2),
           dict(patience=0, threshold_mode="abs", threshold=0.3), dict(mode="max", patience=1, threshold_mode="abs",
                                                                      threshold=0.5),
           dict(patience=0, factor=0.3, min_lr=[0.05, 0.001]), dict(patience=0, min_lr=0.01, eps=0.1)]
FN = {"LambdaLR": lambda epoch: 0.95 ** epoch, "MultiplicativeLR": lambda epoch: 0.9 + 0.01 * epoch}
CODES = {"mode": ["triangular", "triangular2", "exp_range"], "anneal_strategy": ["cos", "linear"],
         "scale_mode": ["cycle", "iterations"]}


def optimizer_of(name):
    groups = [{"params": [torch.zeros(2, requires_grad=True)], "lr": 0.5},
              {"params": [torch.zeros(3, requires_grad=True)], "lr": 0.02}]
    return torch.optim.Adam(groups) if name == "Adam" else torch.optim.SGD(groups, lr=1, momentum=0.6)


def _record(golden, name, optimizer, schedulers, steps=None, recorded=EPOCHS, **options):
    rates, momenta = [], []
    for epoch in range(recorded):
        rates.append([g["lr"] for g in optimizer.param_groups])
        momenta.append([g["betas"][0] if "betas" in g else g["momentum"] for g in optimizer.param_groups])
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step(*(() if steps is None else (steps[epoch],)))
    tensors = dict(rates=torch.tensor(rates, dtype=torch.float64), momenta=torch.tensor(momenta, dtype=torch.float64))
    if steps is not None:
        tensors["steps"] = torch.tensor(steps, dtype=torch.float64)
    golden.case(name, tensors, **options)


def _coded(options):
    return {k: CODES[k].index(v) if k in CODES else v for k, v in options.items()}


def make():
    golden = GoldenFile()
    for i, (name, options) in enumerate(SIMPLE):
        for kind in ("SGD", "Adam") if name in ("CyclicLR", "OneCycleLR") else ("SGD",):
            optimizer = optimizer_of(kind)
            extra = dict(lr_lambda=FN[name]) if name in FN else {}
            scheduler = getattr(S, name)(optimizer, **options, **extra)
            _record(golden, f"simple/{i}_{name}_{kind}", optimizer, [scheduler], schedule=name, kind=kind,
                    **_coded(options))
    # After four steps of one schedule, another made with a last_epoch.
    for i, (name, options) in enumerate(SIMPLE):
        for last_epoch in (0, 3):
            if name == "CosineAnnealingWarmRestarts" and last_epoch + 1 > 2 * options["T_0"]:
                continue  # PyTorch looks for the period one ahead only
            optimizer = optimizer_of("SGD")
            extra = dict(lr_lambda=FN[name]) if name in FN else {}
            before = getattr(S, name)(optimizer, **options, **extra)
            for _ in range(4):
                optimizer.step()
                before.step()
            scheduler = getattr(S, name)(optimizer, **options, **extra, last_epoch=last_epoch)
            _record(golden, f"resumed/{i}_{name}_{last_epoch}", optimizer, [scheduler], recorded=18, schedule=name,
                    last_epoch=last_epoch, **_coded(options))
    for last_epoch in (0, 1, 5):
        optimizer = optimizer_of("SGD")
        parts = [S.LinearLR(optimizer, start_factor=0.1, total_iters=4), S.ExponentialLR(optimizer, gamma=0.9)]
        _record(golden, f"sequential_resumed/{last_epoch}", optimizer,
                [S.SequentialLR(optimizer, parts, [4], last_epoch=last_epoch)], recorded=18, last_epoch=last_epoch)
    optimizer = optimizer_of("SGD")
    scheduler = S.CyclicLR(optimizer, base_lr=0.1, max_lr=0.9, step_size_up=3, scale_fn=lambda x: 1 / (1 + x),
                           scale_mode="iterations")
    _record(golden, "scale_fn", optimizer, [scheduler])
    optimizer = optimizer_of("SGD")
    scheduler = S.CosineAnnealingWarmRestarts(optimizer, T_0=3, T_mult=2)
    _record(golden, "restarts_at", optimizer, [scheduler], [0.25 * 3 ** (e / 5) * e for e in range(EPOCHS)])
    for name, make_composed in COMPOSED.items():
        optimizer = optimizer_of("SGD")
        made = make_composed(optimizer)
        _record(golden, f"composed/{name}", optimizer, made if isinstance(made, tuple) else [made])
    torch.manual_seed(3)
    metrics = [5, 4, 3, 3, 3.1, 2.9, 2.9, 2.9, 2.8999, 3, float("nan"), 2, 2, 2, 2, 2, 1.9, 1.5, 1.5, 1.5, 1.5, 1.5, 1.4, 1]
    for i, options in enumerate(PLATEAU):
        optimizer = optimizer_of("SGD")
        coded = dict(options, mode=int(options.get("mode") == "max"),
                     threshold_mode=int(options.get("threshold_mode") == "abs"))
        steps = [-m for m in metrics] if options.get("mode") == "max" else metrics
        _record(golden, f"plateau/{i}", optimizer, [S.ReduceLROnPlateau(optimizer, **options)], steps, **coded)
    golden.write("schedules.safetensors.gz")
