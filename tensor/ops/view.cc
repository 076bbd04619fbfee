// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/view.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/samples.h"

namespace tessera {
namespace {

// Strides that show a tensor of `shape` and `strides` as `wanted`, if there are any: each run of
// dimensions that is dense in itself may be split anew.
std::optional<Strides> split_strides(const Shape& shape, const Strides& strides,
                                     const Shape& wanted) {
  if (shape.numel() == 0) return contiguous_strides(wanted);
  Strides result(wanted.size(), 1);
  int w = wanted.rank() - 1;
  int64_t run_stride = shape.rank() == 0 ? 1 : strides[shape.rank() - 1];
  int64_t run = 1, filled = 1;
  for (int d = shape.rank() - 1; d >= 0; --d) {
    run *= shape[d];
    bool ends = d == 0 || (shape[d - 1] != 1 && strides[d - 1] != run * run_stride);
    if (!ends) continue;
    while (w >= 0 && (filled < run || wanted[w] == 1)) {
      result[w] = filled * run_stride;
      filled *= wanted[w];
      --w;
    }
    if (filled != run) return std::nullopt;
    if (d > 0) {
      run_stride = strides[d - 1];
      run = filled = 1;
    }
  }
  if (w >= 0 &&
      std::any_of(wanted.begin(), wanted.begin() + w + 1, [](int64_t size) { return size != 1; })) {
    return std::nullopt;
  }
  return result;
}

// `shape` with its -1 replaced.
absl::StatusOr<Shape> resolve(const Shape& shape, int64_t numel) {
  Shape resolved = shape;
  int open = -1;
  int64_t known = 1;
  for (int d = 0; d < shape.rank(); ++d) {
    if (shape[d] == -1 && open < 0) {
      open = d;
    } else if (shape[d] < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("shape ", shape.to_string(), " has a negative size at ", d));
    } else {
      known *= shape[d];
    }
  }
  if (open >= 0 && known > 0 && numel % known == 0) resolved[open] = numel / known;
  if ((open >= 0 && resolved[open] < 0) || resolved.numel() != numel) {
    return absl::InvalidArgumentError(
        absl::StrCat("shape ", shape.to_string(), " does not hold ", numel, " elements"));
  }
  return resolved;
}

// ints: the shape
const OpDef kViewOp = {
    .name = "view",
    .infer =
        [](InferContext& c) {
          Shape wanted(absl::Span<const int64_t>(c.attributes().ints));
          const Tensor& x = c.input(0);
          if (wanted.numel() != x.numel()) {
            return c.invalid("shape ", wanted.to_string(), " does not hold the elements of ",
                             x.shape().to_string());
          }
          std::optional<Strides> strides = split_strides(x.shape(), x.strides(), wanted);
          if (!strides.has_value()) {
            return c.invalid("shape ", wanted.to_string(), " cannot view ", x.shape().to_string(),
                             " with strides ", to_string(x.strides()), "; use reshape");
          }
          c.set_view(std::move(wanted), *std::move(strides), x.storage_offset());
          return absl::OkStatus();
        },
    .vjp = [](VjpContext& c) { c.set(0, reshape(c.grad(), c.input_spec(0).shape)); },
    .traits = kView,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{sample("Merge", {arg({2, 3, 5})}, {6, 5}),
                                     sample("Split", {arg({12, 5})}, {3, 4, 5}),
                                     sample("ToRank0", {arg({1, 1})}, Attributes{}),
                                     sample("FromRank0", {arg({})}, {1, 1}),
                                     sample("Empty", {arg({0, 3})}, {3, 0, 7}),
                                     error_sample("OtherSize", {arg({2, 3})}, {7})};
        },
};

