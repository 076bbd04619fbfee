# SPDX-License-Identifier: Apache-2.0
"""Elementwise functions that Tessera composes of others: values and gradients, extremes included."""

import math

import torch

from op_cases import OpCases

D = torch.float64
INF, NAN = math.inf, math.nan


def _real(*values):
    return torch.tensor(values, dtype=D)


def _of_one(case):
    unit = _real(0, 1e-12, 0.1, 0.3, 0.5, 0.9, 1)
    case("logit", torch.logit, unit)
    case("logit", torch.logit, _real(-0.5, 2, NAN))
    for eps in (0.1, 1e-6):
        case("logit", lambda x: torch.logit(x, eps), unit, eps=eps)
    case("logit", torch.logit, torch.tensor([0, 1]))
    case("erfinv", torch.erfinv, torch.cat([_real(0, -0.0, 1, -1, 1.5, -2, NAN, 1e-30, -1e-8), torch.linspace(-0.999, 0.999, 41, dtype=D)]))
    case("erfinv", torch.erfinv, torch.tensor([0.5, -0.97, 0.0]))
    case("erfinv", torch.erfinv, torch.tensor([0, 1, 2]))
    case("frac", torch.frac, _real(-1.5, 2.25, -0.0, 7, INF, NAN, -1e300))
    special = _real(NAN, INF, -INF, 1, -2.5)
    case("nan_to_num", torch.nan_to_num, special)
    case("nan_to_num", lambda x: torch.nan_to_num(x, 7, 8, -9), special, nan=7, posinf=8, neginf=-9)
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        case("nan_to_num", torch.nan_to_num, special.to(dtype))
    case("nan_to_num", torch.nan_to_num, torch.tensor([1, 2]))


def _of_several(case):
    a, b = _real(-2.5, -1, -0.5, 0.5, 1, 3).reshape(2, 3), _real(2, -1, 0.7, -0.3, 1, -2).reshape(2, 3)
    row = _real(1.5, -2.5, 0.25)
    i, j = torch.tensor([7, -7, 3, 0]), torch.tensor([2, 2, -3, 5])
    for alpha in (1, -2.5):
        for op in ("add", "sub"):
            case(op + "_alpha", lambda x, y: getattr(torch, op)(x, y, alpha=alpha), a, row, alpha=alpha)
    case("add_alpha", lambda x, y: torch.add(x, y, alpha=3), i, j, alpha=3)
    for value in (1, 0.5):
        for op in ("addcmul", "addcdiv"):
            case(op, lambda x, y, z: getattr(torch, op)(x, y, z, value=value), a, row, b, value=value)
            case(op, lambda x, y, z: getattr(torch, op)(x, y, z, value=value), row, b, a[:1, :1], value=value)
    case("addcmul", lambda x, y, z: torch.addcmul(x, y, z, value=3), i, j, j, value=3)
    for mode in (None, "trunc", "floor"):
        name = mode or "none"
        case("div_rounded", lambda x, y: torch.div(x, y, rounding_mode=mode), i, j, mode=name)
        case("div_rounded", lambda x, y: torch.div(x, y, rounding_mode=mode), a, row, mode=name)
        case("div_rounded", lambda x, y: torch.div(x, y, rounding_mode=mode), i, row[0], mode=name)
    for op in ("remainder", "fmod"):  # operands of both signs, whose quotients round down and toward zero apart
        case(op, getattr(torch, op), a, b)
        case(op, getattr(torch, op), a, row)
    for weight in (0, 0.25, 0.5, 1, -3, 2):
        case("lerp_number", lambda x, y: torch.lerp(x, y, weight), a, b, weight=weight)
    case("lerp", torch.lerp, a, b, _real(0, 0.25, 0.5, 0.75, 1, 2).reshape(2, 3))
    case("lerp", torch.lerp, a, b, row)


