// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/join.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/families.h"
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

int dim_or_raise(const char* op, int64_t dim, int rank) {
  absl::StatusOr<int> d = normalize_dim(dim, rank);
  if (!d.ok()) raise_op_error(op, d.status());
  return *d;
}

}  // namespace

Tensor cat(absl::Span<const Tensor> tensors, int64_t dim) {
  if (tensors.empty())
    raise_op_error("cat", absl::InvalidArgumentError("wants at least one tensor"));
  std::vector<const Tensor*> inputs = refs(tensors);
  DType dtype = result_type(inputs);
  std::vector<Tensor> cast;
  cast.reserve(tensors.size());
  for (const Tensor& t : tensors) cast.push_back(t.to(dtype));
  return dispatch(kCat, refs(cast), {dim_or_raise("cat", dim, tensors[0].shape().rank())});
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
std::vector<Tensor> Tensor::chunk(int64_t chunks, int64_t dim) const {
  return tessera::chunk(*this, chunks, dim);
}
std::vector<Tensor> Tensor::unbind(int64_t dim) const { return tessera::unbind(*this, dim); }
Tensor Tensor::repeat(Dims repeats) const { return tessera::repeat(*this, repeats); }
Tensor Tensor::flip(Dims dims) const { return tessera::flip(*this, dims); }

absl::Span<const OpDef* const> join_ops() {
  static const OpDef* const kOps[] = {&kCat, &kPad, &kFlip};
  return kOps;
}

}  // namespace tessera
