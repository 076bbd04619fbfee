// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/linalg.h"

#include <limits>

#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/linalg_samples.h"
#include "tessera/tensor/ops/matmul.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/scan.h"
#include "tessera/tensor/ops/triangular.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

absl::Status check_square(const InferContext& c) {
  const Shape& a = c.shape(0);
  if (c.dtype(0) != kFloat32 && c.dtype(0) != kFloat64) {
    return c.invalid("wants float32 or float64, got ", dtype_name(c.dtype(0)));
  }
  if (a.rank() < 2 || a[-1] != a[-2]) {
    return c.invalid("wants square matrices (B.., n, n), got ", a.to_string());
  }
  return absl::OkStatus();
}

// a (B.., n, n), b (B.., n, k) -> (B.., n, k)
absl::Status infer_solve(InferContext& c) {
  TESSERA_RETURN_IF_ERROR(check_square(c));
  TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 1));
  const Shape &a = c.shape(0), &b = c.shape(1);
  bool fits = a.rank() == b.rank() && a[-1] == b[-2];
  for (int d = 0; fits && d < a.rank() - 2; ++d) fits = a[d] == b[d];
  if (!fits) {
    return c.invalid("shapes ", a.to_string(), " and ", b.to_string(),
                     " do not fit: wants (B.., n, n) and (B.., n, k)");
  }
  c.add_output(c.dtype(0), b);
  return absl::OkStatus();
}

Tensor transposed(const Tensor& a) { return transpose(a, -1, -2); }

extern const OpDef kSolveTriangular;

// a x = b, where both have the same batch.
Tensor triangular(const Tensor& a, const Tensor& b, bool upper, bool unit = false) {
  return dispatch(kSolveTriangular, {&a, &b}, {upper ? 1 : 0, unit ? 1 : 0});
}

Tensor half_diagonal_tril(const Tensor& m) {
  return tril(m, -1) + diag_embed(diagonal(m, 0, -2, -1)) * 0.5;
}

// a -> L. With P = tril(L^T gL), its diagonal halved, the gradient is L^-T P L^-1, made symmetric.
const OpDef kCholesky = {
    .name = "linalg.cholesky",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_square(c));
          c.add_output(c.dtype(0), c.shape(0));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Tensor& l = c.output(0);
          Tensor up = transposed(l);
          Tensor left = triangular(up, half_diagonal_tril(matmul(up, c.grad())), true);
          Tensor g = transposed(triangular(up, transposed(left), true));
          c.set(0, (g + transposed(g)) * 0.5);
        },
    .saved_outputs = 1,
    .traits = kOptional,
    .samples = cholesky_samples,
};

// a, b -> x with a x = b. The gradient of b is y with a^T y = g, of a it is -y x^T.
const OpDef kSolve = {
    .name = "linalg.solve",
    .infer = infer_solve,
    .vjp =
        [](VjpContext& c) {
          Tensor a = transposed(c.input(0)), g = c.grad();
          Tensor y = linalg::solve(a, g);
          if (c.needs(0)) c.set(0, -matmul(y, transposed(c.output(0))));
          if (c.needs(1)) c.set(1, y);
        },
    .saved_inputs = 1,
    .saved_outputs = 1,
    .traits = kOptional,
    .samples = solve_samples,
};

// a, b; ints: upper, unitriangular -> x with a x = b. The gradients are solve's, of a in its
// triangle.
const OpDef kSolveTriangular = {
    .name = "linalg.solve_triangular",
    .infer = infer_solve,
    .vjp =
        [](VjpContext& c) {
          const bool upper = c.int_attribute(0) != 0, unit = c.int_attribute(1) != 0;
          Tensor y = triangular(transposed(c.input(0)), c.grad(), !upper, unit);
          if (c.needs(0)) {
            Tensor g = -matmul(y, transposed(c.output(0)));
            c.set(0, upper ? triu(g, unit ? 1 : 0) : tril(g, unit ? -1 : 0));
          }
          if (c.needs(1)) c.set(1, y);
        },
    .saved_inputs = 1,
    .saved_outputs = 1,
    .traits = kOptional,
    .samples = solve_triangular_samples,
};

