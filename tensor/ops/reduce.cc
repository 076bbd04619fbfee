// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/reduce.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/scan.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

// Attributes of a reduction, ints: keepdim, then the dimensions, ascending.
Attributes reduction(const char* op, const Tensor& x, Dims dims, bool keepdim) {
  const int rank = x.shape().rank();
  Attributes a{keepdim ? 1 : 0};
  if (dims.empty()) {
    for (int d = 0; d < rank; ++d) a.ints.push_back(d);
    return a;
  }
  for (int64_t dim : dims) {
    absl::StatusOr<int> d = normalize_dim(dim, rank);
    if (!d.ok()) raise_op_error(op, d.status());
    if (rank > 0) a.ints.push_back(*d);
  }
  std::sort(a.ints.begin() + 1, a.ints.end());
  if (std::adjacent_find(a.ints.begin() + 1, a.ints.end()) != a.ints.end()) {
    raise_op_error(op, absl::InvalidArgumentError(
                           absl::StrCat("a dimension stands twice in ", to_string(dims))));
  }
  return a;
}

Dims reduced_dims(const Attributes& a) { return Dims(a.ints).subspan(1); }

Shape reduced_shape(const Shape& shape, const Attributes& a) {
  Shape result;
  Dims dims = reduced_dims(a);
  for (int d = 0, next = 0; d < shape.rank(); ++d) {
    if (next < static_cast<int>(dims.size()) && dims[next] == d) {
      ++next;
      if (a.ints[0] != 0) result.push_back(1);
    } else {
      result.push_back(shape[d]);
    }
  }
  return result;
}

int64_t reduced_count(const Shape& shape, const Attributes& a) {
  int64_t n = 1;
  for (int64_t d : reduced_dims(a)) n *= shape[static_cast<int>(d)];
  return n;
}

// A reduced tensor, as a tensor that broadcasts against the reduction's input.
Tensor restore_dims(const Tensor& y, const Shape& shape, const Attributes& a) {
  if (a.ints[0] != 0) return y;
  Attributes kept = a;
  kept.ints[0] = 1;
  return reshape(y, reduced_shape(shape, kept));
}

absl::Status infer_reduction(InferContext& c) {
  if (c.dtype(0) == kBool) return c.invalid("wants a number dtype, got bool");
  c.add_output(c.dtype(0), reduced_shape(c.shape(0), c.attributes()));
  return absl::OkStatus();
}

absl::Status infer_extreme(InferContext& c) {
  if (reduced_count(c.shape(0), c.attributes()) == 0) {
    return c.invalid("a reduced dimension of ", c.shape(0).to_string(), " has no elements");
  }
  c.add_output(c.dtype(0), reduced_shape(c.shape(0), c.attributes()));
  return absl::OkStatus();
}

absl::Status infer_flags(InferContext& c) {
  TESSERA_RETURN_IF_ERROR(check_dtype(c, 0, kBool, "input"));
  c.add_output(kBool, reduced_shape(c.shape(0), c.attributes()));
  return absl::OkStatus();
}

absl::Status infer_arg(InferContext& c) {
  if (c.dtype(0) == kBool) return c.invalid("wants a number dtype, got bool");
  TESSERA_RETURN_IF_ERROR(infer_extreme(c));
  c.outputs[0].dtype = kInt64;
  return absl::OkStatus();
}

std::vector<Sample> reduction_samples(const OpDef&) {
  std::vector<Sample> samples = {
      sample("Rank0", {arg({})}, {0}),
      sample("All", {arg({3, 5})}, {0, 0, 1}),
      sample("Last", {arg({3, 17})}, {0, 1}),
      sample("LastLong", {arg({2, 1031})}, {0, 1}),
      sample("First", {arg({19, 7})}, {0, 0}),
      sample("FirstLong", {arg({523, 3})}, {0, 0}),
      sample("Middle", {arg({3, 5, 7})}, {0, 1}),
      sample("MiddleKeepdim", {arg({3, 5, 7})}, {1, 1}),
      sample("Outer", {arg({3, 5, 7})}, {0, 0, 2}),
      sample("AllButChannels", {arg({2, 3, 5, 7})}, {0, 0, 2, 3}),
      sample("OfNoRows", {arg({0, 3})}, {0, 1}),
  };
  for (DType dtype : {kInt32, kInt64, kUInt8}) {
    Sample s = sample(std::string(dtype_name(dtype)), {arg({5, 9}, 0, 4, dtype)}, {0, 1});
    s.differentiable = false;
    s.fixed_dtypes = true;
    samples.push_back(s);
  }
  return samples;
}

