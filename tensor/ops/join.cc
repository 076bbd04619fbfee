// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/join.h"

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
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

// n tensors; ints: dim
const OpDef kCat = {
    .name = "cat",
    .infer =
        [](InferContext& c) {
          const int dim = static_cast<int>(c.int_attribute(0));
          Shape shape = c.shape(0);
          for (int i = 1; i < c.num_inputs(); ++i) {
            TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, i));
            const Shape& next = c.shape(i);
            bool fits = next.rank() == shape.rank();
            for (int d = 0; fits && d < shape.rank(); ++d) {
              fits = d == dim || next[d] == shape[d];
            }
            if (!fits) {
              return c.invalid("tensors 0 and ", i, " have shapes ", c.shape(0).to_string(),
                               " and ", next.to_string(), ", which differ beside dimension ", dim);
            }
            shape[dim] += next[dim];
          }
          c.add_output(c.dtype(0), std::move(shape));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const int64_t dim = c.int_attribute(0);
          int64_t start = 0;
          for (int i = 0; i < c.num_inputs(); ++i) {
            int64_t length = c.input_spec(i).shape[static_cast<int>(dim)];
            if (c.needs(i)) c.set(i, narrow(c.grad(), dim, start, length));
            start += length;
          }
        },
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Rows", {arg({2, 3}), arg({5, 3})}, {0}),
              sample("MiddleOfThree", {arg({2, 3, 5}), arg({2, 1, 5}), arg({2, 4, 5})}, {1}),
              sample("WithEmpty", {arg({2, 0}), arg({2, 7})}, {1}),
              sample("One", {arg({3})}, {0}),
              error_sample("ShapesDiffer", {arg({2, 3}), arg({2, 4})}, {0}),
              error_sample("DTypesDiffer", {arg({2}), arg({2}, 0, 5, kInt64)}, {0})};
        },
};

Tensor pad_by(const Tensor& x, const Attributes& amounts);

// x, value (rank 0, x's dtype); ints: before_0, after_0, before_1, ...
const OpDef kPad = {
    .name = "pad",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 1));
          Shape shape = c.shape(0);
          for (int d = 0; d < shape.rank(); ++d) {
            int64_t before = c.int_attribute(2 * d), after = c.int_attribute(2 * d + 1);
            int64_t kept = shape[d] + std::min<int64_t>(before, 0) + std::min<int64_t>(after, 0);
            if (kept < 0) {
              return c.invalid("padding (", before, ", ", after, ") cuts more than dimension ", d,
                               " of ", c.shape(0).to_string(), " has");
            }
            shape[d] += before + after;
          }
          c.add_output(c.dtype(0), std::move(shape));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          Attributes back;
          for (int64_t amount : c.attributes().ints) back.ints.push_back(-amount);
          Tensor inside = pad_by(c.grad(), back);
          if (c.needs(0)) c.set(0, inside);
          if (c.needs(1)) c.set(1, sum(c.grad()) - sum(inside));
        },
    .traits = kTakesImmediates,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Plane", {arg({2, 3, 5}), arg_values({}, {2.5})}, {0, 0, 1, 2, 3, 1}),
              sample("Cut", {arg({5, 7}), arg_values({}, {0})}, {-1, 2, -2, -3}),
              sample("CutAll", {arg({5, 2}), arg_values({}, {0})}, {0, 0, -1, -1}),
              error_sample("CutTooMuch", {arg({5, 2}), arg_values({}, {0})}, {0, 0, -2, -1})};
        },
};

// ints: the dimensions
const OpDef kFlip = {
    .name = "flip",
    .infer =
        [](InferContext& c) {
          c.add_output(c.dtype(0), c.shape(0));
          return absl::OkStatus();
        },
    .vjp = [](VjpContext& c) { c.set(0, flip(c.grad(), c.attributes().ints)); },
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{sample("Last", {arg({3, 7})}, {1}),
                                     sample("Two", {arg({3, 5, 7})}, {0, 2}),
                                     sample("Empty", {arg({3, 0})}, {0})};
        },
};