// `rows` int64 (B.., n): row i of the result is row rows[i] of x (B.., n, k).
Tensor take_rows(const Tensor& x, const Tensor& rows) {
  return gather(x, -2, expand(unsqueeze(rows, -1), x.shape()));
}

// a -> LU, order (int64): a's rows in that order are L U, where LU holds U and, below the diagonal,
// L, whose diagonal is 1. With M = tril(L^T gL, -1) + triu(gU U^T) the gradient of those rows is
// L^-T M U^-T.
const OpDef kLuFactor = {
    .name = "linalg.lu_factor",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_square(c));
          Shape order = c.shape(0);
          order.erase(order.rank() - 1);
          c.add_output(c.dtype(0), c.shape(0));
          c.add_output(kInt64, std::move(order));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Tensor& lu = c.output(0);
          Tensor up = triu(lu), low = transposed(lu);  // low: L^T in its upper triangle
          Tensor l_g = matmul(triu(low, 1), tril(c.grad(0), -1)) + tril(c.grad(0), -1);
          Tensor m = tril(l_g, -1) + triu(matmul(triu(c.grad(0)), transposed(up)));
          Tensor left = triangular(low, m, /*upper=*/true, /*unit=*/true);
          // left U^-T is the transpose of U^-1 left^T.
          Tensor rows = transposed(triangular(lu, transposed(left), /*upper=*/true));
          c.set(0, take_rows(rows, argsort(c.output(1), -1)));
        },
    .saved_outputs = 3,
    .traits = kOptional,
    .samples = lu_factor_samples,
};

// 1 or -1 for an even or odd order (B.., n) of rows, in `dtype`.
Tensor sign_of_order(const Tensor& order, DType dtype) {
  Tensor inversions = triu(gt(unsqueeze(order, -1), unsqueeze(order, -2)), 1);
  return (1 - remainder(sum(inversions, {-1, -2}), 2) * 2).to(dtype);
}

struct Lu {
  Tensor lu, order;
};
Lu lu_factor(const Tensor& a) {
  const Tensor* inputs[] = {&a};
  std::vector<Tensor> out = dispatch_all(kLuFactor, inputs);
  return {out[0], out[1]};
}

// det(a) a^-T, the matrix of cofactors. Of a singular matrix the zeros on U's diagonal are moved by
// a rounding error, which moves the result by as little; its own gradient is nan there.
Tensor cofactors(const Tensor& a) {
  auto [lu, order] = lu_factor(a);
  Tensor u = diagonal(lu, 0, -2, -1), tiny;
  {
    NoGradGuard no_grad;
    const double eps = a.dtype() == kFloat64 ? std::numeric_limits<double>::epsilon()
                                             : std::numeric_limits<float>::epsilon();
    Tensor scale = amax(abs(lu), {-1, -2}, true);
    tiny = squeeze(where(scale == 0, 1, scale), -1) * eps;
  }
  Tensor moved = where(u == 0, tiny, u);
  Tensor nonzero_lu = lu + diag_embed(moved - u);
  Tensor unit = expand(eye(a.size(-1), {.dtype = a.dtype(), .device = a.device()}), a.shape());
  Tensor inner = triangular(transposed(nonzero_lu), unit, /*upper=*/false);
  Tensor inverse = triangular(transposed(nonzero_lu), inner, /*upper=*/true, /*unit=*/true);
  Tensor det = prod(moved, {-1}) * sign_of_order(order, a.dtype());
  return take_rows(inverse, argsort(order, -1)) * unsqueeze(unsqueeze(det, -1), -1);
}

const OpDef kDet = {
    .name = "linalg.det",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_square(c));
          Shape shape = c.shape(0);
          shape.resize(shape.size() - 2);
          c.add_output(c.dtype(0), std::move(shape));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Tensor& a = c.input(0);
          if (a.numel() == 0) return c.set(0, zeros_like(a));
          c.set(0, cofactors(a) * unsqueeze(unsqueeze(c.grad(), -1), -1));
        },
    .decompose =
        [](TensorRefs in, const Attributes&) {
          auto [lu, order] = lu_factor(*in[0]);
          return std::vector<Tensor>{prod(diagonal(lu, 0, -2, -1), {-1}) *
                                     sign_of_order(order, lu.dtype())};
        },
    .saved_inputs = 1,
    .traits = kOptional,
    .samples = det_samples,
};

