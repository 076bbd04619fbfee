// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/matmul.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/einsum.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/in_place.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

// a (B.., M, K), b (B.., K, N) of equal batch dimensions -> (B.., M, N)
const OpDef kMatmul = {
    .name = "matmul",
    .infer =
        [](InferContext& c) {
          const Shape &a = c.shape(0), &b = c.shape(1);
          TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 1));
          if (c.dtype(0) == kBool) return c.invalid("wants a number dtype, got bool");
          bool fits = a.rank() == b.rank() && a.rank() >= 2 && a[-1] == b[-2];
          for (int d = 0; fits && d < a.rank() - 2; ++d) fits = a[d] == b[d];
          if (!fits) {
            return c.invalid(
                "shapes ", a.to_string(), " and ", b.to_string(),
                " do not fit: the columns of the first must be the rows of the second");
          }
          Shape shape = a;
          shape[-1] = b[-1];
          c.add_output(c.dtype(0), std::move(shape));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          if (c.needs(0)) c.set(0, matmul(c.grad(), transpose(c.input(1), -1, -2)));
          if (c.needs(1)) c.set(1, matmul(transpose(c.input(0), -1, -2), c.grad()));
        },
    .saved_inputs = 3,
    .samples =
        [](const OpDef&) {
          std::vector<Sample> samples = {
              sample("Small", {arg({3, 5}), arg({5, 7})}),
              sample("OneByOne", {arg({1, 1}), arg({1, 1})}),
              sample("Column", {arg({17, 5}), arg({5, 1})}),
              sample("Row", {arg({1, 19}), arg({19, 33})}),
              sample("Tile65", {arg({65, 33}), arg({33, 67})}),
              sample("Batch", {arg({3, 5, 7}), arg({3, 7, 2})}),
              sample("BatchRank4", {arg({2, 3, 5, 4}), arg({2, 3, 4, 7})}),
              sample("NoInner", {arg({3, 0}), arg({0, 5})}),
              sample("NoRows", {arg({0, 3}), arg({3, 5})}),
              sample("NoBatch", {arg({0, 2, 3}), arg({0, 3, 5})}),
              error_sample("Inner", {arg({3, 5}), arg({4, 7})}),
              error_sample("Batch2Against3", {arg({2, 3, 5}), arg({3, 5, 7})}),
          };
          for (DType dtype : {kInt32, kInt64}) {
            Sample s = sample(std::string(dtype_name(dtype)),
                              {arg({3, 5}, -9, 9, dtype), arg({5, 7}, -9, 9, dtype)});
            s.differentiable = false;
            s.fixed_dtypes = true;
            samples.push_back(s);
          }
          return samples;
        },
};

// x (B.., K), w (N, K), [b (N)] -> (B.., N)
const OpDef kLinear = {
    .name = "linear",
    .infer =
        [](InferContext& c) {
          const Shape &x = c.shape(0), &w = c.shape(1);
          TESSERA_RETURN_IF_ERROR(check_floating_point(c, 0));
          TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 1));
          TESSERA_RETURN_IF_ERROR(check_rank(c, 1, 2, "weight"));
          if (x.rank() < 1 || x[-1] != w[1]) {
            return c.invalid("input has ", x.rank() < 1 ? 0 : x[-1], " features, weight expects ",
                             w[1], ": input ", x.to_string(), ", weight ", w.to_string());
          }
          if (c.has_input(2)) {
            TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 2));
            if (c.shape(2) != Shape{w[0]}) {
              return c.invalid("bias has shape ", c.shape(2).to_string(), ", weight ",
                               w.to_string(), " expects [", w[0], "]");
            }
          }
          Shape shape = x;
          shape[-1] = w[0];
          c.add_output(c.dtype(0), std::move(shape));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Tensor &x = c.input(0), &w = c.input(1);
          Tensor g = c.grad();
          if (c.needs(0)) c.set(0, matmul(g, w));
          Tensor rows = reshape(g, {-1, w.size(0)});
          if (g.numel() == 0) rows = reshape(g, {0, w.size(0)});
          if (c.needs(1)) {
            c.set(1, mm(rows.t(), reshape(x, {rows.size(0), w.size(1)})));
          }
          if (c.num_inputs() > 2 && c.needs(2)) c.set(2, sum(rows, {0}));
        },
    .decompose =
        [](TensorRefs in, const Attributes&) {
          Tensor y = matmul(*in[0], in[1]->t());
          return std::vector<Tensor>{in.size() > 2 && in[2]->defined() ? y + *in[2] : y};
        },
    .saved_inputs = 3,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("WithBias", {arg({3, 5}), arg({7, 5}), arg({7})}),
              sample("NoBias", {arg({3, 5}), arg({7, 5}), arg_none()}),
              sample("Vector", {arg({5}), arg({3, 5}), arg({3})}),
              sample("Rank3", {arg({2, 3, 9}), arg({17, 9}), arg({17})}),
              sample("Tabular", {arg({64, 9}), arg({16, 9}), arg({16})}),
              sample("Wide", {arg({13, 67}), arg({129, 67}), arg({129})}),
              sample("FewFeatures", {arg({11, 131}), arg({10, 131}), arg({10})}),
              sample("NoRows", {arg({0, 5}), arg({7, 5}), arg({7})}),
              error_sample("Features", {arg({3, 5}), arg({7, 4}), arg_none()}),
              error_sample("Bias", {arg({3, 5}), arg({7, 5}), arg({5})})};
        },
};