Tensor pad_by(const Tensor& x, const Attributes& amounts) {
  Tensor zero = cast_immediate(0, x.dtype());
  return dispatch(kPad, {&x, &zero}, amounts);
}

// Rank 0 as a vector of one element.
Tensor at_least_1d(const Tensor& x) { return x.dim() == 0 ? reshape(x, {1}) : x; }

}  // namespace

Tensor cat(absl::Span<const Tensor> tensors, int64_t dim) {
  if (tensors.empty())
    raise_op_error("cat", absl::InvalidArgumentError("wants at least one tensor"));
  std::vector<const Tensor*> inputs = refs(tensors);
  DType dtype = result_type(inputs);
  std::vector<Tensor> cast;
  cast.reserve(tensors.size());
  for (const Tensor& t : tensors) {
    if (t.shape() != Shape{0}) cast.push_back(t.to(dtype));
  }
  if (cast.empty()) cast.push_back(tensors[0].to(dtype));
  return dispatch(kCat, refs(cast), {dim_or_raise("cat", dim, cast[0].shape().rank())});
}

Tensor stack(absl::Span<const Tensor> tensors, int64_t dim) {
  std::vector<Tensor> rows;
  rows.reserve(tensors.size());
  for (const Tensor& t : tensors) {
    if (t.shape() != tensors[0].shape()) {
      raise_op_error("stack", absl::InvalidArgumentError(absl::StrCat(
                                  "tensors have shapes ", tensors[0].shape().to_string(), " and ",
                                  t.shape().to_string())));
    }
    rows.push_back(unsqueeze(t, dim));
  }
  return cat(rows, rows.empty() ? 0 : dim_or_raise("stack", dim, tensors[0].shape().rank() + 1));
}

Tensor hstack(absl::Span<const Tensor> tensors) {
  std::vector<Tensor> parts;
  for (const Tensor& t : tensors) parts.push_back(at_least_1d(t));
  return cat(parts, parts.empty() || parts[0].dim() == 1 ? 0 : 1);
}

Tensor vstack(absl::Span<const Tensor> tensors) {
  std::vector<Tensor> parts;
  for (const Tensor& t : tensors) parts.push_back(t.dim() < 2 ? reshape(t, {1, t.numel()}) : t);
  return cat(parts, 0);
}

Tensor pad(const Tensor& x, Dims padding, double value) {
  const int rank = x.shape().rank();
  if (padding.size() % 2 != 0 || static_cast<int>(padding.size()) / 2 > rank) {
    raise_op_error("pad", absl::InvalidArgumentError(absl::StrCat(
                              "padding ", to_string(padding),
                              " must hold a pair for each of at most ", rank, " dimensions")));
  }
  Attributes amounts;
  amounts.ints.resize(2 * rank, 0);
  for (size_t i = 0; i < padding.size(); ++i) {
    size_t d = static_cast<size_t>(rank) - 1 - i / 2;
    amounts.ints[2 * d + i % 2] = padding[i];
  }
  Tensor fill = cast_immediate(value, x.dtype());
  return dispatch(kPad, {&x, &fill}, amounts);
}

Tensor pad_dim(const Tensor& x, int64_t dim, int64_t before, int64_t after) {
  if (before == 0 && after == 0) return x;
  Attributes amounts;
  amounts.ints.resize(2 * x.shape().size(), 0);
  amounts.ints[static_cast<size_t>(2 * dim)] = before;
  amounts.ints[static_cast<size_t>(2 * dim + 1)] = after;
  return pad_by(x, amounts);
}

Tensor flip(const Tensor& x, Dims dims) {
  Attributes which;
  for (int64_t d : dims) which.ints.push_back(dim_or_raise("flip", d, x.shape().rank()));
  return dispatch(kFlip, {&x}, which);
}

