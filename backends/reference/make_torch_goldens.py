#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes torch_goldens.txt: nodes and what PyTorch computes for them.

    apt-get install python3-torch
    /usr/bin/python3 make_torch_goldens.py > torch_goldens.txt

One node is a line `op <name> ints <i>.. doubles <d>..` and a line `in` or `out`, dtype, rank, sizes
and values for each tensor. Written with PyTorch 1.13.
"""

import math

import torch
import torch.nn.functional as F

torch.manual_seed(0)
NAN, INF = math.nan, math.inf
DTYPES = {
    torch.float32: "float32", torch.float64: "float64", torch.float16: "float16",
    torch.bfloat16: "bfloat16", torch.int32: "int32", torch.int64: "int64",
    torch.uint8: "uint8", torch.bool: "bool",
}


def real(*shape):
    """Normal numbers with three decimals, so that the file stays short."""
    return (torch.randn(*shape, dtype=torch.float64) * 1000).round() / 1000


def line(kind, tensor):
    values = tensor.detach().reshape(-1).tolist()
    text = [kind, DTYPES[tensor.dtype], str(tensor.dim())] + [str(s) for s in tensor.shape]
    text += [repr(float(v)) if tensor.dtype.is_floating_point else str(int(v)) for v in values]
    print(" ".join(text))


def node(op, inputs, outputs, ints=(), doubles=()):
    print(" ".join(["op", op, "ints"] + [str(int(i)) for i in ints] +
                   ["doubles"] + [repr(float(d)) for d in doubles]))
    for t in inputs:
        line("in", t)
    for t in outputs if isinstance(outputs, (list, tuple)) else [outputs]:
        line("out", t)


def gradients(f, inputs, g):
    inputs = [x.clone().requires_grad_() for x in inputs]
    return torch.autograd.grad(f(*inputs), inputs, g)


def elementwise():
    x = torch.cat([torch.tensor([NAN, INF, -INF, 0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, 100, -100,
                                 1e-30, 1e-300], dtype=torch.float64), real(17) * 2])
    for op in ("neg abs sign square relu exp exp2 expm1 log log2 log10 log1p sqrt rsqrt reciprocal sin "
               "cos tan asin acos atan sinh cosh tanh erf floor ceil round trunc sigmoid isnan isinf "
               "isfinite").split():
        node(op, [x], getattr(torch, op)(x))
    node("silu", [x], F.silu(x))
    node("gelu", [x], F.gelu(x))
    node("gelu_tanh", [x], F.gelu(x, approximate="tanh"))
    node("logsigmoid", [x], F.logsigmoid(x))
    # PyTorch cuts softplus off at 20; ours is exact there.
    below = x[~(x > 20)]
    node("softplus", [below], F.softplus(below))

    special = torch.tensor([NAN, INF, -INF, 0.0, 1, -2.5, 7, 1e-300], dtype=torch.float64)
    a, b = [t.reshape(-1) for t in torch.meshgrid(special, special, indexing="ij")]
    for op in "add sub mul div pow maximum minimum remainder fmod floor_divide atan2 eq ne lt le gt ge".split():
        # 1.13 rounds some exact quotients by tiny divisors differently; C's fmod is exact.
        keep = torch.ones_like(a, dtype=torch.bool)
        if op in ("remainder", "fmod", "floor_divide"):
            keep = b != 1e-300
        node(op, [a[keep], b[keep]], getattr(torch, op)(a[keep], b[keep]))
    node("trunc_divide", [a, b], torch.div(a, b, rounding_mode="trunc"))

    i, j = [t.reshape(-1) for t in torch.meshgrid(
        torch.tensor([7, -7, 0, 1, -1, 2**31 - 1, -2**31], dtype=torch.int32),
        torch.tensor([3, -3, 1, 2, -2], dtype=torch.int32), indexing="ij")]
    for op in "add sub mul maximum minimum remainder fmod floor_divide bitwise_and bitwise_or bitwise_xor eq lt".split():
        node(op, [i, j], getattr(torch, op)(i, j))
    node("trunc_divide", [i, j], torch.div(i, j, rounding_mode="trunc"))
    node("pow", [i, j.abs()], torch.pow(i, j.abs()))
    u = torch.tensor([0, 1, 2, 200, 255], dtype=torch.uint8)
    for op in "neg bitwise_not square".split():
        node(op, [u], getattr(torch, op)(u))
    node("mul", [u, u.flip(0)], u * u.flip(0))
    node("where", [a > 0, a, b], torch.where(a > 0, a, b))

    g, y = real(31), real(31)
    node("silu_backward", [g, y], gradients(F.silu, [y], g))
    node("gelu_backward", [g, y], gradients(F.gelu, [y], g))
    node("gelu_tanh_backward", [g, y], gradients(lambda t: F.gelu(t, approximate="tanh"), [y], g))
    node("relu_backward", [g, torch.relu(y)], gradients(torch.relu, [y], g))
    node("sigmoid_backward", [g, torch.sigmoid(y)], gradients(torch.sigmoid, [y], g))
    node("tanh_backward", [g, torch.tanh(y)], gradients(torch.tanh, [y], g))


def activations():
    x = torch.cat([torch.tensor([NAN, INF, -INF, 0.0, 1, -1, 40, -40, 4, -4, -3, 3], dtype=torch.float64), real(17) * 2])
    b, g, y = real(29), real(29), real(29) * 2
    node("mish", [x], F.mish(x))
    node("hardswish", [x], F.hardswish(x))
    slope, alpha = torch.tensor(0.25, dtype=torch.float64), torch.tensor(1.5, dtype=torch.float64)
    node("prelu", [x, slope.expand(29)], F.leaky_relu(x, 0.25))
    node("prelu", [y, b], torch.where(y > 0, y, y * b))
    node("elu", [x, alpha.expand(29)], F.elu(x, 1.5))
    node("mish_backward", [g, y], gradients(F.mish, [y], g))
    node("hardswish_backward", [g, y], gradients(F.hardswish, [y], g))
    unit = torch.cat([torch.tensor([NAN, INF, 1, -1, 1.5, 0.0, -0.0, 1e-30], dtype=torch.float64), real(21) / 10])
    node("erfinv", [unit], torch.erfinv(unit))


def moves():
    wide = torch.cat([real(19) * 100, torch.tensor([NAN, INF, -INF, 65519.0, 65520.0, 1e-8, 3e38, 1e39],
                                                   dtype=torch.float64)])
    for dtype in (torch.float32, torch.float16, torch.bfloat16, torch.bool):
        # Half types by way of float32, as PyTorch rounds.
        source = wide.float() if dtype in (torch.float16, torch.bfloat16) else wide
        node("copy", [source], source.to(dtype))
    node("copy", [wide[:19]], wide[:19].to(torch.int32))
    node("arange", [torch.tensor(-3), torch.tensor(4)], torch.arange(-3, 25, 4))
    x, index = real(4, 5), torch.tensor([[4, 0, 4], [2, 2, 1], [0, 1, 3]])
    node("gather", [x, index], torch.gather(x, 1, index), [1])
    src = real(3, 3)
    unique = torch.tensor([[4, 0, 3], [2, 0, 1], [0, 1, 3]])
    node("scatter", [x, unique, src], x.scatter(1, unique, src), [1])
    node("scatter_add", [x, index, src], x.scatter_add(1, index, src), [1])
    rows = torch.tensor([3, 0, 3])
    node("index_select", [x, rows], torch.index_select(x, 0, rows), [0])
    added = real(3, 5)
    node("index_add", [x, rows, added], x.index_add(0, rows, added), [0])
    y = real(4, 2)
    node("cat", [x, y, x], torch.cat([x, y, x], 1), [1])
    value = torch.tensor(1.5, dtype=torch.float64)
    node("pad", [x, value], F.pad(x, (2, -1, -1, 3), value=1.5), [-1, 3, 2, -1])
    node("flip", [x], x.flip(0, 1), [0, 1])
    g, image = real(2, 2, 3, 3, 2), torch.zeros(2, 5, 7, dtype=torch.float64)
    node("fold_windows", [g],
         gradients(lambda t: t.unfold(1, 3, 2).unfold(2, 2, 2), [image], g), [2, 5, 7, 3, 2, 2, 2, 1, 1])


def reductions():
    x = real(3, 4, 5)
    for op, f in (("sum", torch.sum), ("amax", torch.amax), ("amin", torch.amin)):
        node(op, [x], f(x, (0, 2)), [0, 0, 2])
        node(op, [x], f(x, (1,), keepdim=True), [1, 1])
    node("prod", [x], x.prod(1), [0, 1])
    holes = torch.tensor([[1, NAN, 3, NAN], [2, 5, 5, 1], [-INF, -INF, 0, 0]], dtype=torch.float64)
    node("amax", [holes], holes.amax(1), [0, 1])
    node("sum", [holes], holes.sum(0), [0, 0])
    node("cumsum", [holes], holes.cumsum(1), [1])
    # torch.argmax does not promise the first of equals; max over a line of distinct values does.
    distinct = torch.tensor([[1, NAN, 3, 4], [2, 5, 4, 1]], dtype=torch.float64)
    node("argmax", [distinct], distinct.argmax(1), [0, 1])
    node("argmin", [distinct], distinct.argmin(1, keepdim=True), [1, 1])
    node("cumsum", [x], x.cumsum(1), [1])
    node("cumprod", [x], x.cumprod(0), [0])
    flags = torch.tensor([[True, False], [True, True], [False, False]])
    node("any", [flags], flags.any(1), [0, 1])
    node("all", [flags], flags.all(1), [0, 1])
    ties = torch.tensor([2, NAN, 1, 2, -INF, 1], dtype=torch.float64)
    for descending in (False, True):
        node("sort", [ties], list(torch.sort(ties, dim=0, descending=descending, stable=True)),
             [0, descending])
    node("topk", [x], list(torch.topk(x, 2, 1)), [2, 1, 1, 1])
    node("topk", [x], list(torch.topk(x, 3, 2, largest=False)), [3, 2, 0, 1])


def products():
    a, b = real(2, 3, 4, 5), real(2, 3, 5, 2)
    node("matmul", [a, b], a @ b)
    i, j = torch.randint(-9, 9, (3, 4)), torch.randint(-9, 9, (4, 2))
    node("matmul", [i, j], i @ j)
    x, w, bias = real(2, 3, 5), real(4, 5), real(4)
    node("linear", [x, w, bias], F.linear(x, w, bias))
    node("linear", [x, w], F.linear(x, w))
    for stride, pad, dilation, groups in (((1, 1), (0, 0), (1, 1), 1), ((2, 1), (1, 2), (1, 2), 1),
                                          ((1, 2), (1, 0), (2, 1), 2), ((2, 3), (1, 1), (1, 1), 4)):
        x, w, bias = real(2, 4, 5, 6), real(4, 4 // groups, 3, 2), real(4)
        f = lambda x, w: F.conv2d(x, w, None, stride, pad, dilation, groups)
        y = f(x, w)
        ints = list(stride + pad + dilation) + [groups]
        node("conv2d", [x, w, bias], F.conv2d(x, w, bias, stride, pad, dilation, groups), ints)
        node("conv2d", [x, w], y, ints)
        g = real(*y.shape)
        gx, gw = gradients(f, [x, w], g)
        node("conv2d_backward_input", [g, w], gx, ints + [5, 6])
        node("conv2d_backward_weight", [g, x], gw, ints + [3, 2])


def pooling():
    x = real(1, 2, 7, 8)
    for kernel, stride, pad, dilation, ceil in (((2, 2), (2, 2), (0, 0), (1, 1), 0),
                                                ((3, 2), (2, 3), (1, 1), (1, 1), 0),
                                                ((3, 3), (2, 2), (0, 1), (1, 1), 1),
                                                ((2, 3), (1, 2), (1, 0), (2, 2), 0)):
        f = lambda x: F.max_pool2d(x, kernel, stride, pad, dilation, ceil_mode=bool(ceil))
        ints = list(kernel + stride + pad + dilation) + [ceil]
        y = f(x)
        node("max_pool2d", [x], y, ints)
        g = real(*y.shape)
        node("max_pool2d_backward", [g, x], gradients(f, [x], g), ints)
    for kernel, stride, pad, ceil, include, divisor in (((2, 2), (2, 2), (0, 0), 0, 1, 0),
                                                        ((3, 2), (2, 3), (1, 1), 0, 1, 0),
                                                        ((3, 3), (2, 2), (1, 1), 1, 1, 0),
                                                        ((3, 3), (2, 2), (1, 1), 1, 0, 0),
                                                        ((3, 2), (2, 1), (0, 1), 0, 1, 5)):
        y = F.avg_pool2d(x, kernel, stride, pad, bool(ceil), bool(include), divisor or None)
        node("avg_pool2d", [x], y, list(kernel + stride + pad) + [ceil, include, divisor])


def losses():
    x = real(3, 4, 5)
    for op, f in (("softmax", torch.softmax), ("log_softmax", torch.log_softmax)):
        for dim in (1, 2):
            y = f(x, dim)
            g = real(*y.shape)
            node(op, [x], y, [dim])
            node(op + "_backward", [g, y], gradients(lambda t: f(t, dim), [x], g), [dim])
    tails = torch.tensor([[1e4, 0, -1e4], [-INF, 0, 1], [-INF, -INF, -INF], [NAN, 0, 1]], dtype=torch.float64)
    node("softmax", [tails], torch.softmax(tails, 1), [1])
    node("log_softmax", [tails], torch.log_softmax(tails, 1), [1])
    logits, target = real(4, 5), torch.tensor([3, -7, 0, 4])
    for code, name in ((1, "mean"), (2, "sum")):
        f = lambda t: F.cross_entropy(t, target, ignore_index=-7, reduction=name)
        lse = torch.logsumexp(logits, 1)
        node("cross_entropy", [logits, target], [f(logits), lse], [code, -7])
        g = torch.tensor(0.7, dtype=torch.float64)
        node("cross_entropy_backward", [g, logits, target, lse], gradients(f, [logits], g), [code, -7])
        y = torch.rand(4, 5, dtype=torch.float64)
        f = lambda t: F.binary_cross_entropy_with_logits(t, y, reduction=name)
        wide = logits * 50
        node("bce_with_logits", [wide, y], f(wide), [code])
        node("bce_with_logits_backward", [g, wide, y], gradients(f, [wide], g), [code])


def optimizers():
    def run(make, steps):
        """Yields (parameter, gradient, state before), (parameter, state after) for every step."""
        p = torch.nn.Parameter(real(3))
        optimizer = make([p])
        for _ in range(steps):
            p.grad = real(3)
            state = {k: v.clone() for k, v in optimizer.state[p].items() if torch.is_tensor(v)}
            before = p.detach().clone(), p.grad.clone(), state
            optimizer.step()
            yield before, (p.detach().clone(), optimizer.state[p])

    for momentum, dampening, nesterov, decay, maximize in ((0.9, 0, 0, 0, 0), (0.9, 0.2, 0, 0.1, 1),
                                                           (0.8, 0, 1, 0.1, 0), (0, 0, 0, 0.1, 0)):
        make = lambda ps: torch.optim.SGD(ps, lr=0.1, momentum=momentum, dampening=dampening,
                                          nesterov=bool(nesterov), weight_decay=decay,
                                          maximize=bool(maximize))
        for step, ((p, g, old), (q, new)) in enumerate(run(make, 2)):
            inputs, outputs = [p, g], [q]
            if momentum:
                inputs.append(old.get("momentum_buffer") if step else torch.zeros_like(p))
                outputs.append(new["momentum_buffer"].clone())
            node("sgd_step", inputs, outputs, [1, momentum != 0, nesterov, maximize, step == 0],
                 [0.1, momentum, dampening, decay])
    for amsgrad, decoupled, maximize, decay in ((0, 0, 0, 0), (0, 0, 1, 0.1), (1, 0, 0, 0.1), (0, 1, 0, 0.1)):
        kind = torch.optim.AdamW if decoupled else torch.optim.Adam
        make = lambda ps: kind(ps, lr=0.1, betas=(0.8, 0.9), eps=1e-6, weight_decay=decay,
                               amsgrad=bool(amsgrad), maximize=bool(maximize))
        for step, ((p, g, old), (q, new)) in enumerate(run(make, 3)):
            names = ["exp_avg", "exp_avg_sq"] + (["max_exp_avg_sq"] if amsgrad else [])
            states = [old[n] if step else torch.zeros_like(p) for n in names]
            node("adam_step", [p, g] + states, [q] + [new[n].clone() for n in names],
                 [1, amsgrad, decoupled, maximize, step + 1], [0.1, 0.8, 0.9, 1e-6, decay])


print("# SPDX-License-Identifier: Apache-2.0")
print("# Made by make_torch_goldens.py with PyTorch", torch.__version__)
for family in (elementwise, moves, reductions, products, pooling, losses, optimizers, activations):
    family()