std::vector<Sample> sum_samples(const OpDef& op) {
  std::vector<Sample> samples = reduction_samples(op);
  samples.push_back(sample("NoElements", {arg({3, 0})}, {0, 1}));
  samples.push_back(error_sample("Bool", {arg({3}, 0, 2, kBool)}, {0, 0}));
  return samples;
}

std::vector<Sample> extreme_samples(const OpDef& op) {
  std::vector<Sample> samples = reduction_samples(op);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Sample s = sample("NanWins", {arg_values({2, 3}, {1, nan, 3, 4, 5, 6})}, {0, 1});
  s.differentiable = false;
  samples.push_back(s);
  samples.push_back(error_sample("NoElements", {arg({3, 0})}, {0, 1}));
  return samples;
}

std::vector<Sample> arg_samples(const OpDef&) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  return {sample("Last", {arg({3, 17})}, {0, 1}),
          sample("LastLong", {arg({2, 131})}, {0, 1}),
          sample("MiddleKeepdim", {arg({3, 5, 7})}, {1, 1}),
          sample("Ties", {arg_values({2, 4}, {1, 3, 3, 1, 2, 0, 0, 2})}, {0, 1}),
          sample("Nan", {arg_values({2, 3}, {1, nan, 3, nan, 5, nan})}, {0, 1}),
          error_sample("NoElements", {arg({3, 0})}, {0, 1})};
}

std::vector<Sample> flag_samples(const OpDef&) {
  std::vector<Sample> samples;
  for (const Shape& s : {Shape{}, Shape{37}, Shape{3, 5}, Shape{3, 0}}) {
    Sample one = sample(absl::StrCat("Rank", s.rank(), "Size", s.numel()), {arg(s, 0, 2, kBool)},
                        s.rank() == 0 ? Attributes{0} : Attributes{0, s.rank() - 1});
    one.differentiable = false;
    one.fixed_dtypes = true;
    samples.push_back(one);
  }
  return samples;
}

const OpDef kSum = {
    .name = "sum",
    .infer = infer_reduction,
    .vjp =
        [](VjpContext& c) {
          const Shape& shape = c.input_spec(0).shape;
          c.set(0, expand(restore_dims(c.grad(), shape, c.attributes()), shape));
        },
    .samples = sum_samples,
};

// The product of all other elements along the (merged) reduced dimension, without dividing.
Tensor products_of_others(const Tensor& rows) {
  const int64_t n = rows.size(-1);
  Tensor ones_column = ones_like(narrow(rows, -1, 0, 1));
  Tensor before_parts[] = {ones_column, narrow(rows, -1, 0, n - 1)};
  Tensor after_parts[] = {ones_column, narrow(flip(rows, {-1}), -1, 0, n - 1)};
  return cumprod(cat(before_parts, -1), -1) * flip(cumprod(cat(after_parts, -1), -1), {-1});
}