Tensor roll(const Tensor& x, int64_t shift, int64_t dim) {
  int d = dim_or_raise("roll", dim, x.shape().rank());
  int64_t size = x.shape()[d];
  if (size == 0) return x;
  shift = ((shift % size) + size) % size;
  if (shift == 0) return x;
  Tensor parts[] = {narrow(x, d, size - shift, shift), narrow(x, d, 0, size - shift)};
  return cat(parts, d);
}

Tensor roll(const Tensor& x, Dims shifts, Dims dims) {
  if (shifts.size() != dims.size()) {
    raise_invalid("roll", "pairs shifts ", to_string(shifts), " with dimensions ", to_string(dims));
  }
  Tensor result = x;
  for (size_t i = 0; i < shifts.size(); ++i) result = roll(result, shifts[i], dims[i]);
  return result;
}

Tensor roll(const Tensor& x, int64_t shift) {
  return reshape(roll(reshape(x, {x.numel()}), shift, 0), x.shape());
}

Tensor repeat(const Tensor& x, Dims repeats) {
  const int rank = static_cast<int>(repeats.size()), own = x.shape().rank();
  if (rank < own) {
    raise_op_error("repeat", absl::InvalidArgumentError(absl::StrCat(
                                 "repeats ", to_string(repeats),
                                 " are fewer than the dimensions of ", x.shape().to_string())));
  }
  // (r_0, s_0, r_1, s_1, ...), then each pair merged.
  Shape apart, wide, merged;
  for (int d = 0; d < rank; ++d) {
    int64_t size = d < rank - own ? 1 : x.shape()[d - (rank - own)];
    if (repeats[d] < 0) {
      raise_op_error("repeat", absl::InvalidArgumentError(
                                   absl::StrCat("negative repeats ", to_string(repeats))));
    }
    apart.push_back(1);
    apart.push_back(size);
    wide.push_back(repeats[d]);
    wide.push_back(size);
    merged.push_back(repeats[d] * size);
  }
  return reshape(expand(reshape(x, apart), wide), merged);
}

Tensor tile(const Tensor& x, Dims repeats) {
  std::vector<int64_t> all;
  if (static_cast<int64_t>(repeats.size()) < x.dim())
    all.assign(x.shape().size() - repeats.size(), 1);
  all.insert(all.end(), repeats.begin(), repeats.end());
  return repeat(x, all);
}

Tensor repeat_interleave(const Tensor& x, int64_t repeats, std::optional<int64_t> dim) {
  if (!dim.has_value()) return repeat_interleave(reshape(x, {x.numel()}), repeats, 0);
  if (repeats < 0) raise_invalid("repeat_interleave", "negative repeats ", repeats);
  const Tensor row = at_least_1d(x);
  const int d = dim_or_raise("repeat_interleave", *dim, row.shape().rank());
  Shape wide = row.shape(), merged = row.shape();
  wide.insert(d + 1, repeats);
  merged[d] *= repeats;
  return reshape(expand(unsqueeze(row, d + 1), wide), merged);
}

Tensor repeat_interleave(const Tensor& x, const Tensor& repeats, std::optional<int64_t> dim) {
  if (!dim.has_value()) return repeat_interleave(reshape(x, {x.numel()}), repeats, 0);
  if (!is_integral(repeats.dtype())) {
    raise_invalid("repeat_interleave", "repeats must be integers, got ",
                  dtype_name(repeats.dtype()));
  }
  if (repeats.numel() == 1) return repeat_interleave(x, repeats.item<int64_t>(), dim);
  const int d = dim_or_raise("repeat_interleave", *dim, x.shape().rank());
  check_min_rank("repeat_interleave", x, 1);
  if (repeats.dim() != 1 || repeats.numel() != x.size(d)) {
    raise_invalid("repeat_interleave", "repeats ", repeats.shape().to_string(),
                  " do not fit dimension ", d, " of ", x.shape().to_string());
  }
  std::vector<int64_t> index;
  int64_t i = 0;
  for (int64_t count : repeats.to_vector<int64_t>()) {
    if (count < 0) raise_invalid("repeat_interleave", "negative repeats ", count);
    index.insert(index.end(), static_cast<size_t>(count), i++);
  }
  return index_select(x, d, tensor(index, {.dtype = kInt64, .device = x.device()}));
}

