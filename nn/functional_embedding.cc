// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/functional_embedding.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/autograd/function.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/index.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"

namespace tessera::nn::functional {
namespace {

[[noreturn]] void refuse(const char* op, const std::string& what) {
  raise_op_error(op, absl::InvalidArgumentError(what));
}

void check_operands(const char* op, const Tensor& indices, const Tensor& weight) {
  if (indices.dtype() != kInt64 && indices.dtype() != kInt32) {
    refuse(op, absl::StrCat("indices must be int64 or int32, got ", dtype_name(indices.dtype())));
  }
  if (!weight.is_floating_point() || weight.dim() != 2) {
    refuse(op, absl::StrCat("weight must be a floating point matrix, got ",
                            weight.shape().to_string(), " ", dtype_name(weight.dtype())));
  }
}

std::optional<int64_t> row_of(const char* op, std::optional<int64_t> index, int64_t rows) {
  if (!index.has_value()) return index;
  if (*index < -rows || *index >= rows) {
    raise_op_error(op, absl::OutOfRangeError(absl::StrCat("padding_idx is ", *index,
                                                          ", weight has ", rows, " rows")));
  }
  return *index < 0 ? *index + rows : *index;
}

// The p-norm of every row, (N, D) -> (N, 1).
Tensor norm_of_rows(const Tensor& x, double p) {
  const Tensor size = abs(x);
  if (std::isinf(p)) return amax(size, {1}, /*keepdim=*/true);
  if (p == 2) return sqrt(sum(square(size), {1}, /*keepdim=*/true));
  if (p == 1) return sum(size, {1}, /*keepdim=*/true);
  return pow(sum(pow(size, p), {1}, /*keepdim=*/true), 1 / p);
}

// Shrinks the rows that `indices` (N) name to `max_norm` where they are longer.
void renormalize(const Tensor& indices, const Tensor& weight, double max_norm, double p) {
  if (indices.numel() == 0) return;
  NoGradGuard no_grad;
  Tensor target = weight.detach();
  const Tensor rows = index_select(target, 0, indices);
  const Tensor norms = norm_of_rows(rows, p);
  // PyTorch's guard against a norm of 0.
  const Tensor shrunk = rows * (max_norm / (norms + 1e-7));
  target.index_put_({indices}, where(norms > max_norm, shrunk, rows));
}

// weight[indices], indices (N). Rows named `padding` get no gradient.
Tensor rows_at(const Tensor& indices, const Tensor& weight, std::optional<int64_t> padding,
               bool scale_grad_by_freq) {
  if (!padding.has_value() && !scale_grad_by_freq) return index_select(weight, 0, indices);
  auto vjp = [indices, padding, scale_grad_by_freq](VjpContext& c) {
    const TensorSpec& spec = c.input_spec(0);
    const int64_t rows = spec.shape[0];
    Tensor g = c.grad();
    if (scale_grad_by_freq) {
      const Tensor once = ones({indices.numel()}, {.dtype = g.dtype(), .device = g.device()});
      const Tensor none = zeros({rows}, {.dtype = g.dtype(), .device = g.device()});
      const Tensor counts = index_add(none, 0, indices, once);
      g = g / unsqueeze(index_select(counts, 0, indices), 1);
    }
    // What goes to padding goes to a row behind the table, which is cut off.
    const Tensor to = padding.has_value() ? where(indices == *padding, rows, indices) : indices;
    const Tensor table = zeros({rows + padding.has_value(), spec.shape[1]},
                               {.dtype = g.dtype(), .device = g.device()});
    c.set(0, narrow(index_add(table, 0, to, g), 0, 0, rows));
  };
  return autograd::custom_function(
      "embedding", {weight}, [&] { return std::vector<Tensor>{index_select(weight, 0, indices)}; },
      std::move(vjp))[0];
}

Tensor flat_indices(const Tensor& indices) {
  return reshape(indices, {indices.numel()}).to(kInt64);
}

// The first index of every bag and, at the end, the number of indices.
std::vector<int64_t> bag_bounds(const Tensor& offsets, bool include_last_offset, int64_t count) {
  const char* const op = "embedding_bag";
  std::vector<int64_t> bounds = offsets.to_vector<int64_t>();
  if (include_last_offset) {
    if (bounds.empty()) refuse(op, "include_last_offset wants at least one offset, got none");
    if (bounds.back() != count) {
      refuse(op, absl::StrCat("with include_last_offset the last offset must be the number of ",
                              "indices, ", count, ", got ", bounds.back()));
    }
  } else {
    bounds.push_back(count);
  }
  if (bounds.size() > 1 && bounds.front() != 0) {
    refuse(op, absl::StrCat("offsets must start with 0, got ", bounds.front()));
  }
  for (size_t i = 1; i < bounds.size(); ++i) {
    if (bounds[i] < bounds[i - 1]) {
      refuse(op, absl::StrCat("offset ", i, " is ", bounds[i], ", after ", bounds[i - 1]));
    }
  }
  return bounds;
}

// Bags of different lengths as a matrix: places in the list of indices, and which are real.
struct Grid {
  Tensor places, valid;  // (B, L)
};

Grid grid_of(const std::vector<int64_t>& bounds, const Device& device) {
  const int64_t bags = static_cast<int64_t>(bounds.size()) - 1;
  int64_t longest = 0;
  for (size_t b = 0; b + 1 < bounds.size(); ++b) {
    longest = std::max(longest, bounds[b + 1] - bounds[b]);
  }
  std::vector<int64_t> places(static_cast<size_t>(bags * longest)), valid(places.size());
  for (int64_t b = 0; b < bags; ++b) {
    for (int64_t k = 0; k < bounds[b + 1] - bounds[b]; ++k) {
      places[b * longest + k] = bounds[b] + k;
      valid[b * longest + k] = 1;
    }
  }
  const TensorOptions as = {.dtype = kInt64, .device = device};
  return {tensor<int64_t>(places, {bags, longest}, as),
          tensor<int64_t>(valid, {bags, longest}, as).to(kBool)};
}

}  // namespace

Tensor embedding(const Tensor& indices, const Tensor& weight, const EmbeddingOptions& options) {
  check_operands("embedding", indices, weight);
  const auto padding = row_of("embedding", options.padding_idx, weight.size(0));
  const Tensor flat = flat_indices(indices);
  if (options.max_norm) renormalize(flat, weight, *options.max_norm, options.norm_type);
  Shape shape = indices.shape();
  shape.push_back(weight.size(1));
  return reshape(rows_at(flat, weight, padding, options.scale_grad_by_freq), shape);
}

Tensor embedding_bag(const Tensor& indices, const Tensor& weight, const Tensor& offsets,
                     const EmbeddingBagOptions& options) {
  const char* const op = "embedding_bag";
  const bool is_max = options.mode == EmbeddingBagMode::kMax;
  check_operands(op, indices, weight);
  const bool is_matrix = indices.dim() == 2;
  if (indices.dim() != 1 && !is_matrix) {
    refuse(op,
           absl::StrCat("indices must have 1 or 2 dimensions, got ", indices.shape().to_string()));
  }
  if (is_matrix == offsets.defined()) {
    refuse(op, is_matrix ? "indices of 2 dimensions take no offsets"
                         : "indices of 1 dimension want offsets");
  }
  const Tensor& factors = options.per_sample_weights;
  if (factors.defined() && options.mode != EmbeddingBagMode::kSum) {
    refuse(op, "per_sample_weights are for mode kSum only");
  }
  if (factors.defined() && factors.shape() != indices.shape()) {
    refuse(op, absl::StrCat("per_sample_weights have shape ", factors.shape().to_string(),
                            ", indices ", indices.shape().to_string()));
  }
  if (options.scale_grad_by_freq && is_max) refuse(op, "scale_grad_by_freq is not for mode kMax");
  const auto padding = row_of(op, options.padding_idx, weight.size(0));

  const Tensor flat = flat_indices(indices);
  if (options.max_norm) renormalize(flat, weight, *options.max_norm, options.norm_type);
  Tensor places =
      reshape(arange(flat.numel(), {.dtype = kInt64, .device = flat.device()}), indices.shape());
  Tensor valid = ones_like(places).to(kBool);
  if (!is_matrix) {
    if (offsets.dim() != 1) {
      refuse(op, absl::StrCat("offsets must have 1 dimension, got ", offsets.shape().to_string()));
    }
    const Grid grid =
        grid_of(bag_bounds(offsets, options.include_last_offset, flat.numel()), flat.device());
    places = grid.places;
    valid = grid.valid;
  }
  const int64_t bags = places.size(0), longest = places.size(1), width = weight.size(1);
  if (bags == 0 || longest == 0) {
    const Tensor none =
        index_select(weight, 0, zeros({0}, {.dtype = kInt64, .device = weight.device()}));
    return expand(sum(none, {0}), {bags, width});
  }
  const Tensor slots = reshape(places, {bags * longest});
  const Tensor chosen = index_select(flat, 0, slots);
  if (padding.has_value()) {
    valid = logical_and(valid, reshape(chosen != *padding, {bags, longest}));
  }
  // Slots that are not real stand for the first index; `where` takes their values out.
  const Tensor real = reshape(valid, {bags * longest});
  Tensor rows = rows_at(flat, weight, padding, options.scale_grad_by_freq);
  if (!is_matrix) rows = index_select(rows, 0, slots);
  Tensor values =
      where(unsqueeze(real, 1), rows, is_max ? -std::numeric_limits<double>::infinity() : 0.0);
  if (factors.defined()) {
    values = values * unsqueeze(index_select(reshape(factors, {flat.numel()}), 0, slots), 1);
  }
  values = reshape(values, {bags, longest, width});
  const Tensor counts = sum(valid.to(weight.dtype()), {1}, /*keepdim=*/true);
  if (is_max) return where(counts > 0, max(values, 1).first, 0.0);
  const Tensor total = sum(values, {1});
  return options.mode == EmbeddingBagMode::kSum ? total : total / maximum(counts, 1);
}

}  // namespace tessera::nn::functional
