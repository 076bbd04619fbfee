// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/scan.h"

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/in_place.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

absl::Status infer_scan(InferContext& c) {
  if (c.dtype(0) == kBool) return c.invalid("wants a number dtype, got bool");
  c.add_output(c.dtype(0), c.shape(0));
  return absl::OkStatus();
}

std::vector<Sample> scan_samples(const OpDef&) {
  std::vector<Sample> samples = {
      sample("Last", {arg({3, 17})}, {1}), sample("Middle", {arg({2, 5, 3})}, {1}),
      sample("One", {arg({1})}, {0}), sample("Empty", {arg({3, 0})}, {1})};
  Sample ints = sample("int64", {arg({3, 7}, -3, 3, kInt64)}, {1});
  ints.differentiable = false;
  ints.fixed_dtypes = true;
  samples.push_back(ints);
  return samples;
}

// The sum of this and all later elements along dim.
Tensor sum_from_end(const Tensor& x, int64_t dim) {
  return flip(cumsum(flip(x, {dim}), dim), {dim});
}

const OpDef kCumsum = {
    .name = "cumsum",
    .infer = infer_scan,
    .vjp = [](VjpContext& c) { c.set(0, sum_from_end(c.grad(), c.int_attribute(0))); },
    .samples = scan_samples,
};

// The gradient of cumprod where x may be zero, without dividing: element i of the result is the sum
// over k >= i of g_k times the product of x_j, j <= k, j != i. As a matrix over (i, k).
Tensor cumprod_gradient_with_graph(const Tensor& g, const Tensor& x, int64_t dim) {
  Tensor rows = movedim(x, dim, -1), grads = movedim(g, dim, -1);
  const int64_t n = rows.size(-1);
  Shape square = rows.shape();
  square.push_back(n);  // (.., i, j): x_j, but 1 at j = i
  TensorOptions on_device = {.dtype = kBool, .device = x.device()};
  Tensor others = where(eye(n, on_device), 1, expand(unsqueeze(rows, -2), square));
  Tensor products = cumprod(others, -1);
  Tensor i = arange(n, {.dtype = kInt64, .device = x.device()});
  Tensor later = ge(i, unsqueeze(i, 1));  // (i, k): k >= i
  Tensor terms = where(later, products * unsqueeze(grads, -2), 0);
  return movedim(sum(terms, {-1}), -1, dim);
}

// The same in linear memory, but constant where it is 0, which a gradient of it must not be. Before
// the first zero element i is the sum over k >= i of g_k y_k, divided by x_i; at the zero it is
// that sum for x with a 1 in its place; behind it nothing is left.
Tensor cumprod_gradient(const Tensor& g, const Tensor& x, int64_t dim) {
  if (dispatch_state().grad_mode) return cumprod_gradient_with_graph(g, x, dim);
  Tensor is_zero = x == 0;
  Tensor zeros_so_far = cumsum(is_zero, dim);
  Tensor is_first = logical_and(is_zero, eq(zeros_so_far, 1));
  Tensor before = sum_from_end(g * cumprod(x, dim), dim) / where(is_zero, 1, x);
  Tensor at_zero = sum_from_end(g * cumprod(where(is_first, 1, x), dim), dim);
  return where(eq(zeros_so_far, 0), before, where(is_first, at_zero, 0));
}

const OpDef kCumprod = {
    .name = "cumprod",
    .infer = infer_scan,
    .vjp =
        [](VjpContext& c) { c.set(0, cumprod_gradient(c.grad(), c.input(0), c.int_attribute(0))); },
    .saved_inputs = 1,
    .samples = scan_samples,
};

void scatter_back(VjpContext& c, int64_t dim) {
  const TensorSpec& spec = c.input_spec(0);
  Tensor zero = zeros(spec.shape, {.dtype = spec.dtype, .device = c.output(1).device()});
  c.set(0, scatter_add(zero, dim, c.output(1), c.grad(0)));
}

// ints: dim, descending
const OpDef kSort = {
    .name = "sort",
    .infer =
        [](InferContext& c) {
          c.add_output(c.dtype(0), c.shape(0));
          c.add_output(kInt64, c.shape(0));
          return absl::OkStatus();
        },
    .vjp = [](VjpContext& c) { scatter_back(c, c.int_attribute(0)); },
    .saved_outputs = 2,
    .samples =
        [](const OpDef&) {
          const double nan = std::numeric_limits<double>::quiet_NaN();
          std::vector<Sample> samples = {sample("Last", {arg({3, 17})}, {1, 0}),
                                         sample("MiddleDescending", {arg({2, 7, 3})}, {1, 1}),
                                         sample("Long", {arg({1, 1031})}, {1, 0})};
          Sample ties =
              sample("TiesAreStable", {arg_values({8}, {1, 0, 1, 0, 2, 1, 0, 2})}, {0, 1});
          Sample nans = sample("NanIsGreatest", {arg_values({5}, {nan, 1, -1, nan, 3})}, {0, 0});
          for (Sample* s : {&ties, &nans}) {
            s->differentiable = false;
            samples.push_back(*s);
          }
          for (DType dtype : {kInt32, kInt64, kUInt8, kBool}) {
            Sample s = sample(std::string(dtype_name(dtype)),
                              {arg({3, 9}, 0, dtype == kBool ? 2 : 9, dtype)}, {1, 0});
            s.differentiable = false;
            s.fixed_dtypes = true;
            samples.push_back(s);
          }
          return samples;
        },
};