std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t dim) {
  int d = dim_or_raise("split", dim, x.shape().rank());
  if (size <= 0) {
    raise_op_error("split",
                   absl::InvalidArgumentError(absl::StrCat("size must be positive, got ", size)));
  }
  std::vector<Tensor> parts;
  int64_t total = x.shape()[d];
  for (int64_t start = 0; start < total || parts.empty(); start += size) {
    parts.push_back(narrow(x, d, start, std::min(size, total - start)));
  }
  return parts;
}

std::vector<Tensor> split(const Tensor& x, Dims sizes, int64_t dim) {
  check_min_rank("split", x, 1);
  int d = dim_or_raise("split", dim, x.shape().rank());
  int64_t total = 0;
  for (int64_t size : sizes) {
    if (size < 0) raise_invalid("split", "negative size in ", to_string(sizes));
    total += size;
  }
  if (total != x.size(d)) {
    raise_invalid("split", "sizes ", to_string(sizes), " add up to ", total, ", dimension ", d,
                  " of ", x.shape().to_string(), " has ", x.size(d));
  }
  std::vector<Tensor> parts;
  int64_t start = 0;
  for (int64_t size : sizes) {
    parts.push_back(narrow(x, d, start, size));
    start += size;
  }
  return parts;
}
std::vector<Tensor> split_with_sizes(const Tensor& x, Dims sizes, int64_t dim) {
  return split(x, sizes, dim);
}

std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim) {
  int d = dim_or_raise("chunk", dim, x.shape().rank());
  if (chunks <= 0) {
    raise_op_error(
        "chunk", absl::InvalidArgumentError(absl::StrCat("chunks must be positive, got ", chunks)));
  }
  return split(x, std::max<int64_t>((x.shape()[d] + chunks - 1) / chunks, 1), d);
}

std::vector<Tensor> unbind(const Tensor& x, int64_t dim) {
  int d = dim_or_raise("unbind", dim, x.shape().rank());
  std::vector<Tensor> parts;
  for (int64_t i = 0; i < x.size(d); ++i) parts.push_back(select(x, d, i));
  return parts;
}

std::vector<Tensor> Tensor::split(int64_t size, int64_t dim) const {
  return tessera::split(*this, size, dim);
}
std::vector<Tensor> Tensor::split(Dims sizes, int64_t dim) const {
  return tessera::split(*this, sizes, dim);
}
std::vector<Tensor> Tensor::split_with_sizes(Dims sizes, int64_t dim) const {
  return tessera::split(*this, sizes, dim);
}
std::vector<Tensor> Tensor::chunk(int64_t chunks, int64_t dim) const {
  return tessera::chunk(*this, chunks, dim);
}
std::vector<Tensor> Tensor::unbind(int64_t dim) const { return tessera::unbind(*this, dim); }
Tensor Tensor::repeat(Dims repeats) const { return tessera::repeat(*this, repeats); }
Tensor Tensor::tile(Dims repeats) const { return tessera::tile(*this, repeats); }
Tensor Tensor::repeat_interleave(int64_t repeats, std::optional<int64_t> dim) const {
  return tessera::repeat_interleave(*this, repeats, dim);
}
Tensor Tensor::repeat_interleave(const Tensor& repeats, std::optional<int64_t> dim) const {
  return tessera::repeat_interleave(*this, repeats, dim);
}
Tensor Tensor::roll(int64_t shift) const { return tessera::roll(*this, shift); }
Tensor Tensor::roll(int64_t shift, int64_t dim) const { return tessera::roll(*this, shift, dim); }
Tensor Tensor::roll(Dims shifts, Dims dims) const { return tessera::roll(*this, shifts, dims); }
Tensor Tensor::flip(Dims dims) const { return tessera::flip(*this, dims); }

absl::Span<const OpDef* const> join_ops() {
  static const OpDef* const kOps[] = {&kCat, &kPad, &kFlip};
  return kOps;
}

}  // namespace tessera