def _pow(case):
    base = _real(-INF, -2, -0.0, 0, 0.5, 3, INF, NAN)
    for e in (0, 1, 2, 3, -1, -2, 0.5, -0.5, 4, 2.5, -3):
        # Negative numbers to fractions are nan in both, but 1.13's float64 gradients of 0 differ by sign.
        case("pow_number", lambda x: x**e, base[3:6] if e < 0 else base, exponent=e)
    for e in (0, 1, 2, 3, 5):
        case("pow_number", lambda x: x**e, torch.tensor([-3, 0, 2, 7]), exponent=e, whole=1)
    for e in (2.0, 0.5, -1.0):
        case("pow_number", lambda x: x**e, torch.tensor([1, 2, 7]), exponent=e)
    case("pow_number", lambda x: x**2, torch.tensor([1.5, -2], dtype=torch.float16), exponent=2)
    exponent = _real(-2, -0.5, 0, 0.5, 3)
    for b in (0.0, 0.5, 1.0, 2.0, 10.0):
        case("number_pow", lambda x: b**x, exponent[2:] if b == 0 else exponent, base=b)
    case("number_pow", lambda x: 2**x, torch.tensor([0, 3, 10]), base=2, whole=1)


def _bounds(case):
    x = _real(-2, -1, -0.5, 0, 0.5, 1, 2, NAN)
    low, high = _real(-1), _real(1, 0.5, 0.25, 3, 0.5, 1, -2, 1)
    case("clamp_tensors", torch.clamp, x, low, high)
    # At nan PyTorch gives the gradient to a maximum that is below the minimum.
    case("clamp_tensors", torch.clamp, x[:7], high[:7], low)
    case("clamp_tensors", torch.clamp, x[:7], low, low)
    case("clamp_tensors", torch.clamp, x[:6].reshape(2, 3), high[:3], _real(0.7))
    case("clamp_min", torch.clamp_min, x, high)
    case("clamp_max", torch.clamp_max, x, high)
    case("clamp_min", torch.clamp_min, torch.tensor([1, 5]), torch.tensor([2, 2], dtype=torch.int32))
    case("clamp_number", lambda t: t.clamp(0.5), torch.tensor([1, -5]), low=0.5)
    case("clamp_number", lambda t: t.clamp(-1, 1), torch.tensor([4, -5, 0]), low=-1, high=1, whole=1)


def _masks_and_bits(case):
    x = _real(1.5, -2, 3)
    case("masked_fill_number", lambda t, m: t.masked_fill(m, 1.5), torch.tensor([1, 2]), torch.tensor([True, False]), value=1.5)
    case("masked_fill_tensor", lambda t, m, v: t.masked_fill(m, v), x, x > 0, torch.tensor(2.5, dtype=D))
    case("where_number", lambda m, t: torch.where(m, t, torch.tensor(7.0, dtype=D)), x > 0, x, value=7)
    for dtype in (torch.int32, torch.int64, torch.uint8):
        i = torch.tensor([1, 5, 100, 77], dtype=dtype)
        i = i if dtype == torch.uint8 else i * -1
        n = torch.tensor([0, 1, 3, 6], dtype=dtype)
        case("left_shift", torch.bitwise_left_shift, i, n)
        case("right_shift", torch.bitwise_right_shift, i, n)
        case("left_shift_number", lambda t: torch.bitwise_left_shift(t, 3), i, n=3)
        case("right_shift_number", lambda t: torch.bitwise_right_shift(t, 3), i, n=3)
    a = torch.tensor([1.0, 1, 1, INF, INF, NAN, NAN, 0, 1e-9])
    b = torch.tensor([1.0, 1.00001, 1.001, INF, -INF, NAN, 1, -0.0, 0])
    for options in (dict(), dict(equal_nan=True), dict(rtol=1e-2, atol=0), dict(rtol=0, atol=0), dict(rtol=0.0, atol=INF)):
        case("isclose", lambda x, y: torch.isclose(x, y, **options), a, b, **options)
    case("isclose", lambda x, y: torch.isclose(x, y, rtol=1e-3), torch.tensor([10000, 10000, 3]), torch.tensor([10001, 10020, 3]),
         rtol=1e-3)


def make():
    case = OpCases()
    for part in (_of_one, _of_several, _pow, _bounds, _masks_and_bits):
        part(case)
    case.golden.write("pointwise.safetensors.gz")
