# SPDX-License-Identifier: Apache-2.0
"""Triangles, indexing, joining, repeating and products of tensors: values, dtypes, gradients."""

import torch

import draws
from op_cases import OpCases

D = torch.float64


def _triangles(case):
    m, batch, whole = draws.randn(4, 5, dtype=D), draws.randn(2, 3, 3, dtype=D), torch.arange(12).reshape(4, 3)
    for op in ("tril", "triu"):
        f = getattr(torch, op)
        for k in (-5, -2, -1, 0, 1, 3, 5):
            case(op, lambda t: f(t, k), m, diagonal=k)
        case(op, lambda t: f(t, 1), batch, diagonal=1)
        case(op, f, whole)
        case(op, f, whole > 3)
        case(op, f, torch.zeros(0, 3, dtype=D))
    for offset, dim1, dim2 in ((0, 0, 1), (1, 0, 1), (-2, 0, 1), (4, 0, 1), (7, 0, 1), (0, 1, 0), (1, -1, 0), (-1, 1, -2)):
        options = dict(offset=offset, dim1=dim1, dim2=dim2)
        case("diagonal", lambda t: t.diagonal(offset, dim1, dim2).contiguous(), m, **options)
    for offset, dim1, dim2 in ((0, 1, 2), (0, 0, 2), (-1, 2, 1), (1, 1, 2)):
        options = dict(offset=offset, dim1=dim1, dim2=dim2)
        case("diagonal", lambda t: t.diagonal(offset, dim1, dim2).contiguous(), batch, **options)
    for offset, dim1, dim2 in ((0, -2, -1), (2, -2, -1), (-1, -2, -1), (1, 0, 1), (0, 0, -1), (1, 2, 0)):
        options = dict(offset=offset, dim1=dim1, dim2=dim2)
        case("diag_embed", lambda t: torch.diag_embed(t, offset, dim1, dim2), draws.randn(2, 3, dtype=D), **options)
    for k in (-1, 0, 2):
        case("diag", lambda t: torch.diag(t, k), draws.randn(3, dtype=D), diagonal=k)
        case("diag", lambda t: torch.diag(t, k), m, diagonal=k)


def _einsum(case):
    r = lambda *s: draws.randn(s, dtype=D)
    equations = [
        ("ij->ji", r(2, 3)), ("ij", r(2, 3)), ("ji", r(2, 3)), ("ij->", r(2, 3)), ("ij->i", r(2, 3)),
        ("ii", r(3, 3)), ("ii->i", r(3, 3)), ("iji->j", r(2, 3, 2)), ("iij->ji", r(3, 3, 2)), ("iii", r(2, 2, 2)),
        ("i,i", r(4), r(4)), ("i,j", r(3), r(4)), ("i,i->i", r(4), r(4)), ("i,j->ji", r(3), r(4)),
        ("ij,jk", r(2, 3), r(3, 4)), ("ij,jk->ki", r(2, 3), r(3, 4)), ("ij,ij->j", r(2, 3), r(2, 3)),
        ("ij,kj->", r(2, 3), r(4, 3)), ("bij,bjk->bik", r(5, 2, 3), r(5, 3, 4)), ("bhid,bhjd->bhij", r(2, 3, 4, 5), r(2, 3, 6, 5)),
        ("...ij,...jk->...ik", r(7, 1, 2, 3), r(5, 3, 4)), ("...ij,...jk", r(2, 3), r(5, 3, 4)), ("...i->...", r(2, 3, 4)),
        ("i...->...", r(2, 3, 4)), ("...ii->...i", r(2, 3, 3)), ("i...j->j...i", r(2, 3, 4, 5)), ("...", r(2, 3)),
        ("...,...", r(2, 1), r(3)), ("a...,...a->...", r(2, 3), r(3, 2)), ("...i,i->", r(2, 3), r(3)),
        ("ij,jk,kl->il", r(2, 3), r(3, 4), r(4, 5)), ("ij,jk,ki", r(2, 3), r(3, 4), r(4, 2)), ("i,i,i->i", r(3), r(3), r(3)),
        ("bn,anm,bm->ba", r(2, 3), r(5, 3, 4), r(2, 4)), ("ab,c->c", r(2, 3), r(4)), ("Ba,aC", r(2, 3), r(3, 4)),
        ("ij,jk->ik", r(2, 1), r(3, 4)), ("ij,ij->ij", r(2, 1), r(1, 3)), ("bi,bi->b", r(1, 3), r(4, 3)), (",ij->ij", r(), r(2, 3)),
        (" i j , j k -> i k ", r(2, 3), r(3, 4)), ("ij,jk->ik", r(2, 0), r(0, 3)), ("ij,jk->ik", r(0, 2), r(2, 3)),
        ("ij,jk->ik", r(3, 2).t(), r(3, 4)), ("aabb,bc->ac", r(2, 2, 3, 3), r(3, 4)), ("ijk,ilm,njm,nlk,abc->", r(2, 2, 2), r(2, 2, 2),
         r(2, 2, 2), r(2, 2, 2), r(1, 2, 3)),
    ]
    for equation, *operands in equations:
        case("einsum", lambda *t: torch.einsum(equation, *t).contiguous(), *operands, equation=equation.replace(" ", "_"))
    case("tensordot", lambda a, b: torch.tensordot(a, b, 2), r(5, 3, 4), r(3, 4, 2), dims=2)
    case("tensordot", lambda a, b: torch.tensordot(a, b, 0), r(2, 3), r(4), dims=0)
    case("tensordot", lambda a, b: torch.tensordot(a, b, ([1, 0], [0, 2])), r(3, 4, 5), r(4, 2, 3), a=(1, 0), b=(0, 2))
    case("tensordot", lambda a, b: torch.tensordot(a, b, ([-1], [1])), r(3, 1), r(4, 2), a=(-1,), b=(1,))


