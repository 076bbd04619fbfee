# SPDX-License-Identifier: Apache-2.0
"""torch.linalg: values and gradients."""

import torch

import draws
from op_cases import OpCases

D = torch.float64


def make():
    torch.manual_seed(23)
    case = OpCases()
    L = torch.linalg

    def general(*shape):
        return draws.randn(shape, dtype=D) + shape[-1] * torch.eye(shape[-1], dtype=D)[torch.randperm(shape[-1])]

    def positive(*shape):
        m = draws.randn(shape, dtype=D)
        return m @ m.mT + torch.eye(shape[-1], dtype=D)

    r = lambda *s: draws.randn(s, dtype=D)
    for shape in ((1, 1), (4, 4), (2, 3, 3), (2, 1, 5, 5), (0, 3, 3), (0, 0)):
        for upper in (False, True):
            case("cholesky", lambda t: L.cholesky(t, upper=upper), positive(*shape), upper=upper)
        case("inv", L.inv, general(*shape))
        case("det", L.det, general(*shape))
        case("slogdet", L.slogdet, general(*shape))
    one_triangle = positive(3, 3).tril()  # the other one is not read
    case("cholesky", L.cholesky, one_triangle, upper=False)
    case("slogdet", L.slogdet, torch.tensor([[1.0, 2], [2, 4]], dtype=D), grad=False)
    case("det", L.det, torch.tensor([[0.0, 2], [3, 0]], dtype=D))
    case("inv", L.inv, general(3, 3).mT)
    for a, b in (((4, 4), (4, 3)), ((4, 4), (4,)), ((2, 3, 3), (2, 3)), ((2, 3, 3), (3, 5)), ((3, 3), (2, 3, 5)),
                 ((2, 1, 3, 3), (4, 3, 2)), ((3, 3), (3, 0)), ((0, 0), (0, 2)), ((0, 3, 3), (0, 3, 2)), ((40, 40), (40, 7))):
        case("solve", L.solve, general(*a), r(*b))
    for a, b in (((4, 4), (3, 4)), ((2, 3, 3), (5, 3))):
        case("solve", lambda s, t: L.solve(s, t, left=False), general(*a), r(*b), left=False)
    for a, b in (((4, 4), (4, 3)), ((2, 3, 3), (3, 5)), ((3, 3), (2, 3, 5))):
        for upper in (False, True):
            for unit in (False, True):
                options = dict(upper=upper, unitriangular=unit)
                case("solve_triangular", lambda s, t: L.solve_triangular(s, t, **options), general(*a), r(*b), **options)
                case("solve_triangular", lambda s, t: L.solve_triangular(s, t.mT, left=False, **options).mT.contiguous(),
                     general(*a), r(*b), right=True, **options)
    # float32: both sides round.
    single = dict(tolerance=2e-5)
    case("solve", L.solve, general(2, 5, 5).float(), r(2, 5, 3).float(), **single)
    case("cholesky", lambda t: L.cholesky(t), positive(5, 5).float(), upper=False, **single)
    case("det", L.det, (general(3, 4, 4) / 3).float(), **single)
    case("solve_triangular", lambda s, t: L.solve_triangular(s, t, upper=True), general(4, 4).float(), r(4, 3).float(), upper=True,
         unitriangular=False, **single)
    case.golden.write("linalg.safetensors.gz")
