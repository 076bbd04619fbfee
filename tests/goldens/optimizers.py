# SPDX-License-Identifier: Apache-2.0
"""Optimizers: where given gradients take the parameters; L-BFGS on functions; clipping."""

import torch

import draws
from golden_file import GoldenFile

STEPS = 120
KEEP = 10  # every tenth step is stored


def _trajectories(golden):
    torch.manual_seed(5)
    starts = [draws.randn(3, 4, dtype=torch.float64), draws.randn(5, dtype=torch.float64)]
    gradients = [draws.randn(STEPS, *s.shape, dtype=torch.float64) for s in starts]
    golden.case("problem", dict(start0=starts[0], start1=starts[1], grad0=gradients[0], grad1=gradients[1]))
    sgd = [dict(), dict(lr=0.1), dict(momentum=0.9), dict(momentum=0.9, dampening=0.3), dict(momentum=0.8, nesterov=True),
           dict(weight_decay=0.05), dict(momentum=0.9, weight_decay=0.05, nesterov=True), dict(maximize=True),
           dict(momentum=0.9, maximize=True, weight_decay=0.01)]
    adam = [dict(), dict(lr=0.02), dict(betas=(0.8, 0.95)), dict(eps=1e-3), dict(weight_decay=0.1), dict(amsgrad=True),
            dict(amsgrad=True, weight_decay=0.1, maximize=True), dict(maximize=True), dict(weight_decay=0.0)]
    cases = ([("SGD", torch.optim.SGD, dict(dict(lr=1e-3), **o)) for o in sgd] +
             [("Adam", torch.optim.Adam, o) for o in adam] + [("AdamW", torch.optim.AdamW, o) for o in adam])
    for i, (name, cls, options) in enumerate(cases):
        # The second parameter gets no gradient in the first three steps and every seventh.
        params = [s.clone().requires_grad_() for s in starts]
        optimizer = cls(params, foreach=False, **options)
        kept = [[], []]
        for step in range(STEPS):
            params[0].grad = gradients[0][step].clone()
            params[1].grad = None if step < 3 or step % 7 == 6 else gradients[1][step].clone()
            optimizer.step()
            if step % KEEP == KEEP - 1:
                for k, p in zip(kept, params):
                    k.append(p.detach().clone())
        golden.case(f"steps/{i}_{name}", dict(param0=torch.stack(kept[0]), param1=torch.stack(kept[1])), optimizer=name,
                    **options)


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def _lbfgs(golden):
    torch.manual_seed(6)
    x0 = draws.randn(6, dtype=torch.float64)
    data, labels = draws.randn(40, 7, dtype=torch.float64), torch.randint(0, 3, (40,))
    w0, b0 = draws.randn(3, 7, dtype=torch.float64) * 0.1, torch.zeros(3, dtype=torch.float64)
    golden.case("lbfgs_problem", dict(x0=x0, data=data, labels=labels, w0=w0, b0=b0))
    variants = [dict(line_search_fn="strong_wolfe"), dict(line_search_fn="strong_wolfe", history_size=3),
                dict(line_search_fn="strong_wolfe", lr=0.3, max_iter=7), dict(lr=0.01, max_iter=9),
                dict(line_search_fn="strong_wolfe", max_eval=6),
                dict(line_search_fn="strong_wolfe", tolerance_grad=1e-2, max_iter=200),
                dict(line_search_fn="strong_wolfe", tolerance_change=1e-3, max_iter=200)]
    for i, options in enumerate(variants):
        for problem in ("rosenbrock", "logistic"):
            if problem == "rosenbrock":
                params = [x0.clone().requires_grad_()]
                f = lambda: rosenbrock(params[0])
            else:
                params = [w0.clone().requires_grad_(), b0.clone().requires_grad_()]
                f = lambda: (torch.nn.functional.cross_entropy(data @ params[0].t() + params[1], labels) +
                             0.01 * (params[0] ** 2).sum())
            optimizer = torch.optim.LBFGS(params, **options)

            def closure():
                optimizer.zero_grad()
                loss = f()
                loss.backward()
                return loss

            losses, points, counts = [], [], []
            for _ in range(3):
                losses.append(optimizer.step(closure).detach())
                points.append(torch.cat([p.detach().flatten() for p in params]))
                state = optimizer.state[params[0]]
                counts.append([state["n_iter"], state["func_evals"]])
            golden.case(f"lbfgs/{i}_{problem}", dict(losses=torch.stack(losses), points=torch.stack(points),
                                                     counts=torch.tensor(counts)), problem=problem, **options)


def _clipping(golden):
    torch.manual_seed(8)
    grads = [draws.randn(3, 4, dtype=torch.float64), draws.randn(5, dtype=torch.float64)]
    for norm_type in (0.0, 1.0, 2.0, 3.0, 0.5, float("inf"), -float("inf")):
        for max_norm in (0.5, 100.0):
            params = [torch.zeros_like(g, requires_grad=True) for g in grads]
            for p, g in zip(params, grads):
                p.grad = g.clone()
            total = torch.nn.utils.clip_grad_norm_(params, max_norm, norm_type)
            golden.case(f"clip_norm/{norm_type}_{max_norm}", dict(grad0=grads[0], grad1=grads[1], clipped0=params[0].grad,
                                                                 clipped1=params[1].grad, total=total),
                        norm_type=norm_type, max_norm=max_norm)


def make():
    golden = GoldenFile()
    _trajectories(golden)
    _lbfgs(golden)
    _clipping(golden)
    golden.write("optimizers.safetensors.gz")