// ints: the permutation
const OpDef kPermute = {
    .name = "permute",
    .infer =
        [](InferContext& c) {
          const Tensor& x = c.input(0);
          const auto& dims = c.attributes().ints;
          const int rank = x.shape().rank();
          std::vector<bool> seen(static_cast<size_t>(rank), false);
          if (static_cast<int>(dims.size()) != rank) {
            return c.invalid("dims ", to_string(dims), " for a tensor of rank ", rank);
          }
          Shape shape;
          Strides strides;
          for (int64_t d : dims) {
            if (d < 0 || d >= rank || seen[static_cast<size_t>(d)]) {
              return c.invalid("dims ", to_string(dims), " are no permutation of rank ", rank);
            }
            seen[static_cast<size_t>(d)] = true;
            shape.push_back(x.shape()[static_cast<int>(d)]);
            strides.push_back(x.strides()[static_cast<size_t>(d)]);
          }
          c.set_view(std::move(shape), std::move(strides), x.storage_offset());
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const auto& dims = c.attributes().ints;
          std::vector<int64_t> inverse(dims.size());
          for (size_t i = 0; i < dims.size(); ++i) {
            inverse[static_cast<size_t>(dims[i])] = static_cast<int64_t>(i);
          }
          c.set(0, permute(c.grad(), inverse));
        },
    .traits = kView,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{sample("Cycle", {arg({2, 3, 5})}, {2, 0, 1}),
                                     sample("Matrix", {arg({7, 11})}, {1, 0}),
                                     error_sample("Twice", {arg({2, 3})}, {0, 0}),
                                     error_sample("TooFew", {arg({2, 3})}, {0})};
        },
};

// ints: the shape
const OpDef kExpand = {
    .name = "expand",
    .infer =
        [](InferContext& c) {
          const Tensor& x = c.input(0);
          Shape shape(absl::Span<const int64_t>(c.attributes().ints));
          Strides strides(shape.size(), 0);
          bool fits = shape.rank() >= x.shape().rank();
          for (int d = 1; fits && d <= shape.rank(); ++d) {
            if (d > x.shape().rank()) {
              fits = shape[-d] >= 0;
              continue;
            }
            int64_t size = x.shape()[-d];
            if (shape[-d] == -1) shape[-d] = size;
            if (shape[-d] == size) {
              strides[shape.size() - d] = x.strides()[x.strides().size() - d];
            } else {
              fits = size == 1 && shape[-d] >= 0;
            }
          }
          if (!fits) {
            return c.invalid("a tensor ", x.shape().to_string(), " does not expand to ",
                             to_string(c.attributes().ints));
          }
          c.set_view(std::move(shape), std::move(strides), x.storage_offset());
          return absl::OkStatus();
        },
    .vjp = [](VjpContext& c) { c.set(0, sum_to_shape(c.grad(), c.input_spec(0).shape)); },
    .traits = kView,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{sample("NewDimension", {arg({3})}, {5, 3}),
                                     sample("Middle", {arg({2, 1, 3})}, {2, 7, 3}),
                                     sample("Rank0", {arg({})}, {2, 3}),
                                     sample("ToZero", {arg({1, 3})}, {0, 3}),
                                     sample("Keep", {arg({3, 1})}, {-1, 5}),
                                     error_sample("NotOne", {arg({2, 3})}, {4, 3}),
                                     error_sample("TooShort", {arg({2, 3})}, {3})};
        },
};

// ints: dim, index
const OpDef kSelect = {
    .name = "select",
    .infer =
        [](InferContext& c) {
          const Tensor& x = c.input(0);
          const int dim = static_cast<int>(c.int_attribute(0));
          int64_t index = c.int_attribute(1), size = x.shape()[dim];
          if (index < -size || index >= size) {
            return c.out_of_range("index ", index, " is out of range for dimension ", dim,
                                  " of size ", size);
          }
          if (index < 0) index += size;
          Shape shape = x.shape();
          Strides strides = x.strides();
          int64_t offset = x.storage_offset() + index * strides[dim];
          shape.erase(dim);
          strides.erase(strides.begin() + dim);
          c.set_view(std::move(shape), std::move(strides), offset);
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const int64_t dim = c.int_attribute(0);
          int64_t size = c.input_spec(0).shape[static_cast<int>(dim)];
          int64_t index = c.int_attribute(1) < 0 ? c.int_attribute(1) + size : c.int_attribute(1);
          c.set(0, pad_dim(unsqueeze(c.grad(), dim), dim, index, size - 1 - index));
        },
    .traits = kView,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("First", {arg({3, 5})}, {0, 0}),
              sample("LastOfMiddle", {arg({2, 3, 5})}, {1, -1}),
              error_sample("Beyond", {arg({3, 5})}, {1, 5}, absl::StatusCode::kOutOfRange)};
        },
};

