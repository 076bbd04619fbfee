# SPDX-License-Identifier: Apache-2.0
"""Tensor ops: values, dtypes and gradients, extremes included; type promotion."""

import itertools
import math

import torch
import torch.nn.functional as F

import draws
from op_cases import OpCases

D = torch.float64
DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int32, torch.int64, torch.uint8, torch.bool]


def _unary(case):
    wide = torch.tensor([-100.0, -3, -1, -0.5, -0.1, 0, 0.1, 0.5, 1, 2.5, 3, 100], dtype=D)
    special = torch.tensor([math.inf, -math.inf, math.nan, -0.0, 1e-300, -1e300], dtype=D)
    positive = torch.tensor([1e-300, 0.1, 0.5, 1, 2, 10, 1e300], dtype=D)
    unit = torch.tensor([-0.99, -0.5, -0.1, 0, 0.1, 0.5, 0.99], dtype=D)
    whole = torch.tensor([[3, -2, 0], [7, -7, 1]], dtype=torch.int64)
    anywhere = ("neg abs sign square relu exp exp2 expm1 sin cos tan atan sinh cosh tanh erf floor ceil round trunc sigmoid")
    for op in anywhere.split():
        function = getattr(torch, op)
        if op in ("sinh", "cosh", "tan", "expm1", "exp", "exp2"):
            case(op, function, wide / 10)
        else:
            case(op, function, wide)
        case(op, function, special)
        case(op, function, special.float())
        case(op, function, draws.rand(2, 3, 5, dtype=D).transpose(0, 2))
    for op in ("neg", "abs", "sign", "square"):
        case(op, getattr(torch, op), whole)
    for op in ("exp", "sin", "sigmoid", "sqrt"):
        case(op, getattr(torch, op), whole.abs().to(torch.int32))
    for op in ("silu", "gelu", "softplus", "logsigmoid"):
        case(op, getattr(F, op), wide)
    case("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), wide)
    for op in ("log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal"):
        case(op, getattr(torch, op), positive)
        case(op, getattr(torch, op), torch.cat([special, wide[:6]]))
    for op in ("asin", "acos"):
        case(op, getattr(torch, op), unit)
        case(op, getattr(torch, op), torch.tensor([-1.0, 1, 1.5, math.nan], dtype=D))
    for op in ("isnan", "isinf", "isfinite"):
        case(op, getattr(torch, op), special)
        case(op, getattr(torch, op), whole)
    case("logical_not", torch.logical_not, whole)
    case("bitwise_not", torch.bitwise_not, whole)
    case("bitwise_not", torch.bitwise_not, whole > 0)


def _binary(case):
    a = torch.tensor([[-2.5, -1, -0.5], [0.5, 1, 3]], dtype=D)
    b = torch.tensor([[2.0, -1, 0.7], [-0.3, 1, -2]], dtype=D)
    row, scalar = torch.tensor([1.5, -2.5, 0.25], dtype=D), torch.tensor(1.75, dtype=D)
    special = torch.tensor([math.inf, -math.inf, math.nan, 0.0, -0.0, 1.0], dtype=D)
    i = torch.tensor([[7, -7, 3], [0, 5, -9]], dtype=torch.int64)
    j = torch.tensor([[2, 2, -3], [4, -5, -2]], dtype=torch.int64)
    arithmetic = dict(add=torch.add, sub=torch.sub, mul=torch.mul, div=torch.div, maximum=torch.maximum,
                      minimum=torch.minimum, atan2=torch.atan2, fmod=torch.fmod, remainder=torch.remainder)
    for op, function in arithmetic.items():
        for other in (b, row, scalar, b.t().contiguous().t()):
            # PyTorch's fmod and remainder have no useful gradient for the divisor here: values only.
            case(op, function, a, other, grad=op not in ("fmod", "remainder"))
        case(op, function, row, a, grad=op not in ("fmod", "remainder"))
        x, y = special.repeat_interleave(6), special.repeat(6)
        case(op, function, x, y, grad=False)
    for op in ("add", "sub", "mul", "div", "maximum", "minimum", "remainder", "fmod"):
        case(op, arithmetic[op], i, j)
    for op, mode in (("floor_divide", "floor"), ("trunc_divide", "trunc")):
        function = lambda x, y: torch.div(x, y, rounding_mode=mode)
        case(op, function, i, j)
        case(op, function, a, b, grad=False)
        case(op, function, a, row, grad=False)
    case("add", torch.add, i > 0, j > 0)
    case("mul", torch.mul, i > 0, j > 0)
    base = torch.tensor([0.1, 0.5, 1, 2, 7], dtype=D)
    case("pow", torch.pow, base, torch.tensor([-2.0, 0.5, 3, 0, 1.5], dtype=D))
    case("pow", torch.pow, base[:, None], torch.tensor([-1.0, 2.5], dtype=D))
    case("pow", torch.pow, special.repeat_interleave(6), special.repeat(6), grad=False)
    case("pow", torch.pow, i, j.abs())
    case("pow", torch.pow, torch.tensor([0.0, 0, 2, 0], dtype=D), torch.tensor([0.0, 1, 0, 2], dtype=D))
    case("mul", torch.mul, row.half(), torch.tensor(1.5))
    case("add", torch.add, row.bfloat16(), row.bfloat16())
    for op in ("eq", "ne", "lt", "le", "gt", "ge"):
        case(op, getattr(torch, op), a, b)
        case(op, getattr(torch, op), special.repeat_interleave(6), special.repeat(6))
        case(op, getattr(torch, op), i, row)
    for op in ("logical_and", "logical_or", "logical_xor"):
        case(op, getattr(torch, op), i, j[:1])
    for op in ("bitwise_and", "bitwise_or", "bitwise_xor"):
        case(op, getattr(torch, op), i, j)
        case(op, getattr(torch, op), i > 0, j > 0)
    case("where", torch.where, a > 0, a, row)
    case("where", torch.where, row > 0, scalar, a)
    case("masked_fill", lambda x, m: x.masked_fill(m, -3.5), a, row > 0, value=-3.5)
    for low, high in ((-1, 1), (None, 0.5), (-0.5, None), (1, -1)):
        bounds = dict(low=low, high=high)
        case("clamp", lambda x: x.clamp(low, high), torch.cat([a.flatten(), torch.tensor([0.5, -1], dtype=D)]), **bounds)
        case("clamp", lambda x: x.clamp(low, high), special, **bounds)
    case("lerp", torch.lerp, a, b, draws.rand(2, 3, dtype=D))
    case("lerp", torch.lerp, a, b, scalar.expand(2, 3))


def _reduce(case):
    x = draws.randn(2, 3, 5, dtype=D)
    x[0, 1, 2] = x[0, 1, 4]
    i = torch.randint(-9, 9, (3, 4))
    for op in ("sum", "mean", "prod", "amax", "amin"):
        function = getattr(torch, op)
        if op != "prod":
            for dims, keep in itertools.product(((0,), (1,), (-1,), (0, 2), (0, 1, 2)), (False, True)):
                case(op, lambda t: function(t, dims, keepdim=keep), x, dims=dims, keepdim=keep)
        else:
            for dim, keep in itertools.product((0, 1, -1), (False, True)):
                case(op, lambda t: torch.prod(t, dim, keepdim=keep), x, dims=(dim,), keepdim=keep)
        case(op, lambda t: function(t), x)
        case(op, lambda t: function(t), torch.tensor([1.5, math.nan, -math.inf], dtype=D), grad=False)
        case(op, lambda t: function(t), torch.tensor(2.5, dtype=D))
        if op != "mean":
            case(op, lambda t: function(t), i)
    for op in ("amax", "amin"):
        case(op, lambda t: getattr(torch, op)(t, 1), torch.tensor([[1.0, 3, 3], [2, 2, 2], [math.nan, 1, math.nan]], dtype=D),
             dims=(1,))
    for op in ("sum", "mean"):
        case(op, lambda t: getattr(torch, op)(t, 1), torch.zeros(3, 0, dtype=D), dims=(1,))
    case("sum", torch.sum, i.to(torch.uint8))
    case("sum", torch.sum, i > 0)
    case("prod", torch.prod, i.to(torch.int32))
    case("norm", torch.norm, torch.zeros(3, dtype=D))
    case("max", lambda t: torch.max(t, 0), torch.tensor([1.0, 3, 3], dtype=D), dim=0)
    case("argmax", lambda t: t.argmax(0), torch.tensor([1.0, math.nan, 3, math.nan], dtype=D), dim=0)
    case("sort", lambda t: torch.sort(t, stable=True, dim=0, descending=True),
         torch.tensor([1.0, math.nan, -1, 3, 1, math.nan], dtype=D), dim=0, descending=1)
    case("topk", lambda t: torch.topk(t, 2, 0, False), draws.randn(5, 3, dtype=D), k=2, dim=0, largest=0)
    zero = torch.tensor([[2.0, 0, 3], [1, 0, 0]], dtype=D)  # products with one zero and with two
    case("prod", lambda t: torch.prod(t, 1), zero, dims=(1,))
    for op in ("sum", "prod", "any", "all"):
        case(op, lambda t: getattr(torch, op)(t), torch.zeros(0, 3, dtype=torch.bool if op[0] == "a" else D))
        case(op, lambda t: getattr(torch, op)(t, 0), torch.zeros(0, 3, dtype=torch.bool if op[0] == "a" else D), dims=(0,))
    for op in ("any", "all"):
        case(op, lambda t: getattr(torch, op)(t, 1), i > 0, dims=(1,))
        case(op, lambda t: getattr(torch, op)(t), i != 9)
    for op in ("var", "std"):
        for dims, unbiased, keep in itertools.product(((1,), (0, 2)), (False, True), (False, True)):
            case(op, lambda t: getattr(torch, op)(t, dims, unbiased=unbiased, keepdim=keep), x, dims=dims,
                 correction=int(unbiased), keepdim=keep)
        case(op, lambda t: getattr(torch, op)(t), x)
    for dims in ((1,), (0, 2)):
        case("logsumexp", lambda t: torch.logsumexp(t, dims), x * 50, dims=dims)
    case("logsumexp", lambda t: torch.logsumexp(t, (0,)),
         torch.tensor([[-math.inf, math.inf, 1000.0], [-math.inf, 1, 999]], dtype=D), dims=(0,), grad=False)
    case("norm", torch.norm, x)
    for op in ("max", "min", "sort"):
        for dim in (0, 1, -1):
            case(op, lambda t: getattr(torch, op)(t, dim), draws.randn(4, 5, 3, dtype=D), dim=dim)
    case("max", lambda t: torch.max(t, 0), torch.tensor([1.0, math.nan, 3], dtype=D), dim=0, grad=False)
    case("sort", lambda t: torch.sort(t, stable=True, dim=0), torch.tensor([3, 1, 2, 1, 3, 0]), dim=0)
    case("sort", lambda t: torch.sort(t, 1, descending=True), draws.randn(3, 6, dtype=D), dim=1, descending=1)
    case("sort", lambda t: torch.sort(t, 0), torch.tensor([1.0, math.nan, -math.inf, 3, math.inf], dtype=D), dim=0, grad=False)
    for op in ("argmax", "argmin"):
        case(op, lambda t: getattr(torch, op)(t), x)
        case(op, lambda t: getattr(torch, op)(t, 1), x, dim=1)
        case(op, lambda t: getattr(torch, op)(t, -1, keepdim=True), i, dim=-1, keepdim=1)
    for op in ("cumsum", "cumprod"):
        for dim in (0, 1, -1):
            case(op, lambda t: getattr(torch, op)(t, dim), x, dim=dim)
        case(op, lambda t: getattr(torch, op)(t, 0), i, dim=0)
    case("cumprod", lambda t: torch.cumprod(t, 1), zero, dim=1)
    for largest in (True, False):
        case("topk", lambda t: torch.topk(t, 3, 1, largest), draws.randn(2, 7, dtype=D), k=3, dim=1, largest=largest)
    for op in ("softmax", "log_softmax"):
        case(op, lambda t: getattr(torch, op)(t, 1), torch.tensor([[1000.0, -1000, 999], [0, -math.inf, 1], [-math.inf] * 3],
                                                       dtype=D), dim=1)


def _matmul(case):
    r = lambda *s: draws.randn(*s, dtype=D)
    for s, t in (((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)),
                 ((5, 2, 3), (5, 3, 4)), ((7, 1, 2, 3), (5, 3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 4)), ((2, 0), (0, 3)),
                 ((0, 2), (2, 3)), ((1, 1), (1, 1)), ((17, 33), (33, 19))):
        case("matmul", torch.matmul, r(*s), r(*t))
    case("matmul", torch.matmul, r(3, 2).t(), r(4, 3).t())
    case("matmul", torch.matmul, torch.randint(-5, 5, (2, 3)), torch.randint(-5, 5, (3, 4)))
    case("linear", F.linear, r(2, 3, 4), r(5, 4), r(5))
    case("linear", F.linear, r(2, 3, 4), r(5, 4))
    case("outer", torch.outer, r(3), r(4))
    case("dot", torch.dot, r(5), r(5))


def _shapes(case):
    x = draws.randn(2, 3, 4, dtype=D)
    case("permute", lambda t: t.permute(2, 0, 1).contiguous(), x, dims=(2, 0, 1))
    case("movedim", lambda t: t.movedim(0, -1).contiguous(), x, source=0, destination=-1)
    case("expand", lambda t: t.expand(5, -1, 3, 4).contiguous(), draws.randn(2, 1, 4, dtype=D), size=(5, -1, 3, 4))
    case("slice", lambda t: t[:, -3:9:2].contiguous(), draws.randn(2, 7, dtype=D), dim=1, start=-3, end=9, step=2)
    case("select", lambda t: t.select(1, -1).contiguous(), x, dim=1, index=-1)
    case("windows", lambda t: t.unfold(1, 3, 2).contiguous(), draws.randn(2, 9, dtype=D), kernel=3, stride=2)
    case("cat", lambda *t: torch.cat(t, 1), draws.randn(2, 3, dtype=D), draws.randn(2, 1, dtype=D), draws.randn(2, 4, dtype=D),
         dim=1)
    case("cat", lambda *t: torch.cat(t, -1), draws.randn(2, 3, dtype=D), torch.randint(0, 5, (2, 2)), dim=-1)
    case("stack", lambda *t: torch.stack(t, -1), x, x + 1, dim=-1)
    case("pad", lambda t: F.pad(t, (1, 2, 0, 3), value=1.5), x, padding=(1, 2, 0, 3), value=1.5)
    case("pad", lambda t: F.pad(t, (-1, 2, 1, -2)), x, padding=(-1, 2, 1, -2), value=0)
    case("flip", lambda t: t.flip(0, 2), x, dims=(0, 2))
    case("roll", lambda t: t.roll(2, 1), x, shift=2, dim=1)
    case("roll", lambda t: t.roll(-5, 2), x, shift=-5, dim=2)
    case("repeat", lambda t: t.repeat(2, 1, 3, 1), x, repeats=(2, 1, 3, 1))
    index = torch.tensor([[2, 0, 0], [1, 1, 2]])
    case("gather", lambda t, i: t.gather(0, i), draws.randn(3, 4, dtype=D), index, dim=0)
    case("gather", lambda t, i: t.gather(1, i), draws.randn(4, 3, dtype=D), index, dim=1)
    case("scatter", lambda t, i, s: t.scatter(1, i, s), draws.randn(2, 4, dtype=D), torch.tensor([[3, 0], [1, 2]]),
         draws.randn(2, 2, dtype=D), dim=1)
    case("scatter_add", lambda t, i, s: t.scatter_add(1, i, s), draws.randn(2, 4, dtype=D), index, draws.randn(2, 3, dtype=D),
         dim=1)
    case("index_select", lambda t, i: t.index_select(1, i), x, torch.tensor([2, 0, 2, 1]), dim=1)
    case("index_add", lambda t, i, s: t.index_add(1, i, s), x, torch.tensor([2, 0, 2, 1]), draws.randn(2, 4, 4, dtype=D), dim=1)
    rows, columns = torch.tensor([2, 0, 2, 1, 0]), torch.tensor([3, 3, 0, 1, 3])
    case("index", lambda t, i, j: t[i, j], draws.randn(3, 4, 2, dtype=D), rows, columns)
    case("index", lambda t, m: t[m], x, x > 0.3)
    case("one_hot", lambda t: F.one_hot(t, 4), torch.tensor([[2, 0], [3, 1]]), classes=4)


def _promotion(golden):
    """Result dtypes of a sum, for pairs of: tensors with dimensions, tensors of rank 0, numbers."""
    table = {"tensor_tensor": [], "tensor_rank0": [], "tensor_int": [], "tensor_float": [], "rank0_tensor_div": []}
    place = {dtype: i for i, dtype in enumerate(DTYPES)}
    for a in DTYPES:
        x = torch.ones(2, dtype=a)
        table["tensor_int"].append(place[(x + 1).dtype])
        table["tensor_float"].append(place[(x + 1.5).dtype])
        for b in DTYPES:
            table["tensor_tensor"].append(place[(x + torch.ones(2, dtype=b)).dtype])
            table["tensor_rank0"].append(place[(x + torch.ones((), dtype=b)).dtype])
            table["rank0_tensor_div"].append(place[(torch.ones((), dtype=b) / x).dtype])
    golden.case("promotion", {k: torch.tensor(v) for k, v in table.items()})


def make():
    torch.manual_seed(13)
    case = OpCases()
    for part in (_unary, _binary, _reduce, _matmul, _shapes):
        part(case)
    _promotion(case.golden)
    case.golden.write("ops.safetensors.gz")