const OpDef kProd = {
    .name = "prod",
    .infer = infer_reduction,
    .vjp =
        [](VjpContext& c) {
          const Tensor& x = c.input(0);
          if (x.numel() == 0) return c.set(0, zeros_like(x));
          // Reduced dimensions last, merged into one.
          std::vector<int64_t> order;
          Dims dims = reduced_dims(c.attributes());
          auto is_reduced = [&](int64_t d) {
            return std::find(dims.begin(), dims.end(), d) != dims.end();
          };
          for (int64_t d = 0; d < x.dim(); ++d) {
            if (!is_reduced(d)) order.push_back(d);
          }
          const int64_t kept = static_cast<int64_t>(order.size());
          order.insert(order.end(), dims.begin(), dims.end());
          Tensor moved = permute(x, order);
          Shape merged(absl::Span<const int64_t>(moved.shape().data(), static_cast<size_t>(kept)));
          merged.push_back(reduced_count(x.shape(), c.attributes()));
          Tensor others = reshape(products_of_others(reshape(moved, merged)), moved.shape());
          std::vector<int64_t> inverse(order.size());
          for (size_t i = 0; i < order.size(); ++i) {
            inverse[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
          }
          c.set(0, permute(others, inverse) * restore_dims(c.grad(), x.shape(), c.attributes()));
        },
    .saved_inputs = 1,
    .samples = sum_samples,
};

void extreme_vjp(VjpContext& c) {
  const Tensor& x = c.input(0);
  const Attributes& a = c.attributes();
  Tensor wins = eq(x, restore_dims(c.output(0), x.shape(), a)).to(x.dtype());
  Attributes keep = a;
  keep.ints[0] = 1;
  Tensor share = restore_dims(c.grad(), x.shape(), a) / sum(wins, reduced_dims(keep), true);
  c.set(0, wins * share);
}

const OpDef kAmax = {.name = "amax",
                     .infer = infer_extreme,
                     .vjp = extreme_vjp,
                     .saved_inputs = 1,
                     .saved_outputs = 1,
                     .samples = extreme_samples};
const OpDef kAmin = {.name = "amin",
                     .infer = infer_extreme,
                     .vjp = extreme_vjp,
                     .saved_inputs = 1,
                     .saved_outputs = 1,
                     .samples = extreme_samples};
const OpDef kArgmax = {.name = "argmax", .infer = infer_arg, .samples = arg_samples};
const OpDef kArgmin = {.name = "argmin", .infer = infer_arg, .samples = arg_samples};
const OpDef kAny = {.name = "any", .infer = infer_flags, .samples = flag_samples};
const OpDef kAll = {.name = "all", .infer = infer_flags, .samples = flag_samples};

Tensor reduce(const OpDef& op, const Tensor& x, Dims dims, bool keepdim) {
  return dispatch(op, {&x}, reduction(op.name.data(), x, dims, keepdim));
}

Tensor converted(const Tensor& x, std::optional<DType> dtype) { return dtype ? x.to(*dtype) : x; }
Tensor as_flags(const Tensor& x) { return x.dtype() == kBool ? x : ne(x, 0); }

Tensor arg_of(const OpDef& op, const Tensor& x, int64_t dim, bool keepdim) {
  if (x.dim() == 0) return reshape(arg_of(op, reshape(x, {1}), 0, false), {});
  return reduce(op, x, {dim}, keepdim);
}

std::pair<Tensor, Tensor> extreme_along(const OpDef& op, const Tensor& x, int64_t dim,
                                        bool keepdim) {
  if (x.dim() == 0) return {x, zeros_like(x).to(kInt64)};
  Tensor index = arg_of(op, x, dim, true);
  Tensor value = gather(x, dim, index);
  if (keepdim) return {value, index};
  return {squeeze(value, dim), squeeze(index, dim)};
}

}  // namespace

Tensor sum(const Tensor& x, Dims dims, bool keepdim, std::optional<DType> dtype) {
  return reduce(kSum, as_summand(x, dtype), dims, keepdim);
}
Tensor prod(const Tensor& x, Dims dims, bool keepdim, std::optional<DType> dtype) {
  return reduce(kProd, as_summand(x, dtype), dims, keepdim);
}
Tensor amax(const Tensor& x, Dims dims, bool keepdim) { return reduce(kAmax, x, dims, keepdim); }
Tensor amin(const Tensor& x, Dims dims, bool keepdim) { return reduce(kAmin, x, dims, keepdim); }