def _products(case):
    r = lambda *s: draws.randn(s, dtype=D)
    case("mm", torch.mm, r(2, 3), r(3, 4))
    case("bmm", torch.bmm, r(5, 2, 3), r(5, 3, 4))
    case("mv", torch.mv, r(2, 3), r(3))
    case("inner", torch.inner, r(2, 3), r(4, 5, 3))
    case("inner", torch.inner, r(3), r(3))
    case("inner", torch.inner, r(), r(2, 3))
    case("kron", torch.kron, r(2, 3), r(3, 2))
    case("kron", torch.kron, r(2), r(3, 2, 2))
    for beta, alpha in ((1, 1), (0.5, -2), (0, 3)):
        options = dict(beta=beta, alpha=alpha)
        case("addmm", lambda x, a, b: torch.addmm(x, a, b, beta=beta, alpha=alpha), r(4), r(2, 3), r(3, 4), **options)
        case("addmv", lambda x, a, b: torch.addmv(x, a, b, beta=beta, alpha=alpha), r(2), r(2, 3), r(3), **options)
        case("baddbmm", lambda x, a, b: torch.baddbmm(x, a, b, beta=beta, alpha=alpha), r(2, 1), r(5, 2, 3), r(5, 3, 4), **options)
    case("addmm", lambda x, a, b: torch.addmm(x, a, b, beta=0), torch.full((2, 4), float("nan"), dtype=D), r(2, 3), r(3, 4),
         grad=False, beta=0)


def _indexing(case):
    x, m = draws.randn(3, 4, dtype=D), draws.randn(2, 3, 4, dtype=D)
    whole = torch.tensor([[3, 0, -1], [0, 0, 7]])
    case("nonzero", torch.nonzero, whole)
    case("nonzero", torch.nonzero, x > 0.2)
    case("nonzero", torch.nonzero, torch.zeros(2, 3))
    case("nonzero", torch.nonzero, torch.tensor(5))
    case("nonzero", torch.nonzero, torch.tensor([0.0, float("nan"), -0.0, 2]))
    case("where", torch.where, m > 0)
    case("where", torch.where, torch.tensor(True))
    case("masked_select", torch.masked_select, x, x > 0)
    case("masked_select", torch.masked_select, m, torch.tensor([True, False, True, True]))
    case("masked_select", torch.masked_select, draws.randn(4, dtype=D), m > 0)
    case("masked_select", torch.masked_select, x, torch.zeros(3, 4, dtype=torch.bool))
    case("take_along_dim", lambda t, i: torch.take_along_dim(t, i, 1), x, torch.tensor([[3, 0], [1, 1], [2, 3]]), dim=1)
    case("take_along_dim", lambda t, i: torch.take_along_dim(t, i, 1), x, torch.tensor([[3, 0, 0]]), dim=1)
    case("take_along_dim", lambda t, i: torch.take_along_dim(t, i, 0), draws.randn(3, 1, dtype=D), torch.tensor([[2, 0, 0, 1]]), dim=0)
    case("take_along_dim", lambda t, i: torch.take_along_dim(t, i), x, torch.tensor([[11, 0], [3, 3]]))
    case("one_hot", torch.nn.functional.one_hot, torch.tensor([[2, 0], [3, 1]]))
    case("one_hot", lambda t: torch.nn.functional.one_hot(t, 6), torch.tensor([2, 0, 2]), classes=6)
    case("scatter", lambda t, i: t.scatter(1, i, 2.5), x, torch.tensor([[3, 0], [1, 2], [0, 1]]), dim=1, value=2.5)
    for sizes, dim in (((2, 3), 1), ((1, 0, 4), -1), ((5,), 1)):
        case("split", lambda t: [p.contiguous() for p in torch.split(t, sizes, dim)], draws.randn(2, 5, dtype=D), sizes=sizes,
             dim=dim)
    case("chunk", lambda t: [p.contiguous() for p in torch.chunk(t, 3, 1)], draws.randn(2, 7, dtype=D), chunks=3, dim=1)
    case("unbind", lambda t: [p.contiguous() for p in torch.unbind(t, 1)], m, dim=1)


