# SPDX-License-Identifier: Apache-2.0
"""Norms, order statistics, counts and distinct values: values, dtypes, gradients, extremes."""

import itertools
import math

import torch

import draws
from op_cases import OpCases

D = torch.float64
NAN, INF = math.nan, math.inf


def _norms(case):
    x = draws.randn(3, 4, dtype=D)
    zeros = torch.tensor([[0.0, 0, 0], [0, -2, 1], [3, 3, -3]], dtype=D)
    for p in (-INF, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, INF):
        case("norm", lambda t: torch.linalg.vector_norm(t, p), x, p=p)
        case("norm", lambda t: torch.linalg.vector_norm(t, p, 1), x, p=p, dims=(1,))
        case("norm", lambda t: torch.linalg.vector_norm(t, p, (0, 1), keepdim=True), x, p=p, dims=(0, 1), keepdim=1)
        # A negative p has no useful gradient at 0.
        case("norm", lambda t: torch.linalg.vector_norm(t, p, 1), zeros, p=p, dims=(1,), grad=p >= 0 or p == -INF)
    case("norm", lambda t: torch.linalg.vector_norm(t, 2), torch.tensor([1.0, NAN], dtype=D), p=2, grad=False)
    case("norm", lambda t: torch.linalg.vector_norm(t, 0), torch.tensor([1.0, NAN, 0], dtype=D), p=0, grad=False)
    case("norm", lambda t: torch.linalg.vector_norm(t, 2, 1), torch.zeros(2, 0, dtype=D), p=2, dims=(1,), grad=False)


def _reductions(case):
    x = draws.randn(2, 3, 4, dtype=D)
    holes = torch.tensor([[1.0, NAN, 3], [NAN, 4, NAN], [0, -1, 2]], dtype=D)
    none = torch.full((2, 3), NAN, dtype=D)
    for dims, keep in itertools.product(((), (1,), (0, 1)), (False, True)):
        args = (dims,) if dims else ()
        keywords = dict(keepdim=keep) if dims else {}
        for op in ("nansum", "nanmean"):
            case(op, lambda t: getattr(torch, op)(t, *args, **keywords), holes, dims=dims, keepdim=keep and bool(dims))
            case(op, lambda t: getattr(torch, op)(t, *args, **keywords), none, dims=dims, keepdim=keep and bool(dims), grad=False)
    whole = torch.tensor([[3, 0, -1], [0, 0, 7]])
    case("count_nonzero", torch.count_nonzero, whole)
    case("count_nonzero", lambda t: torch.count_nonzero(t, (1,)), whole, dims=(1,))
    case("count_nonzero", torch.count_nonzero, holes)
    case("aminmax", torch.aminmax, x, grad=False)  # PyTorch has no gradient for it
    for dim, keep in itertools.product((0, -1), (False, True)):
        case("aminmax", lambda t: torch.aminmax(t, dim=dim, keepdim=keep), x, dim=dim, keepdim=keep,
             grad=False)
    for op in ("var_mean", "std_mean"):
        for unbiased, keep in itertools.product((False, True), (False, True)):
            case(op, lambda t: getattr(torch, op)(t, (0, 2), unbiased=unbiased, keepdim=keep), x, dims=(0, 2), keepdim=keep,
                 correction=int(unbiased))
        case(op, lambda t: getattr(torch, op)(t, unbiased=True), x, correction=1)
    flat = torch.tensor([[1.0, 2, 4], [3, 3, 3]], dtype=D)  # std has no slope at 0: PyTorch gives 0
    case("std_mean", lambda t: torch.std_mean(t, (1,), unbiased=True, keepdim=False), flat, dims=(1,), correction=1)


def _order(case):
    distinct = torch.randperm(60).reshape(3, 4, 5).to(D)
    even, odd = torch.tensor([5.0, 1, 2, 2, 2, 7], dtype=D), torch.tensor([3.0, -1, 10, 4, 0], dtype=D)
    holes = torch.tensor([[1.0, NAN, 3, 0], [4, 3, 1, 2], [NAN, 5, NAN, 6]], dtype=D)
    for x in (even, odd, distinct, torch.tensor(2.0, dtype=D), torch.tensor([1.0, INF, -INF], dtype=D)):
        case("median", torch.median, x)
    case("median", torch.median, torch.tensor([1.0, NAN, 3], dtype=D))
    case("median", torch.median, torch.tensor([4, 1, 3, 2]))
    case("median", torch.median, torch.zeros(0, dtype=D), grad=False)
    for dim, keep in itertools.product((0, 1, -1), (False, True)):
        case("median", lambda t: torch.median(t, dim, keepdim=keep), distinct, dim=dim, keepdim=keep)
    case("median", lambda t: torch.median(t, 1), holes, dim=1, grad=False)
    case("median", lambda t: torch.median(t, 0), distinct[0].long(), dim=0)
    q = torch.tensor([0.0, 0.1, 0.5, 0.77, 1.0], dtype=D)
    for how in ("linear", "lower", "higher", "midpoint", "nearest"):
        f = lambda *a, **k: torch.quantile(*a, **k, interpolation=how)
        case("quantile", lambda t: f(t, q), even, q=q.tolist(), how=how)
        case("quantile", lambda t: f(t, 0.3), odd, q=0.3, how=how)
        case("quantile", lambda t: f(t, q, dim=1), distinct, q=q.tolist(), dim=1, how=how)
        case("quantile", lambda t: f(t, 0.625, dim=-1, keepdim=True), distinct, q=0.625, dim=-1, keepdim=1, how=how)
        case("quantile", lambda t: f(t, q[:2], dim=0, keepdim=True), distinct, q=q[:2].tolist(), dim=0, keepdim=1, how=how)
        case("quantile", lambda t: f(t, q, dim=1), holes, q=q.tolist(), dim=1, how=how, grad=False)
    case("quantile", lambda t: torch.quantile(t, 0.5, keepdim=True), distinct, q=0.5, keepdim=1)
    case("quantile", lambda t: torch.quantile(t, 0.5), torch.tensor(3.0, dtype=D), q=0.5)


