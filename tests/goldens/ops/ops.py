#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes ops.golden: what PyTorch makes of small inputs, with gradients. ops_test.cc reads it.

    apt-get install python3-torch        # 1.13 made the file that is committed
    /usr/bin/python3 tests/goldens/ops/ops.py > tests/goldens/ops/ops.golden

A case is a name, inputs and a function. The gradient of each floating input is taken with the
cotangent ((7 i) mod 11 - 5) / 5 for element i of the output. The file, a line each:

    case NAME
    input DTYPE [SHAPE] VALUES
    output DTYPE [SHAPE] VALUES      (one a result)
    grad INPUT [SHAPE] VALUES
"""
import torch
import torch.nn.functional as F

CASES = []


def case(name, f, *inputs):
    CASES.append((name, f, inputs))


def real(*shape, low=-2.0, high=2.0, dtype=torch.float32):
    return low + (high - low) * torch.rand(shape, generator=GENERATOR, dtype=torch.float64).to(dtype)


def ints(*shape, low=0, high=9, dtype=torch.int64):
    return torch.randint(low, high, shape, generator=GENERATOR).to(dtype)


def flags(*shape):
    return torch.rand(shape, generator=GENERATOR) < 0.5


def values(*xs, dtype=torch.float32):
    return torch.tensor(xs, dtype=dtype)


GENERATOR = torch.Generator().manual_seed(20)
INF, NAN = float("inf"), float("nan")
EXTREMES = values(0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 100.0, -100.0, 1e-30, INF, -INF, NAN)

# ---- elementwise ----
for name in ("neg", "abs", "sign", "exp", "exp2", "expm1", "sin", "cos", "tanh", "erf", "sigmoid", "relu",
             "square", "atan", "sinh", "cosh"):
    case(name, getattr(torch, name), real(2, 5))
    case(name + "_extremes", getattr(torch, name), EXTREMES)
for name in ("log", "log2", "log10", "sqrt", "rsqrt", "reciprocal", "log1p"):
    case(name, getattr(torch, name), real(2, 5, low=0.1, high=3))
    case(name + "_extremes", getattr(torch, name), EXTREMES)
for name in ("asin", "acos", "tan"):
    case(name, getattr(torch, name), real(7, low=-0.9, high=0.9))
for name in ("floor", "ceil", "round", "trunc"):
    case(name, getattr(torch, name), values(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4999, -0.0, INF, NAN))
for name in ("silu", "gelu", "softplus", "logsigmoid"):
    case(name, getattr(F, name), real(11, low=-6, high=6))
case("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), real(11, low=-6, high=6))
for name in ("add", "sub", "mul", "div", "maximum", "minimum", "atan2"):
    case(name, getattr(torch, name), real(3, 4), real(3, 4))
    case(name + "_broadcast", getattr(torch, name), real(2, 1, 3), real(4, 1))
case("maximum_ties", torch.maximum, values(1.0, 2.0, 3.0), values(1.0, 3.0, 2.0))
case("pow", torch.pow, real(2, 3, low=0.2, high=3), real(3))
case("pow_square_of_negative", lambda x: torch.pow(x, 2), real(5))
case("pow_zero", torch.pow, values(0.0, 0.0, 2.0, 0.0), values(0.0, 1.0, 0.0, 2.0))
case("pow_ints", torch.pow, ints(6, low=-3, high=4), ints(6, low=0, high=5))
for name in ("remainder", "fmod"):
    case(name, getattr(torch, name), real(9, low=-5, high=5), real(9, low=0.5, high=2))
    case(name + "_ints", getattr(torch, name), ints(9, low=-9, high=9), values(3, -3, 2, -2, 5, -5, 1, -1, 7, dtype=torch.int64))
case("floor_divide_ints", lambda a, b: torch.div(a, b, rounding_mode="floor"), ints(8, low=-9, high=9), values(3, -3, 2, -2, 5, -5, 1, -1, dtype=torch.int64))
case("trunc_divide_ints", lambda a, b: torch.div(a, b, rounding_mode="trunc"), ints(8, low=-9, high=9), values(3, -3, 2, -2, 5, -5, 1, -1, dtype=torch.int64))
case("div_ints", torch.div, ints(5), ints(5, low=1))
case("add_int_float", torch.add, ints(4), real(4))
case("add_uint8_int64", torch.add, ints(4, dtype=torch.uint8), ints(4))
case("add_bool_bool", torch.add, flags(6), flags(6))
case("mul_half_number", lambda x: x * 1.5, real(5).to(torch.float16))
for name in ("eq", "ne", "lt", "le", "gt", "ge"):
    case(name, getattr(torch, name), values(1.0, 2.0, 3.0, NAN, INF), values(1.0, 3.0, 2.0, NAN, INF))
case("where", torch.where, flags(2, 3), real(2, 3), real(3))
case("masked_fill", lambda x, m: x.masked_fill(m, -1.5), real(2, 3), flags(2, 3))
case("clamp", lambda x: x.clamp(-0.5, 1.0), real(9))
case("clamp_at_bounds", lambda x: x.clamp(-0.5, 1.0), values(-0.5, 1.0, NAN, 0.0, 2.0))
case("clamp_min", lambda x: x.clamp(min=0.25), real(9))
case("lerp", lambda a, b: torch.lerp(a, b, 0.3), real(5), real(5))

# ---- reductions ----
for name in ("sum", "mean", "prod", "amax", "amin", "var", "std"):
    case(name + "_dim", lambda x, name=name: getattr(torch, name)(x, 1), real(2, 3, 4))
    case(name + "_keepdim", lambda x, name=name: getattr(torch, name)(x, 0, keepdim=True), real(3, 4))
for name in ("sum", "mean", "prod", "var"):
    case(name + "_all", getattr(torch, name), real(3, 4))
case("sum_dims", lambda x: x.sum((0, 2)), real(2, 3, 4))
case("sum_of_ints", torch.sum, ints(3, 4, dtype=torch.int32))
case("sum_of_bools", torch.sum, flags(7))
case("sum_of_nothing", lambda x: x.sum(1), real(3, 0))
case("mean_of_nothing", lambda x: x.mean(1), real(3, 0))
case("prod_with_zero", lambda x: x.prod(1), torch.tensor([[1.0, 0.0, 3.0], [0.0, 2.0, 0.0]]))
case("amax_ties", lambda x: x.amax(1), torch.tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]))
case("amax_nan", lambda x: x.amax(0), values(1.0, NAN, 3.0))
case("max_dim", lambda x: torch.max(x, 1), real(3, 5))
case("min_dim", lambda x: torch.min(x, 0), real(3, 5))
case("max_ties", lambda x: torch.max(x, 0), values(1.0, 3.0, 3.0))
case("argmax", torch.argmax, real(3, 5))
case("argmin_dim", lambda x: x.argmin(1), real(3, 5))
case("argmax_nan", lambda x: x.argmax(0), values(1.0, NAN, 3.0, NAN))
case("var_population", lambda x: x.var(1, unbiased=False), real(3, 5))
case("logsumexp", lambda x: x.logsumexp(1), real(3, 5))
case("logsumexp_large", lambda x: x.logsumexp(1), torch.tensor([[1000.0, 1000.0], [-1000.0, -1001.0], [-INF, -INF], [INF, 0.0]], dtype=torch.float64))
case("norm", torch.norm, real(3, 4))
case("norm_of_zeros", torch.norm, torch.zeros(3))
case("any_dim", lambda x: x.any(1), flags(4, 2))
case("all_dim", lambda x: x.all(1), flags(4, 2))
case("cumsum", lambda x: x.cumsum(1), real(3, 4))
case("cumprod", lambda x: x.cumprod(1), real(3, 4))
case("cumprod_with_zero", lambda x: x.cumprod(0), values(2.0, 0.0, 3.0, 0.0, 4.0))
case("sort", lambda x: x.sort(1), real(3, 7))
case("sort_descending_nan", lambda x: x.sort(stable=True, dim=0, descending=True), values(1.0, NAN, -1.0, 3.0))
case("topk", lambda x: x.topk(3, 1), real(2, 7))
case("topk_smallest", lambda x: x.topk(2, 0, largest=False), real(5, 3))

# ---- shapes ----
case("permute", lambda x: x.permute(2, 0, 1), real(2, 3, 4))
case("expand", lambda x: x.expand(4, 3, -1), real(3, 1).expand(3, 1))
case("select", lambda x: x[:, -1], real(3, 4))
case("slice_step", lambda x: x[1:10:3], real(11))
case("cat", lambda a, b: torch.cat((a, b), 1), real(2, 3), real(2, 2))
case("stack", lambda a, b: torch.stack((a, b), 1), real(2, 3), real(2, 3))
case("pad", lambda x: F.pad(x, (1, 2, -1, 3), value=0.5), real(2, 4, 3))
case("flip", lambda x: x.flip(0, 2), real(2, 3, 4))
case("roll", lambda x: x.roll(2, 1), real(2, 5))
case("repeat", lambda x: x.repeat(2, 3, 2), real(2, 3))
case("tensor_index", lambda x, i, j: x[i, j], real(3, 4, 2), ints(5, high=3), ints(5, high=4))
case("mask_index", lambda x, m: x[m], real(3, 4), flags(3, 4))
case("gather", lambda x, i: x.gather(1, i), real(3, 4), ints(3, 6, high=4))
case("scatter_add", lambda x, i, s: x.scatter_add(0, i, s), real(4, 3), ints(5, 3, high=4), real(5, 3))
case("index_select", lambda x, i: x.index_select(1, i), real(2, 4), ints(5, high=4))
case("index_add", lambda x, i, s: x.index_add(0, i, s), real(4, 2), ints(6, high=4), real(6, 2))
case("one_hot", lambda i: F.one_hot(i, 5), ints(2, 3, high=5))

# ---- products ----
case("matmul", torch.matmul, real(3, 4), real(4, 5))
case("matmul_vector", torch.matmul, real(3, 4), real(4))
case("vector_matmul", torch.matmul, real(4), real(2, 4, 3))
case("matmul_batch_broadcast", torch.matmul, real(2, 1, 3, 4), real(5, 4, 2))
case("matmul_empty", torch.matmul, real(3, 0), real(0, 2))
case("linear", F.linear, real(2, 3, 4), real(5, 4), real(5))
case("conv2d", lambda x, w, b: F.conv2d(x, w, b, padding=1), real(2, 3, 5, 4), real(4, 3, 3, 3), real(4))
case("conv2d_options", lambda x, w: F.conv2d(x, w, None, (2, 1), (1, 2), (1, 2), 2), real(1, 4, 6, 7), real(4, 2, 3, 3))
case("max_pool2d", lambda x: F.max_pool2d(x, 2), real(2, 2, 5, 4))
case("max_pool2d_options", lambda x: F.max_pool2d(x, 3, 2, 1, 1, True), real(1, 2, 6, 7))
case("max_pool2d_dilated", lambda x: F.max_pool2d(x, (2, 3), (1, 2), (1, 0), (2, 1)), real(1, 2, 5, 6))
case("avg_pool2d", lambda x: F.avg_pool2d(x, 3, 2, 1), real(1, 2, 6, 5))
case("avg_pool2d_ceil_no_pad", lambda x: F.avg_pool2d(x, 3, 2, 1, True, False), real(1, 2, 6, 6))
case("avg_pool2d_ceil_pad", lambda x: F.avg_pool2d(x, (3, 2), 2, (1, 0), True, True), real(1, 2, 6, 7))

# ---- softmax and losses ----
case("softmax", lambda x: F.softmax(x, 1), real(3, 5))
case("softmax_extremes", lambda x: F.softmax(x, 1), torch.tensor([[1e4, 0.0, -1e4], [-INF, 0.0, 1.0], [-INF, -INF, -INF]]))
case("log_softmax", lambda x: F.log_softmax(x, 0), real(3, 5))
case("cross_entropy", F.cross_entropy, real(4, 5), ints(4, high=5))
case("cross_entropy_sum", lambda x, y: F.cross_entropy(x, y, reduction="sum"), real(4, 5), ints(4, high=5))
case("cross_entropy_ignored", F.cross_entropy, real(3, 4), values(1, -100, 3, dtype=torch.int64))
case("cross_entropy_all_ignored", F.cross_entropy, real(2, 4), values(-100, -100, dtype=torch.int64))
case("bce_with_logits", F.binary_cross_entropy_with_logits, real(3, 2), real(3, 2, low=0, high=1))
case("bce_with_logits_extremes", lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction="sum"), values(100.0, -100.0, 100.0, -100.0), values(1.0, 1.0, 0.0, 0.0))

NAMES = {torch.float32: "float32", torch.float64: "float64", torch.float16: "float16", torch.bfloat16: "bfloat16",
         torch.int32: "int32", torch.int64: "int64", torch.uint8: "uint8", torch.bool: "bool"}


def text(t):
    t = t.detach().contiguous()
    shape = ",".join(str(s) for s in t.shape)
    flat = t.reshape(-1).tolist()
    numbers = " ".join(f"{v:.9g}" if isinstance(v, float) else str(int(v)) for v in flat)
    return f"[{shape}] {numbers}".rstrip()


for name, f, inputs in CASES:
    leaves = [x.detach().clone().requires_grad_(x.is_floating_point()) for x in inputs]
    out = f(*leaves)
    outputs = list(out) if isinstance(out, (tuple, list)) else [out]
    print("case", name)
    for x in leaves:
        print("input", NAMES[x.dtype], text(x))
    for y in outputs:
        print("output", NAMES[y.dtype], text(y))
    if outputs[0].requires_grad:
        i = torch.arange(outputs[0].numel(), dtype=torch.float64)
        g = (((7 * i) % 11 - 5) / 5).reshape(outputs[0].shape).to(outputs[0].dtype)
        wanted = [k for k, x in enumerate(leaves) if x.requires_grad]
        grads = torch.autograd.grad(outputs[0], [leaves[k] for k in wanted], g, allow_unused=True)
        for k, grad in zip(wanted, grads):
            if grad is not None:
                print("grad", k, text(grad))