[[noreturn]] void raise_shapes(const char* op, const Tensor& a, const Tensor& b,
                               const char* wanted) {
  raise_op_error(
      op, absl::InvalidArgumentError(absl::StrCat("wants ", wanted, ", got ", a.shape().to_string(),
                                                  " and ", b.shape().to_string())));
}

// beta * x + alpha * product, of the product's shape.
Tensor add_product(const char* op, const Tensor& x, const Tensor& product, double beta,
                   double alpha) {
  absl::StatusOr<Shape> shape = broadcast_shapes(x.shape(), product.shape());
  if (!shape.ok() || *shape != product.shape()) {
    raise_invalid(op, "input ", x.shape().to_string(), " does not broadcast to the product ",
                  product.shape().to_string());
  }
  Tensor scaled = alpha == 1 ? product : product * alpha;
  if (beta == 0) return scaled;
  return (beta == 1 ? x : x * beta) + scaled;
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  const Shape &p = a.shape(), &q = b.shape();
  if (p.rank() == 0 || q.rank() == 0) raise_shapes("matmul", a, b, "at least 1 dimension each");
  if (a.dtype() != b.dtype()) {
    DType dtype = result_type({&a, &b});
    return matmul(a.to(dtype), b.to(dtype));
  }
  if (p.rank() == 1 && q.rank() == 1) return dot(a, b);
  if (p.rank() == 1) return squeeze(matmul(unsqueeze(a, 0), b), -2);
  if (q.rank() == 1) return squeeze(matmul(a, unsqueeze(b, 1)), -1);
  if (p.rank() == 2 && q.rank() == 2) return dispatch(kMatmul, {&a, &b});
  if (q.rank() == 2 && a.is_contiguous() && a.numel() > 0) {
    // One product of many rows instead of a batch.
    Shape rows = p;
    rows[-1] = q[-1];
    Tensor flat = reshape(a, {-1, p[-1]});
    if (p[-1] != q[-2]) raise_shapes("matmul", a, b, "(.., M, K) and (K, N)");
    return reshape(dispatch(kMatmul, {&flat, &b}), rows);
  }
  const size_t pr = p.size() - 2, qr = q.size() - 2;
  absl::StatusOr<Shape> batch = broadcast_shapes(Shape(absl::Span<const int64_t>(p.data(), pr)),
                                                 Shape(absl::Span<const int64_t>(q.data(), qr)));
  if (!batch.ok()) raise_op_error("matmul", batch.status());
  Shape full_a = *batch, full_b = *batch;
  for (int d : {-2, -1}) {
    full_a.push_back(p[d]);
    full_b.push_back(q[d]);
  }
  Tensor x = p == full_a ? a : expand(a, full_a), y = q == full_b ? b : expand(b, full_b);
  return dispatch(kMatmul, {&x, &y});
}

Tensor mm(const Tensor& a, const Tensor& b) {
  if (a.dim() != 2 || b.dim() != 2) raise_shapes("mm", a, b, "two matrices");
  return matmul(a, b);
}
Tensor bmm(const Tensor& a, const Tensor& b) {
  if (a.dim() != 3 || b.dim() != 3) raise_shapes("bmm", a, b, "two tensors of rank 3");
  return dispatch(kMatmul, {&a, &b});
}
Tensor mv(const Tensor& a, const Tensor& b) {
  if (a.dim() != 2 || b.dim() != 1) raise_shapes("mv", a, b, "a matrix and a vector");
  return matmul(a, b);
}
Tensor dot(const Tensor& a, const Tensor& b) {
  if (a.dim() != 1 || a.shape() != b.shape()) raise_shapes("dot", a, b, "two vectors of one size");
  return reshape(matmul(unsqueeze(a, 0), unsqueeze(b, 1)), {});
}
Tensor outer(const Tensor& a, const Tensor& b) {
  if (a.dim() != 1 || b.dim() != 1) raise_shapes("outer", a, b, "two vectors");
  return unsqueeze(a, 1) * b;
}