// a and b with the batch dimensions that both broadcast to.
std::pair<Tensor, Tensor> with_common_batch(std::string_view op, const Tensor& a, const Tensor& b) {
  check_min_rank(op, a, 2);
  check_min_rank(op, b, 2);
  const Shape &p = a.shape(), &q = b.shape();
  absl::StatusOr<Shape> batch =
      broadcast_shapes(Shape(Dims(p.data(), p.size() - 2)), Shape(Dims(q.data(), q.size() - 2)));
  if (!batch.ok()) raise_op_error(op, batch.status());
  Shape of_a = *batch, of_b = *batch;
  for (int d : {-2, -1}) {
    of_a.push_back(p[d]);
    of_b.push_back(q[d]);
  }
  return {p == of_a ? a : expand(a, of_a), q == of_b ? b : expand(b, of_b)};
}

// Whether b is a vector, or one for each matrix of a batch (B.., n).
bool holds_vectors(const Tensor& a, const Tensor& b) {
  if (b.dim() == 1) return true;
  Shape batch_of_vectors = a.shape();
  if (a.dim() != b.dim() + 1) return false;
  batch_of_vectors.erase(batch_of_vectors.rank() - 1);
  return b.shape() == batch_of_vectors;
}

}  // namespace

namespace linalg {

Tensor cholesky(const Tensor& a, bool upper) {
  if (!upper) return dispatch(kCholesky, {&a});
  check_min_rank(kCholesky.name, a, 2);
  Tensor lower = transposed(a);
  return transposed(dispatch(kCholesky, {&lower}));
}

Tensor solve(const Tensor& a, const Tensor& b, bool left) {
  check_min_rank(kSolve.name, a, 2);
  if (!left) {
    check_min_rank(kSolve.name, b, 2);
    return transposed(solve(transposed(a), transposed(b)));
  }
  if (holds_vectors(a, b)) return squeeze(solve(a, unsqueeze(b, -1)), -1);
  auto [x, y] = with_common_batch(kSolve.name, a, b);
  return dispatch(kSolve, {&x, &y});
}

Tensor inv(const Tensor& a) {
  check_min_rank("linalg.inv", a, 2);
  if (a.size(-1) != a.size(-2)) {
    raise_invalid("linalg.inv", "wants square matrices (B.., n, n), got ", a.shape().to_string());
  }
  Tensor unit = eye(a.size(-1), {.dtype = a.dtype(), .device = a.device()});
  Tensor b = expand(unit, a.shape());
  return dispatch(kSolve, {&a, &b});
}

Tensor det(const Tensor& a) { return dispatch(kDet, {&a}); }

std::pair<Tensor, Tensor> slogdet(const Tensor& a) {
  auto [lu, order] = lu_factor(a);
  Tensor u = diagonal(lu, 0, -2, -1);
  Tensor signs;
  {
    NoGradGuard no_grad;
    signs = prod(tessera::sign(u), {-1}) * sign_of_order(order, a.dtype());
  }
  return {signs, sum(log(abs(u)), {-1})};
}

Tensor solve_triangular(const Tensor& a, const Tensor& b, const SolveTriangularOptions& options) {
  auto [x, y] = with_common_batch(kSolveTriangular.name, a, b);
  if (options.left) return triangular(x, y, options.upper, options.unitriangular);
  return transposed(
      triangular(transposed(x), transposed(y), !options.upper, options.unitriangular));
}

}  // namespace linalg

absl::Span<const OpDef* const> linalg_ops() {
  static const OpDef* const kOps[] = {&kCholesky, &kSolve, &kSolveTriangular, &kLuFactor, &kDet};
  return kOps;
}

}  // namespace tessera