Tensor mean(const Tensor& input, Dims dims, bool keepdim, std::optional<DType> dtype) {
  const Tensor x = converted(input, dtype);
  check_floating("mean", x);
  Attributes a = reduction("mean", x, dims, keepdim);
  return dispatch(kSum, {&x}, a) / static_cast<double>(reduced_count(x.shape(), a));
}

std::pair<Tensor, Tensor> aminmax(const Tensor& x) { return {amin(x), amax(x)}; }
std::pair<Tensor, Tensor> aminmax(const Tensor& x, int64_t dim, bool keepdim) {
  return {amin(x, {dim}, keepdim), amax(x, {dim}, keepdim)};
}

std::pair<Tensor, Tensor> max(const Tensor& x, int64_t dim, bool keepdim) {
  return extreme_along(kArgmax, x, dim, keepdim);
}
std::pair<Tensor, Tensor> min(const Tensor& x, int64_t dim, bool keepdim) {
  return extreme_along(kArgmin, x, dim, keepdim);
}
Tensor argmax(const Tensor& x, int64_t dim, bool keepdim) {
  return arg_of(kArgmax, x, dim, keepdim);
}
Tensor argmin(const Tensor& x, int64_t dim, bool keepdim) {
  return arg_of(kArgmin, x, dim, keepdim);
}
Tensor argmax(const Tensor& x) { return arg_of(kArgmax, reshape(x, {-1}), 0, false); }
Tensor argmin(const Tensor& x) { return arg_of(kArgmin, reshape(x, {-1}), 0, false); }

Tensor any(const Tensor& x, Dims dims, bool keepdim) {
  return reduce(kAny, as_flags(x), dims, keepdim);
}
Tensor all(const Tensor& x, Dims dims, bool keepdim) {
  return reduce(kAll, as_flags(x), dims, keepdim);
}

Tensor var(const Tensor& x, Dims dims, int64_t correction, bool keepdim) {
  check_floating("var", x);
  Attributes a = reduction("var", x, dims, keepdim);
  Tensor deviation = x - mean(x, reduced_dims(a), true);
  double n = static_cast<double>(reduced_count(x.shape(), a) - correction);
  return sum(square(deviation), reduced_dims(a), keepdim) / std::max(n, 0.0);
}

namespace {

Tensor root_of_variance(const Tensor& v) {
  if (!v.requires_grad()) return sqrt(v);
  // The root has no slope at 0; 0 is its subgradient there.
  Tensor is_zero = v == 0;
  return where(is_zero, 0, sqrt(where(is_zero, 1, v)));
}

}  // namespace

Tensor std(const Tensor& x, Dims dims, int64_t correction, bool keepdim) {
  return root_of_variance(var(x, dims, correction, keepdim));
}
std::pair<Tensor, Tensor> var_mean(const Tensor& x, Dims dims, int64_t correction, bool keepdim) {
  return {var(x, dims, correction, keepdim), mean(x, dims, keepdim)};
}
std::pair<Tensor, Tensor> std_mean(const Tensor& x, Dims dims, int64_t correction, bool keepdim) {
  return {std(x, dims, correction, keepdim), mean(x, dims, keepdim)};
}

Tensor logsumexp(const Tensor& x, Dims dims, bool keepdim) {
  check_floating("logsumexp", x);
  Attributes a = reduction("logsumexp", x, dims, keepdim);
  Tensor top;
  {
    NoGradGuard no_grad;
    top = amax(x, reduced_dims(a), true);
    top = where(isfinite(top), top, 0);  // all -inf, or inf: nothing to take out
  }
  Tensor total = log(sum(exp(x - top), reduced_dims(a), true)) + top;
  return keepdim ? total : reshape(total, reduced_shape(x.shape(), a));
}

Tensor count_nonzero(const Tensor& x, Dims dims) { return sum(as_flags(x), dims); }