Tensor inner(const Tensor& a, const Tensor& b) {
  if (a.dim() == 0 || b.dim() == 0) return a * b;
  if (a.size(-1) != b.size(-1)) raise_shapes("inner", a, b, "equal last sizes");
  return tensordot(a, b, {a.dim() - 1}, {b.dim() - 1});
}

Tensor kron(const Tensor& a, const Tensor& b) {
  const int rank = std::max(a.shape().rank(), b.shape().rank());
  // (a_0, 1, a_1, 1, ..) * (1, b_0, 1, b_1, ..), then each pair merged.
  Shape of_a, of_b, merged;
  for (int d = 0; d < rank; ++d) {
    const int64_t p = d < rank - a.shape().rank() ? 1 : a.shape()[d - rank];
    const int64_t q = d < rank - b.shape().rank() ? 1 : b.shape()[d - rank];
    for (int64_t size : {p, int64_t{1}}) of_a.push_back(size);
    for (int64_t size : {int64_t{1}, q}) of_b.push_back(size);
    merged.push_back(p * q);
  }
  return reshape(reshape(a, of_a) * reshape(b, of_b), merged);
}

Tensor addmm(const Tensor& x, const Tensor& a, const Tensor& b, double beta, double alpha) {
  return add_product("addmm", x, mm(a, b), beta, alpha);
}
Tensor addmv(const Tensor& x, const Tensor& a, const Tensor& b, double beta, double alpha) {
  return add_product("addmv", x, mv(a, b), beta, alpha);
}
Tensor baddbmm(const Tensor& x, const Tensor& a, const Tensor& b, double beta, double alpha) {
  return add_product("baddbmm", x, bmm(a, b), beta, alpha);
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (!bias.defined()) return dispatch(kLinear, {&x, &weight});
  return dispatch(kLinear, {&x, &weight, &bias});
}

Tensor Tensor::matmul(const Tensor& other) const { return tessera::matmul(*this, other); }
Tensor Tensor::mm(const Tensor& other) const { return tessera::mm(*this, other); }
Tensor Tensor::bmm(const Tensor& other) const { return tessera::bmm(*this, other); }
Tensor Tensor::mv(const Tensor& vector) const { return tessera::mv(*this, vector); }
Tensor Tensor::outer(const Tensor& other) const { return tessera::outer(*this, other); }
Tensor Tensor::inner(const Tensor& other) const { return tessera::inner(*this, other); }
Tensor Tensor::addmm(const Tensor& a, const Tensor& b, double beta, double alpha) const {
  return tessera::addmm(*this, a, b, beta, alpha);
}
Tensor Tensor::addmv(const Tensor& a, const Tensor& b, double beta, double alpha) const {
  return tessera::addmv(*this, a, b, beta, alpha);
}
Tensor Tensor::baddbmm(const Tensor& a, const Tensor& b, double beta, double alpha) const {
  return tessera::baddbmm(*this, a, b, beta, alpha);
}
Tensor& Tensor::addmm_(const Tensor& a, const Tensor& b, double beta, double alpha) {
  return update(*this, "addmm_", {this, &a, &b}, [&] { return addmm(a, b, beta, alpha); });
}
Tensor& Tensor::addmv_(const Tensor& a, const Tensor& b, double beta, double alpha) {
  return update(*this, "addmv_", {this, &a, &b}, [&] { return addmv(a, b, beta, alpha); });
}
Tensor& Tensor::baddbmm_(const Tensor& a, const Tensor& b, double beta, double alpha) {
  return update(*this, "baddbmm_", {this, &a, &b}, [&] { return baddbmm(a, b, beta, alpha); });
}
Tensor Tensor::dot(const Tensor& other) const { return tessera::dot(*this, other); }

absl::Span<const OpDef* const> matmul_ops() {
  static const OpDef* const kOps[] = {&kMatmul, &kLinear};
  return kOps;
}

}  // namespace tessera