def _counts(case):
    x = torch.tensor([3, 1, 1, 0, 3, 3, 7])
    w = draws.randn(7, dtype=D)
    case("bincount", torch.bincount, x)
    case("bincount", lambda t: torch.bincount(t, minlength=10), x, minlength=10)
    case("bincount", lambda t: torch.bincount(t, minlength=2), x.to(torch.uint8), minlength=2)
    case("bincount", torch.bincount, torch.zeros(0, dtype=torch.int64))
    # PyTorch 1.13 says that the weights get a gradient, and gives none.
    case("bincount", torch.bincount, x, w, grad=False)
    case("bincount", torch.bincount, x, w.float(), grad=False)
    case("bincount", torch.bincount, x, x)
    # PyTorch 1.13 counts nan in the first part; later versions and Tessera do not.
    v = torch.tensor([1.0, 2, 2.5, 4, -1, 0.999, 3.0001, 4.5], dtype=D)
    case("histc", lambda t: torch.histc(t, 4, 0, 4), v, bins=4, min=0, max=4, grad=False)
    case("histc", lambda t: torch.histc(t, 3, 1, 2), v, bins=3, min=1, max=2, grad=False)
    case("histc", lambda t: torch.histc(t, 5), v[:4], bins=5, min=0, max=0, grad=False)
    case("histc", lambda t: torch.histc(t, 5), torch.tensor([2.0, 2], dtype=D), bins=5, min=0, max=0, grad=False)
    case("histc", lambda t: torch.histc(t, 7, -3, 3), draws.randn(200, dtype=D), bins=7, min=-3, max=3, grad=False)
    case("histc", lambda t: torch.histc(t, 4), torch.zeros(0, dtype=D), bins=4, min=0, max=0, grad=False)


def _unique(case):
    x = torch.tensor([[3, 1, 1], [0, 3, 3]])
    rows = torch.tensor([[2, 1], [0, 5], [2, 1], [2, 0], [0, 5]])
    run = torch.tensor([1, 1, 3, 3, 3, 1, 2, 2])
    both = dict(return_inverse=True, return_counts=True)
    for op in ("unique", "unique_consecutive"):
        f = getattr(torch, op)
        # PyTorch's unique leaves nans where they happen to stand: only neighbours are compared here.
        nans = [torch.tensor([2.5, NAN, NAN, 2.5, -1, -1])] if op == "unique_consecutive" else []
        for t in (x, run, *nans, torch.tensor([2.5, -1, 2.5]), torch.tensor([True, True, False]), torch.tensor(4),
                  torch.zeros(0, dtype=torch.int64)):
            case(op, lambda t: f(t, **both), t, grad=False)
        case(op, lambda t: f(t, dim=0, **both), rows, dim=0)
        case(op, lambda t: f(t, dim=1, **both), rows.t().contiguous(), dim=1)
        case(op, lambda t: f(t, dim=0, **both), run, dim=0)


def _cumulative(case):
    zero = torch.tensor([[2.0, 0, 3, 1.5], [1, 0, 4, 0], [0, 0, 1, 2], [1.5, 2, -1, 0]], dtype=D)
    for dim in (0, 1):
        case("cumprod", lambda t: torch.cumprod(t, dim), zero, dim=dim)
    case("cumprod", lambda t: torch.cumprod(t, 0), torch.tensor(3.0, dtype=D), dim=0)
    case("cumsum", lambda t: torch.cumsum(t, 0), torch.tensor([True, False, True]), dim=0)


def make():
    torch.manual_seed(19)
    case = OpCases()
    for part in (_norms, _reductions, _order, _counts, _unique, _cumulative):
        part(case)
    case.golden.write("reductions.safetensors.gz")