// ints: dim, start, end, step; start and end are within the tensor
const OpDef kSlice = {
    .name = "slice",
    .infer =
        [](InferContext& c) {
          const Tensor& x = c.input(0);
          const int dim = static_cast<int>(c.int_attribute(0));
          int64_t start = c.int_attribute(1), end = c.int_attribute(2), step = c.int_attribute(3);
          Shape shape = x.shape();
          Strides strides = x.strides();
          if (start < 0 || end < start || end > shape[dim]) {
            return c.out_of_range("[", start, ", ", end, ") is out of range for dimension ", dim,
                                  " of size ", shape[dim]);
          }
          if (step <= 0) return c.invalid("step must be positive, got ", step);
          int64_t offset = x.storage_offset() + start * strides[dim];
          shape[dim] = (end - start + step - 1) / step;
          strides[dim] *= step;
          c.set_view(std::move(shape), std::move(strides), offset);
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const int64_t dim = c.int_attribute(0), start = c.int_attribute(1),
                        step = c.int_attribute(3);
          const int64_t size = c.input_spec(0).shape[static_cast<int>(dim)];
          Tensor g = c.grad();
          if (step > 1) {  // put step - 1 zeros behind each element
            g = pad_dim(unsqueeze(g, dim + 1), dim + 1, 0, step - 1);
            g = flatten(g, dim, dim + 1);
          }
          // What is behind the end is cut off: a negative pad.
          int64_t length = g.shape()[static_cast<int>(dim)];
          c.set(0, pad_dim(g, dim, start, size - start - length));
        },
    .traits = kView,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Middle", {arg({7, 5})}, {0, 2, 6, 1}),
              sample("Step3", {arg({2, 11})}, {1, 1, 11, 3}),
              sample("Empty", {arg({3, 5})}, {1, 2, 2, 1}),
              error_sample("NoStep", {arg({3, 5})}, {1, 0, 2, 0}),
              error_sample("Beyond", {arg({3, 5})}, {1, 0, 6, 1}, absl::StatusCode::kOutOfRange)};
        },
};

Tensor with_shape(const Tensor& x, const Shape& shape) {
  return dispatch(kViewOp, {&x}, Attributes(absl::Span<const int64_t>(shape.data(), shape.size())));
}

}  // namespace

Tensor view(const Tensor& x, const Shape& shape) {
  absl::StatusOr<Shape> wanted = resolve(shape, x.numel());
  if (!wanted.ok()) raise_op_error("view", wanted.status());
  return with_shape(x, *wanted);
}

Tensor reshape(const Tensor& x, const Shape& shape) {
  absl::StatusOr<Shape> wanted = resolve(shape, x.numel());
  if (!wanted.ok()) raise_op_error("reshape", wanted.status());
  if (*wanted == x.shape()) return x;
  if (x.is_contiguous() || split_strides(x.shape(), x.strides(), *wanted).has_value()) {
    return with_shape(x, *wanted);
  }
  return with_shape(clone(x), *wanted);
}