def _joining(case):
    x = draws.randn(2, 3, 4, dtype=D)
    r = lambda *s: draws.randn(s, dtype=D)
    case("cat", lambda *t: torch.cat(t, 1), r(2, 3), torch.zeros(0, dtype=D), r(2, 1), dim=1)
    case("hstack", lambda *t: torch.hstack(t), r(2), r(3))
    case("hstack", lambda *t: torch.hstack(t), r(2, 3), r(2, 1))
    case("hstack", lambda *t: torch.hstack(t), r(), r())
    case("vstack", lambda *t: torch.vstack(t), r(3), r(2, 3))
    case("vstack", lambda *t: torch.vstack(t), r(), r())
    case("vstack", lambda *t: torch.vstack(t), r(2, 3, 4), r(1, 3, 4))
    case("roll", lambda t: t.roll((1, -1), (0, 2)), x, shifts=(1, -1), dims=(0, 2))
    case("roll", lambda t: t.roll(5), x, shifts=(5,))
    case("roll", lambda t: t.roll(-30), x, shifts=(-30,))
    case("tile", lambda t: t.tile(2), x, repeats=(2,))
    case("tile", lambda t: t.tile(2, 1, 1, 3), x, repeats=(2, 1, 1, 3))
    case("tile", lambda t: t.tile(0, 2), r(2, 3), repeats=(0, 2))
    case("repeat_interleave", lambda t: t.repeat_interleave(3), x, repeats=3)
    case("repeat_interleave", lambda t: t.repeat_interleave(2, 1), x, repeats=2, dim=1)
    case("repeat_interleave", lambda t: t.repeat_interleave(2, -1), x, repeats=2, dim=-1)
    case("repeat_interleave", lambda t: t.repeat_interleave(0, 0), x, repeats=0, dim=0)
    case("repeat_interleave", lambda t, n: t.repeat_interleave(n, 1), x, torch.tensor([2, 0, 3]), dim=1)
    case("repeat_interleave", lambda t, n: t.repeat_interleave(n), r(3), torch.tensor([1, 2, 0]))
    case("repeat_interleave", lambda t, n: t.repeat_interleave(n, 0), x, torch.tensor([3]), dim=0)
    case("movedim", lambda t: t.movedim((0, 1), (2, 0)).contiguous(), x, source=(0, 1), destination=(2, 0))
    case("movedim", lambda t: t.movedim((-1, 0), (0, -1)).contiguous(), r(2, 3, 4, 5), source=(-1, 0), destination=(0, -1))
    case("flatten", lambda t: t.flatten(1), x, start=1, end=-1)
    case("flatten", lambda t: t.flatten(), torch.tensor(2.0, dtype=D), start=0, end=-1)
    case("unflatten", lambda t: t.unflatten(-1, (2, -1)), x, dim=-1, sizes=(2, -1))


def make():
    torch.manual_seed(17)
    case = OpCases()
    for part in (_triangles, _einsum, _products, _indexing, _joining):
        part(case)
    case.golden.write("shapes.safetensors.gz")
