// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/pointwise.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/scan.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

// The median's place in the sorted order of each line along d, kept as a dimension of size 1: the
// lower middle, or the first nan, all of which stand at the end.
Tensor median_place(const Tensor& x, int d) {
  const int64_t n = x.size(d), middle = (n - 1) / 2;
  if (!x.is_floating_point()) {
    Shape shape = x.shape();
    shape[d] = 1;
    return full(shape, middle, {.dtype = kInt64, .device = x.device()});
  }
  Tensor nans = sum(isnan(x), {d}, true);
  return where(eq(nans, 0), middle, n - nans);
}

// x's value and gradient, but `value`'s bits: s is the mean of the elements that mask chooses.
Tensor with_shared_gradient(const Tensor& value, const Tensor& x, const Tensor& mask) {
  Tensor s = sum(where(mask, x, 0)) / sum(mask).to(x.dtype());
  return value + where(isinf(s), 0, s - without_gradient(s));
}

enum class Interpolation { kLinear, kLower, kHigher, kMidpoint, kNearest };

Interpolation parse_interpolation(std::string_view name) {
  if (name == "linear") return Interpolation::kLinear;
  if (name == "lower") return Interpolation::kLower;
  if (name == "higher") return Interpolation::kHigher;
  if (name == "midpoint") return Interpolation::kMidpoint;
  if (name == "nearest") return Interpolation::kNearest;
  raise_invalid("quantile",
                "interpolation must be linear, lower, higher, midpoint or nearest, got '", name,
                "'");
}

// q as a vector of x's dtype and device, checked.
Tensor checked_fractions(const Tensor& q, const Tensor& x) {
  if (q.dim() > 1) {
    raise_invalid("quantile", "q must be a number or a vector, got ", q.shape().to_string());
  }
  if (!q.impl().is_immediate && q.dtype() != x.dtype()) {
    raise_invalid("quantile", "q must have the input's dtype ", dtype_name(x.dtype()), ", got ",
                  dtype_name(q.dtype()));
  }
  for (double value : q.to_vector<double>()) {
    if (!(value >= 0 && value <= 1)) {
      raise_invalid("quantile", "q must be in [0, 1], got ", value);
    }
  }
  if (q.impl().is_immediate) return full({1}, q, {.dtype = x.dtype(), .device = x.device()});
  return reshape(without_gradient(q), {q.numel()});
}

}  // namespace

Tensor median(const Tensor& x) {
  Tensor flat = reshape(x, {x.numel()});
  if (x.numel() == 0) {
    check_floating("median", x);
    return full({}, std::numeric_limits<double>::quiet_NaN(),
                {.dtype = x.dtype(), .device = x.device()});
  }
  if (!x.requires_grad()) return median(flat, 0).first;
  Tensor value = median(without_gradient(flat), 0).first;
  Tensor mask = logical_or(eq(flat, value), logical_and(isnan(flat), isnan(value)));
  return with_shared_gradient(value, flat, mask);
}

std::pair<Tensor, Tensor> median(const Tensor& x, int64_t dim, bool keepdim) {
  const int d = dim_or_raise("median", dim, x.shape().rank());
  if (x.dim() == 0) return {clone(x), zeros_like(x, kInt64)};
  if (x.size(d) == 0) {
    raise_invalid("median", "dimension ", d, " of ", x.shape().to_string(), " has no elements");
  }
  Tensor order = argsort(without_gradient(x), d);
  Tensor indices = gather(order, d, median_place(without_gradient(x), d));
  Tensor values = gather(x, d, indices);
  if (keepdim) return {values, indices};
  return {squeeze(values, d), squeeze(indices, d)};
}

