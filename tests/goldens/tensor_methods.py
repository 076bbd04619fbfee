# SPDX-License-Identifier: Apache-2.0
"""The dtype argument of reductions, scans and softmax, and what methods that end in `_` leave in their tensor."""

import torch

import draws
from op_cases import OpCases

D = torch.float64


def _name(dtype):
    return str(dtype).removeprefix("torch.")


def _dtypes(case):
    x = torch.tensor([[1.75, -2.5, 3.25], [0.5, 2, -1.125]], dtype=D)
    i = torch.tensor([[3, -1, 2], [4, 1, -2]])
    half = torch.tensor([[2048.0, 1, 1], [1, 1, 4096]], dtype=torch.float16)  # float16 has no 2049
    for source, dtypes in ((x, (torch.float32, D, torch.int64, torch.int32)), (i, (torch.float32, D, torch.int32)),
                           (half, (torch.float32, D)), (i > 1, (torch.int32, D))):
        for dtype in dtypes:
            for op in ("sum", "prod", "mean", "nansum", "nanmean", "cumsum", "cumprod", "softmax", "log_softmax"):
                if not dtype.is_floating_point and op not in ("sum", "prod", "cumsum", "cumprod"):
                    continue
                if op == "nanmean" and not source.is_floating_point():
                    continue  # 1.13 refuses integers, whatever the dtype
                f = getattr(torch, op)
                options = dict(dtype=_name(dtype), grad=dtype.is_floating_point and source is not half)
                case(op, lambda t: f(t, 1, dtype=dtype), source, dim=1, **options)
                if op in ("sum", "prod", "mean"):
                    case(op, lambda t: f(t, dtype=dtype), source, **options)


UNARY = ("neg abs sign exp exp2 expm1 log log2 log10 log1p sqrt rsqrt reciprocal square sin cos tan asin acos atan sinh "
         "cosh tanh sigmoid logit erf erfinv relu floor ceil round trunc frac logical_not").split()
LOGICAL = "eq ne lt le gt ge logical_and logical_or logical_xor".split()


def _in_place(case):
    def of(name, target, *others, function=None, **attributes):
        method = name + "_"
        case(method, lambda t, *o: (function or (lambda u, *v: getattr(u, method)(*v)))(t.clone(), *o), target, *others,
             grad=False, **attributes)

    x = torch.tensor([-0.75, 0.0, 0.3, 0.9], dtype=D)
    for name in UNARY:
        of(name, x)
    of("logical_not", torch.tensor([0, 3, -1]))
    of("logical_not", torch.tensor([True, False]))
    of("bitwise_not", torch.tensor([0, 3, -1]))
    of("bitwise_not", torch.tensor([True, False]))
    of("sign", torch.tensor([0, 3, -1]))
    y = torch.tensor([0.3, 0.0, 0.3, -2], dtype=D)
    i, j = torch.tensor([1, 0, 6, 5]), torch.tensor([1, 2, 3, 0])
    for name in LOGICAL:
        of(name, x, y)
        of(name, i, j)
        of(name, i, y)  # compared as float64, stored as int64
        of(name, i > 0, j)
        of(name, x, i)
    for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
        of(name, i, j)
        of(name, i > 0, j > 1)
    for name in ("bitwise_left_shift", "bitwise_right_shift"):
        of(name, i, j)
    of("atan2", x, y)
    for mode in ("trunc", "floor"):
        of("div", x, y + 0.1, function=lambda t, o: t.div_(o, rounding_mode=mode), mode=mode)
        of("div", i - 3, j + 2, function=lambda t, o: t.div_(o, rounding_mode=mode), mode=mode)
    m = torch.arange(1.0, 13, dtype=D).reshape(3, 4) / 7
    for name in ("tril", "triu"):
        for k in (0, -1, 2):
            of(name, m, function=lambda t: getattr(t, name + "_")(k), k=k)
    for name in ("cumsum", "cumprod"):
        of(name, m, function=lambda t: getattr(t, name + "_")(1), k=1)
        of(name, j.to(torch.int32) + 1, function=lambda t: getattr(t, name + "_")(0), k=0)
    a, b = draws.randn(3, 2, dtype=D), draws.randn(2, 4, dtype=D)
    of("addmm", m, a, b, function=lambda t, *o: t.addmm_(*o, beta=0.5, alpha=-2), beta=0.5, alpha=-2)
    of("addmv", m[:, 0], a, b[:, 0], function=lambda t, *o: t.addmv_(*o, beta=0.5, alpha=-2), beta=0.5, alpha=-2)
    of("baddbmm", m.expand(2, 3, 4), a.expand(2, 3, 2), b.expand(2, 2, 4),
       function=lambda t, *o: t.baddbmm_(*o, beta=0.5, alpha=-2), beta=0.5, alpha=-2)


def make():
    torch.manual_seed(23)
    case = OpCases()
    for part in (_dtypes, _in_place):
        part(case)
    case.golden.write("tensor_methods.safetensors.gz")