Tensor permute(const Tensor& x, Dims dims) {
  Attributes order;
  for (int64_t d : dims) order.ints.push_back(dim_or_raise("permute", d, x.shape().rank()));
  return dispatch(kPermute, {&x}, order);
}

Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1) {
  const int rank = x.shape().rank();
  int a = dim_or_raise("transpose", dim0, rank), b = dim_or_raise("transpose", dim1, rank);
  if (a == b) return x;
  Attributes order;
  for (int d = 0; d < rank; ++d) order.ints.push_back(d);
  std::swap(order.ints[static_cast<size_t>(a)], order.ints[static_cast<size_t>(b)]);
  return dispatch(kPermute, {&x}, order);
}

Tensor movedim(const Tensor& x, int64_t source, int64_t destination) {
  const int rank = x.shape().rank();
  int from = dim_or_raise("movedim", source, rank), to = dim_or_raise("movedim", destination, rank);
  std::vector<int64_t> order;
  for (int d = 0; d < rank; ++d) {
    if (d != from) order.push_back(d);
  }
  order.insert(order.begin() + to, from);
  return permute(x, order);
}

Tensor movedim(const Tensor& x, Dims source, Dims destination) {
  const int rank = x.shape().rank();
  const std::vector<int64_t> from = dims_or_raise("movedim", source, rank);
  const std::vector<int64_t> to = dims_or_raise("movedim", destination, rank);
  if (from.size() != to.size()) {
    raise_invalid("movedim", "pairs dimensions ", to_string(source), " with ",
                  to_string(destination));
  }
  std::vector<int64_t> order(static_cast<size_t>(rank), -1);
  for (size_t i = 0; i < from.size(); ++i) order[static_cast<size_t>(to[i])] = from[i];
  int64_t next = 0;
  for (int64_t& d : order) {
    if (d >= 0) continue;
    while (std::find(from.begin(), from.end(), next) != from.end()) ++next;
    d = next++;
  }
  return permute(x, order);
}

Tensor expand(const Tensor& x, const Shape& shape) {
  return dispatch(kExpand, {&x}, Attributes(absl::Span<const int64_t>(shape.data(), shape.size())));
}

Tensor squeeze(const Tensor& x) {
  Shape shape;
  for (int64_t size : x.shape()) {
    if (size != 1) shape.push_back(size);
  }
  return with_shape(x, shape);
}

Tensor squeeze(const Tensor& x, int64_t dim) {
  int d = dim_or_raise("squeeze", dim, x.shape().rank());
  if (x.shape().rank() == 0 || x.shape()[d] != 1) return x;
  Shape shape = x.shape();
  shape.erase(d);
  return with_shape(x, shape);
}

Tensor squeeze(const Tensor& x, Dims dims) {
  std::vector<int64_t> which = dims_or_raise("squeeze", dims, x.shape().rank());
  std::sort(which.begin(), which.end(), std::greater<int64_t>());
  Tensor result = x;
  for (int64_t d : which) result = squeeze(result, d);
  return result;
}

Tensor unsqueeze(const Tensor& x, int64_t dim) {
  int d = dim_or_raise("unsqueeze", dim, x.shape().rank() + 1);
  Shape shape = x.shape();
  shape.insert(d, 1);
  return with_shape(x, shape);
}

Tensor flatten(const Tensor& x, int64_t start_dim, int64_t end_dim) {
  const int rank = x.shape().rank();
  int first = dim_or_raise("flatten", start_dim, rank),
      last = dim_or_raise("flatten", end_dim, rank);
  if (first > last) {
    raise_op_error("flatten", absl::InvalidArgumentError(absl::StrCat(
                                  "start_dim ", start_dim, " comes after end_dim ", end_dim)));
  }
  Shape shape;
  int64_t merged = 1;
  for (int d = 0; d < rank; ++d) {
    if (d < first || d > last) {
      shape.push_back(x.shape()[d]);
    } else {
      merged *= x.shape()[d];
      if (d == last) shape.push_back(merged);
    }
  }
  if (rank == 0) shape.push_back(1);
  return reshape(x, shape);
}