Tensor nansum(const Tensor& input, Dims dims, bool keepdim, std::optional<DType> dtype) {
  const Tensor x = converted(input, dtype);
  check_floating("nansum", x);
  return sum(where(isnan(x), 0, x), dims, keepdim);
}
Tensor nanmean(const Tensor& input, Dims dims, bool keepdim, std::optional<DType> dtype) {
  const Tensor x = converted(input, dtype);
  check_floating("nanmean", x);
  Tensor is_nan = isnan(x);
  return sum(where(is_nan, 0, x), dims, keepdim) / sum(logical_not(is_nan), dims, keepdim);
}

Tensor sum_to_shape(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  std::vector<int64_t> dims;
  const int added = x.shape().rank() - shape.rank();
  for (int d = 0; d < x.shape().rank(); ++d) {
    if (d < added || (shape[d - added] == 1 && x.shape()[d] != 1)) dims.push_back(d);
  }
  return reshape(dims.empty() ? x : sum(x, dims), shape);
}

Tensor Tensor::sum(Dims dims, bool keepdim, std::optional<DType> dtype) const {
  return tessera::sum(*this, dims, keepdim, dtype);
}
Tensor Tensor::mean(Dims dims, bool keepdim, std::optional<DType> dtype) const {
  return tessera::mean(*this, dims, keepdim, dtype);
}
Tensor Tensor::prod(Dims dims, bool keepdim, std::optional<DType> dtype) const {
  return tessera::prod(*this, dims, keepdim, dtype);
}
Tensor Tensor::amax(Dims dims, bool keepdim) const { return tessera::amax(*this, dims, keepdim); }
Tensor Tensor::amin(Dims dims, bool keepdim) const { return tessera::amin(*this, dims, keepdim); }
std::pair<Tensor, Tensor> Tensor::max(int64_t dim, bool keepdim) const {
  return tessera::max(*this, dim, keepdim);
}
std::pair<Tensor, Tensor> Tensor::min(int64_t dim, bool keepdim) const {
  return tessera::min(*this, dim, keepdim);
}
Tensor Tensor::any(Dims dims, bool keepdim) const { return tessera::any(*this, dims, keepdim); }
Tensor Tensor::all(Dims dims, bool keepdim) const { return tessera::all(*this, dims, keepdim); }
Tensor Tensor::var(Dims dims, int64_t correction, bool keepdim) const {
  return tessera::var(*this, dims, correction, keepdim);
}
Tensor Tensor::std(Dims dims, int64_t correction, bool keepdim) const {
  return tessera::std(*this, dims, correction, keepdim);
}
Tensor Tensor::count_nonzero(Dims dims) const { return tessera::count_nonzero(*this, dims); }
Tensor Tensor::nansum(Dims dims, bool keepdim, std::optional<DType> dtype) const {
  return tessera::nansum(*this, dims, keepdim, dtype);
}
Tensor Tensor::nanmean(Dims dims, bool keepdim, std::optional<DType> dtype) const {
  return tessera::nanmean(*this, dims, keepdim, dtype);
}
std::pair<Tensor, Tensor> Tensor::aminmax() const { return tessera::aminmax(*this); }
std::pair<Tensor, Tensor> Tensor::aminmax(int64_t dim, bool keepdim) const {
  return tessera::aminmax(*this, dim, keepdim);
}
Tensor Tensor::logsumexp(Dims dims, bool keepdim) const {
  return tessera::logsumexp(*this, dims, keepdim);
}
Tensor Tensor::argmax() const { return tessera::argmax(*this); }
Tensor Tensor::argmin() const { return tessera::argmin(*this); }
Tensor Tensor::argmax(int64_t dim, bool keepdim) const {
  return tessera::argmax(*this, dim, keepdim);
}
Tensor Tensor::argmin(int64_t dim, bool keepdim) const {
  return tessera::argmin(*this, dim, keepdim);
}

absl::Span<const OpDef* const> reduce_ops() {
  static const OpDef* const kOps[] = {&kSum,    &kProd,   &kAmax, &kAmin,
                                      &kArgmax, &kArgmin, &kAny,  &kAll};
  return kOps;
}

}  // namespace tessera