Tensor quantile(const Tensor& x, const Tensor& q, std::optional<int64_t> dim, bool keepdim,
                std::string_view interpolation) {
  check_floating("quantile", x);
  const Interpolation how = parse_interpolation(interpolation);
  Tensor fractions = checked_fractions(q, x);
  // Lines last: (.., n).
  Tensor lines = dim.has_value() && x.dim() > 0
                     ? movedim(x, dim_or_raise("quantile", *dim, x.shape().rank()), -1)
                     : reshape(x, {x.numel()});
  const int64_t n = lines.size(-1), k = fractions.numel();
  if (n == 0) raise_invalid("quantile", "no elements in ", x.shape().to_string());
  Tensor sorted = sort(lines, -1).first;

  // Places (.., k). In a line with a nan all are the last, where sorting puts it.
  Tensor place = fractions * static_cast<double>(n - 1);
  Tensor last_is_nan = isnan(narrow(without_gradient(sorted), -1, n - 1, 1));
  place = where(last_is_nan, static_cast<double>(n - 1), place);
  Tensor result;
  if (how == Interpolation::kLower) {
    result = gather(sorted, -1, floor(place).to(kInt64));
  } else if (how == Interpolation::kHigher) {
    result = gather(sorted, -1, ceil(place).to(kInt64));
  } else if (how == Interpolation::kNearest) {
    result = gather(sorted, -1, round(place).to(kInt64));
  } else {
    Tensor below = floor(place);
    Tensor weight = how == Interpolation::kMidpoint ? full_like(place, 0.5) : place - below;
    result = lerp(gather(sorted, -1, below.to(kInt64)), gather(sorted, -1, ceil(place).to(kInt64)),
                  weight);
  }

  result = movedim(result, -1, 0);  // (k, ..)
  if (keepdim) {
    Shape shape = x.shape();
    for (int d = 0; d < shape.rank(); ++d) {
      if (!dim.has_value() || d == *normalize_dim(*dim, shape.rank())) shape[d] = 1;
    }
    shape.insert(0, k);
    result = reshape(result, shape);
  }
  return q.dim() == 0 ? squeeze(result, 0) : result;
}

Tensor histc(const Tensor& x, int64_t bins, double min, double max) {
  check_floating("histc", x);
  if (bins < 1) raise_invalid("histc", "bins must be positive, got ", bins);
  if (min > max) raise_invalid("histc", "wants min <= max, got ", min, " and ", max);
  Tensor flat = reshape(without_gradient(x), {x.numel()});
  if (min == max && x.numel() > 0) {
    min = amin(flat).item<double>();
    max = amax(flat).item<double>();
  }
  if (min == max) {
    min -= 1;
    max += 1;
  }
  if (!std::isfinite(min) || !std::isfinite(max)) {
    raise_invalid("histc", "the range [", min, ", ", max, "] is not finite");
  }
  Tensor inside = logical_and(ge(flat, min), le(flat, max));
  Tensor part = floor((where(inside, flat, min) - min) * static_cast<double>(bins) / (max - min));
  part = clamp(part, 0, static_cast<double>(bins - 1)).to(kInt64);
  Tensor counts = zeros({bins}, {.dtype = x.dtype(), .device = x.device()});
  return scatter_add(counts, 0, part, inside.to(x.dtype()));
}

Tensor bincount(const Tensor& x, const Tensor& weights, int64_t minlength) {
  if (x.dim() != 1 || !is_integral(x.dtype())) {
    raise_invalid("bincount", "wants a vector of integers, got ", x.shape().to_string(), " ",
                  dtype_name(x.dtype()));
  }
  if (minlength < 0) raise_invalid("bincount", "minlength must not be negative, got ", minlength);
  if (weights.defined() && weights.shape() != x.shape()) {
    raise_invalid("bincount", "weights ", weights.shape().to_string(), " do not fit input ",
                  x.shape().to_string());
  }
  int64_t length = minlength;
  if (x.numel() > 0) {
    const int64_t least = amin(x).item<int64_t>();
    if (least < 0) raise_out_of_range("bincount", "negative number ", least);
    length = std::max(length, amax(x).item<int64_t>() + 1);
  }
  Tensor each = weights.defined() ? weights.to(weights.dtype() == kFloat32 ? kFloat32 : kFloat64)
                                  : ones_like(x, kInt64);
  Tensor counts = zeros({length}, {.dtype = each.dtype(), .device = x.device()});
  return x.numel() == 0 ? counts : scatter_add(counts, 0, x.to(kInt64), each);
}

Tensor Tensor::median() const { return tessera::median(*this); }
std::pair<Tensor, Tensor> Tensor::median(int64_t dim, bool keepdim) const {
  return tessera::median(*this, dim, keepdim);
}
Tensor Tensor::quantile(const Tensor& q, std::optional<int64_t> dim, bool keepdim) const {
  return tessera::quantile(*this, q, dim, keepdim);
}
Tensor Tensor::histc(int64_t bins, double min, double max) const {
  return tessera::histc(*this, bins, min, max);
}
Tensor Tensor::bincount(const Tensor& weights, int64_t minlength) const {
  return tessera::bincount(*this, weights, minlength);
}

}  // namespace tessera