Tensor unflatten(const Tensor& x, int64_t dim, const Shape& sizes) {
  int d = dim_or_raise("unflatten", dim, x.shape().rank());
  absl::StatusOr<Shape> inner = resolve(sizes, x.shape()[d]);
  if (!inner.ok()) raise_op_error("unflatten", inner.status());
  Shape shape;
  for (int i = 0; i < x.shape().rank(); ++i) {
    if (i != d) {
      shape.push_back(x.shape()[i]);
    } else {
      for (int64_t size : *inner) shape.push_back(size);
    }
  }
  return view(x, shape);
}

Tensor select(const Tensor& x, int64_t dim, int64_t index) {
  if (x.shape().rank() == 0) {
    raise_op_error("select", absl::OutOfRangeError("a tensor of rank 0 cannot be indexed"));
  }
  return dispatch(kSelect, {&x}, {dim_or_raise("select", dim, x.shape().rank()), index});
}

Tensor slice(const Tensor& x, int64_t dim, int64_t start, int64_t end, int64_t step) {
  int d = dim_or_raise("slice", dim, x.shape().rank());
  int64_t size = x.shape()[d];
  if (start < 0) start += size;
  if (end < 0) end += size;
  start = std::clamp<int64_t>(start, 0, size);
  end = std::clamp<int64_t>(end, start, size);
  return dispatch(kSlice, {&x}, {d, start, end, step});
}

Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length) {
  int d = dim_or_raise("narrow", dim, x.shape().rank());
  if (start < 0) start += x.shape()[d];
  if (length < 0) {
    raise_op_error("narrow", absl::InvalidArgumentError(
                                 absl::StrCat("length must not be negative, got ", length)));
  }
  return dispatch(kSlice, {&x}, {d, start, start + length, 1});
}

Tensor Tensor::view(const Shape& shape) const { return tessera::view(*this, shape); }
Tensor Tensor::reshape(const Shape& shape) const { return tessera::reshape(*this, shape); }
Tensor Tensor::permute(Dims dims) const { return tessera::permute(*this, dims); }
Tensor Tensor::transpose(int64_t a, int64_t b) const { return tessera::transpose(*this, a, b); }
Tensor Tensor::t() const {
  if (shape().rank() > 2) {
    raise_op_error("t", absl::InvalidArgumentError(
                            absl::StrCat("wants at most 2 dimensions, got ", shape().to_string())));
  }
  return shape().rank() < 2 ? *this : tessera::transpose(*this, 0, 1);
}
Tensor Tensor::expand(const Shape& shape) const { return tessera::expand(*this, shape); }
Tensor Tensor::squeeze() const { return tessera::squeeze(*this); }
Tensor Tensor::squeeze(int64_t dim) const { return tessera::squeeze(*this, dim); }
Tensor Tensor::squeeze(Dims dims) const { return tessera::squeeze(*this, dims); }
Tensor Tensor::unsqueeze(int64_t dim) const { return tessera::unsqueeze(*this, dim); }
Tensor Tensor::flatten(int64_t a, int64_t b) const { return tessera::flatten(*this, a, b); }
Tensor Tensor::unflatten(int64_t dim, const Shape& sizes) const {
  return tessera::unflatten(*this, dim, sizes);
}
Tensor Tensor::movedim(int64_t a, int64_t b) const { return tessera::movedim(*this, a, b); }
Tensor Tensor::movedim(Dims a, Dims b) const { return tessera::movedim(*this, a, b); }
Tensor Tensor::select(int64_t dim, int64_t i) const { return tessera::select(*this, dim, i); }
Tensor Tensor::narrow(int64_t dim, int64_t start, int64_t length) const {
  return tessera::narrow(*this, dim, start, length);
}
Tensor Tensor::slice(int64_t dim, int64_t start, int64_t end, int64_t step) const {
  return tessera::slice(*this, dim, start, end, step);
}

absl::Span<const OpDef* const> view_ops() {
  static const OpDef* const kOps[] = {&kViewOp, &kPermute, &kExpand, &kSelect, &kSlice};
  return kOps;
}

}  // namespace tessera
