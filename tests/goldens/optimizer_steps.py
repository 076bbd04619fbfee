# SPDX-License-Identifier: Apache-2.0
"""Optimizers over 1,000 steps (slow ones with options: 100): parameters and final states. Wants torch 2.14 (Adafactor, Muon).

The gradient of step t at parameter p is cos(frequency t + phase) + 0.1 (p - start), computed in float64.
"""

import torch

import draws
from golden_file import GoldenFile

KEEP = (1, 10, 100, 1000)
PROBLEMS = {"plain": [(3, 4), (5,)], "matrices": [(3, 4), (6, 2)], "factors": [(3, 4), (5,), (2, 3, 2), ()]}


class Lion(torch.optim.Optimizer):
    """Algorithm 2 of Chen et al., Symbolic Discovery of Optimization Algorithms, 2023."""

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, maximize=False):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay, maximize=maximize))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                g = -p.grad if group["maximize"] else p.grad
                state = self.state[p]
                m = state.setdefault("exp_avg", torch.zeros_like(p))
                state["step"] = state.get("step", 0) + 1
                c = beta1 * m + (1 - beta1) * g
                p -= group["lr"] * (c.sign() + group["weight_decay"] * p)
                m.copy_(beta2 * m + (1 - beta2) * g)


ADAM = [dict(), dict(lr=0.02, betas=(0.8, 0.95)), dict(amsgrad=True, weight_decay=0.1), dict(maximize=True, eps=1e-3)]
NADAM = [dict(), dict(lr=0.02, betas=(0.8, 0.95), eps=1e-4), dict(weight_decay=0.1, maximize=True),
         dict(weight_decay=0.1, decoupled_weight_decay=True)]
CASES = {
    "SGD": [dict(), dict(momentum=0.9, dampening=0.3, weight_decay=0.05), dict(lr=0.01, momentum=0.8, nesterov=True),
            dict(momentum=0.9, maximize=True)],
    "Adam": ADAM,
    "AdamW": ADAM,
    "Adamax": [dict(), dict(lr=0.02, betas=(0.8, 0.95), eps=1e-2), dict(weight_decay=0.1, maximize=True)],
    "NAdam": NADAM + [dict(momentum_decay=0.1)],
    "RAdam": NADAM + [dict(betas=(0.9, 0.7))],
    "RMSprop": [dict(), dict(lr=1e-3, alpha=0.9, eps=1e-3), dict(weight_decay=0.1, maximize=True), dict(momentum=0.9, lr=1e-3),
                dict(centered=True), dict(centered=True, momentum=0.8, lr=1e-3, weight_decay=0.01)],
    "Adagrad": [dict(), dict(lr=0.1, lr_decay=0.01), dict(initial_accumulator_value=0.5, eps=1e-3),
                dict(weight_decay=0.1, maximize=True)],
    "Adadelta": [dict(), dict(lr=0.5, rho=0.8, eps=1e-3), dict(weight_decay=0.1, maximize=True)],
    "Adafactor": [dict(), dict(lr=0.1, beta2_decay=-0.5), dict(eps=(1e-3, 0.1)), dict(d=1.5, weight_decay=0.1),
                  dict(maximize=True, lr=1.0)],
    "Lion": [dict(), dict(lr=1e-3, betas=(0.8, 0.95)), dict(lr=1e-3, weight_decay=0.1), dict(lr=1e-3, maximize=True)],
    "Muon": [dict(), dict(lr=0.01, momentum=0.8, nesterov=False), dict(adjust_lr_fn="match_rms_adamw", weight_decay=0.0),
             dict(adjust_lr_fn="spectral_unclamped", ns_steps=3, ns_coefficients=(3.0, -3.2, 1.2))],
}
ADJUST = ("original", "match_rms_adamw", "spectral_unclamped")


def problem_of(name):
    return {"Muon": "matrices", "Adafactor": "factors"}.get(name, "plain")


def _named(options):
    """Options by the names of Tessera's state_dict: betas.0, betas.1."""
    named = {}
    for key, value in options.items():
        if isinstance(value, tuple):
            named.update({f"{key}.{i}": v for i, v in enumerate(value)})
        else:
            named[key] = ADJUST.index(value) if key == "adjust_lr_fn" else value
    return named


def _run(golden, name, index, options, problem, dtype):
    cls = Lion if name == "Lion" else getattr(torch.optim, name)
    params = [start.to(dtype).clone().requires_grad_() for start, _, _ in problem]
    extra = {} if name in ("Lion", "Muon") else dict(foreach=False)
    optimizer = cls(params, **options, **extra)
    tensors = {}
    steps = 100 if index > 0 and name in ("Adafactor", "Muon") else KEEP[-1]
    for t in range(steps):
        for i, (p, (start, phase, frequency)) in enumerate(zip(params, problem)):
            # The second parameter gets no gradient in the first three steps and every seventh.
            if i == 1 and (t < 3 or t % 7 == 6):
                p.grad = None
            else:
                p.grad = (torch.cos(frequency * t + phase) + 0.1 * (p.detach().double() - start)).to(dtype)
        optimizer.step()
        if t + 1 in KEEP:
            for i, p in enumerate(params):
                tensors[f"param{i}.{t + 1}"] = p.detach().clone()
    for i, p in enumerate(params):
        for key, value in optimizer.state[p].items():
            if value is not None:
                tensors[f"state{i}.{key}"] = torch.as_tensor(value)
    kind = "f64" if dtype == torch.float64 else "f32"
    golden.case(f"{kind}/{index}_{name}", tensors, optimizer=name, problem=problem_of(name), steps=steps, **_named(options))


def make():
    golden = GoldenFile()
    torch.manual_seed(15)
    problems = {}
    for name, shapes in PROBLEMS.items():
        rand = lambda s: draws.rand(s, dtype=torch.float64)
        problems[name] = [(rand(s) * 2 - 1, rand(s) * 6.28, 0.05 + rand(s)) for s in shapes]
        tensors = {f"{key}{i}": t for i, p in enumerate(problems[name]) for key, t in zip(("start", "phase", "frequency"), p)}
        golden.case(f"problem/{name}", tensors)
    for name, variants in CASES.items():
        for i, options in enumerate(variants):
            problem = problems[problem_of(name)]
            _run(golden, name, i, options, problem, torch.float64)
            if i == 0 or name in ("RMSprop", "Adagrad", "Lion"):
                _run(golden, name, i, options, problem, torch.float32)
    golden.write("optimizer_steps.safetensors.gz")