// ints: k, dim, largest, sorted (always 1)
const OpDef kTopk = {
    .name = "topk",
    .infer =
        [](InferContext& c) {
          const int64_t k = c.int_attribute(0);
          const int dim = static_cast<int>(c.int_attribute(1));
          Shape shape = c.shape(0);
          if (k < 0 || k > shape[dim]) {
            return c.out_of_range("k = ", k, " is not in [0, ", shape[dim],
                                  "], the size of dimension ", dim);
          }
          shape[dim] = k;
          c.add_output(c.dtype(0), shape);
          c.add_output(kInt64, std::move(shape));
          return absl::OkStatus();
        },
    .vjp = [](VjpContext& c) { scatter_back(c, c.int_attribute(1)); },
    .decompose =
        [](TensorRefs inputs, const Attributes& a) {
          auto [values, indices] = sort(*inputs[0], a.ints[1], a.ints[2] != 0);
          return std::vector<Tensor>{narrow(values, a.ints[1], 0, a.ints[0]).contiguous(),
                                     narrow(indices, a.ints[1], 0, a.ints[0]).contiguous()};
        },
    .saved_outputs = 2,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Largest3", {arg({3, 17})}, {3, 1, 1, 1}),
              sample("Smallest2OfMiddle", {arg({2, 7, 3})}, {2, 1, 0, 1}),
              sample("None", {arg({3, 5})}, {0, 1, 1, 1}),
              sample("EveryOne", {arg({7})}, {7, 0, 1, 1}),
              error_sample("TooMany", {arg({3, 5})}, {6, 1, 1, 1}, absl::StatusCode::kOutOfRange)};
        },
};

// A tensor of rank 0 as a row of one element.
Tensor with_dim(const Tensor& x) { return x.dim() == 0 ? reshape(x, {1}) : x; }

Tensor scan(const OpDef& op, const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  Tensor row = with_dim(as_summand(x, dtype));
  return reshape(dispatch(op, {&row}, {dim_or_raise(op.name, dim, x.shape().rank())}), x.shape());
}

std::pair<Tensor, Tensor> two(const OpDef& op, const Tensor& x, const Attributes& attributes) {
  Tensor row = with_dim(x);
  const Tensor* inputs[] = {&row};
  std::vector<Tensor> out = dispatch_all(op, inputs, attributes);
  if (x.dim() == 0 && out[0].numel() == 1) return {reshape(out[0], {}), reshape(out[1], {})};
  return {out[0], out[1]};
}

}  // namespace

Tensor cumsum(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  return scan(kCumsum, x, dim, dtype);
}
Tensor cumprod(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  return scan(kCumprod, x, dim, dtype);
}
std::pair<Tensor, Tensor> sort(const Tensor& x, int64_t dim, bool descending) {
  return two(kSort, x, {dim_or_raise("sort", dim, x.shape().rank()), descending ? 1 : 0});
}
Tensor argsort(const Tensor& x, int64_t dim, bool descending) {
  return sort(x, dim, descending).second;
}
std::pair<Tensor, Tensor> topk(const Tensor& x, int64_t k, int64_t dim, bool largest) {
  return two(kTopk, x, {k, dim_or_raise("topk", dim, x.shape().rank()), largest ? 1 : 0, 1});
}

Tensor Tensor::cumsum(int64_t dim, std::optional<DType> dtype) const {
  return tessera::cumsum(*this, dim, dtype);
}
Tensor Tensor::cumprod(int64_t dim, std::optional<DType> dtype) const {
  return tessera::cumprod(*this, dim, dtype);
}
Tensor& Tensor::cumsum_(int64_t dim) {
  return update(*this, "cumsum_", {this}, [&] { return cumsum(dim); });
}
Tensor& Tensor::cumprod_(int64_t dim) {
  return update(*this, "cumprod_", {this}, [&] { return cumprod(dim); });
}
std::pair<Tensor, Tensor> Tensor::sort(int64_t dim, bool descending) const {
  return tessera::sort(*this, dim, descending);
}
Tensor Tensor::argsort(int64_t dim, bool descending) const {
  return tessera::argsort(*this, dim, descending);
}
std::pair<Tensor, Tensor> Tensor::topk(int64_t k, int64_t dim, bool largest) const {
  return tessera::topk(*this, k, dim, largest);
}

absl::Span<const OpDef* const> scan_ops() {
  static const OpDef* const kOps[] = {&kCumsum, &kCumprod, &kSort, &kTopk};
  return kOps;
}

}  // namespace tessera
