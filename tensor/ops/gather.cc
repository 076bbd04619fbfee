// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/gather.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

int dim_of(const InferContext& c) { return static_cast<int>(c.int_attribute(0)); }

// index.shape <= limit, everywhere but at `except`.
absl::Status check_inside(const InferContext& c, const Shape& index, const Shape& limit, int except,
                          std::string_view name) {
  bool fits = index.rank() == limit.rank();
  for (int d = 0; fits && d < index.rank(); ++d) fits = d == except || index[d] <= limit[d];
  if (fits) return absl::OkStatus();
  return c.invalid("index ", index.to_string(), " does not fit ", name, " ", limit.to_string());
}

// x, index; ints: dim
const OpDef kGather = {
    .name = "gather",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_dtype(c, 1, kInt64, "index"));
          TESSERA_RETURN_IF_ERROR(check_inside(c, c.shape(1), c.shape(0), dim_of(c), "input"));
          c.add_output(c.dtype(0), c.shape(1));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const TensorSpec& spec = c.input_spec(0);
          Tensor zero = zeros(spec.shape, {.dtype = spec.dtype, .device = c.input(1).device()});
          c.set(0, scatter_add(zero, c.int_attribute(0), c.input(1), c.grad()));
        },
    .saved_inputs = 2,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Last", {arg({3, 5}), arg_index({3, 7}, 5)}, {1}),
              sample("FirstOfSmaller", {arg({5, 3}), arg_index({4, 2}, 5)}, {0}),
              sample("Empty", {arg({5, 3}), arg_index({0, 3}, 5)}, {0}),
              error_sample("IndexBeyond", {arg({3}), arg_values({2}, {0, 3}, kInt64)}, {0},
                           absl::StatusCode::kOutOfRange),
              error_sample("IndexNegative", {arg({3}), arg_values({2}, {-1, 0}, kInt64)}, {0},
                           absl::StatusCode::kOutOfRange),
              error_sample("IndexNotInt64", {arg({3}), arg({2}, 0, 3, kInt32)}, {0}),
              error_sample("RanksDiffer", {arg({3}), arg_index({2, 2}, 3)}, {0})};
        },
};

absl::Status infer_scatter(InferContext& c) {
  TESSERA_RETURN_IF_ERROR(check_dtype(c, 1, kInt64, "index"));
  TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 2));
  TESSERA_RETURN_IF_ERROR(check_inside(c, c.shape(1), c.shape(0), dim_of(c), "input"));
  TESSERA_RETURN_IF_ERROR(check_inside(c, c.shape(1), c.shape(2), -1, "src"));
  c.add_output(c.dtype(0), c.shape(0));
  return absl::OkStatus();
}

// The gradient of src: what stands at the indices, with zeros where src is larger than index.
Tensor gather_to_src(VjpContext& c) {
  const Shape& src = c.input_spec(2).shape;
  Tensor g = gather(c.grad(), c.int_attribute(0), c.input(1));
  if (g.shape() == src) return g;
  Tensor wide = zeros(src, {.dtype = g.dtype(), .device = g.device()});
  Tensor part = wide;
  for (int d = 0; d < src.rank(); ++d) part = narrow(part, d, 0, g.shape()[d]);
  part.copy_(g);
  return wide;
}

// Each index at most once along dim, so that the gradient is unique.
std::vector<Sample> scatter_samples(const OpDef& op) {
  std::vector<Sample> samples = {
      sample("Last", {arg({2, 5}), arg_values({2, 3}, {4, 0, 2, 1, 3, 0}, kInt64), arg({2, 3})},
             {1}),
      sample("First", {arg({5, 3}), arg_values({2, 2}, {4, 0, 2, 1}, kInt64), arg({2, 2})}, {0}),
      error_sample("IndexBeyond", {arg({3}), arg_values({2}, {0, 3}, kInt64), arg({2})}, {0},
                   absl::StatusCode::kOutOfRange),
      error_sample("SrcTooSmall", {arg({3}), arg_index({2}, 3), arg({1})}, {0}),
  };
  if (op.name == "scatter_add") {
    samples.push_back(sample("Repeated", {arg({5, 3}), arg_index({31, 3}, 5), arg({31, 3})}, {0}));
  }
  return samples;
}

const OpDef kScatter = {
    .name = "scatter",
    .infer = infer_scatter,
    .vjp =
        [](VjpContext& c) {
          if (c.needs(0)) {
            Tensor zero =
                zeros(c.input(1).shape(), {.dtype = c.grad().dtype(), .device = c.grad().device()});
            c.set(0, scatter(c.grad(), c.int_attribute(0), c.input(1), zero));
          }
          if (c.needs(2)) c.set(2, gather_to_src(c));
        },
    .saved_inputs = 2,
    .samples = scatter_samples,
};

const OpDef kScatterAdd = {
    .name = "scatter_add",
    .infer = infer_scatter,
    .vjp =
        [](VjpContext& c) {
          if (c.needs(0)) c.set(0, c.grad());
          if (c.needs(2)) c.set(2, gather_to_src(c));
        },
    .saved_inputs = 2,
    .samples = scatter_samples,
};

// x, index (n); ints: dim
const OpDef kIndexSelect = {
    .name = "index_select",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_dtype(c, 1, kInt64, "index"));
          TESSERA_RETURN_IF_ERROR(check_rank(c, 1, 1, "index"));
          Shape shape = c.shape(0);
          shape[dim_of(c)] = c.shape(1)[0];
          c.add_output(c.dtype(0), std::move(shape));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const TensorSpec& spec = c.input_spec(0);
          Tensor zero = zeros(spec.shape, {.dtype = spec.dtype, .device = c.input(1).device()});
          c.set(0, index_add(zero, c.int_attribute(0), c.input(1), c.grad()));
        },
    .saved_inputs = 2,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Rows", {arg({5, 7}), arg_index({9}, 5)}, {0}),
              sample("MiddleOfRank3", {arg({2, 5, 3}), arg_index({4}, 5)}, {1}),
              sample("None", {arg({5, 3}), arg_index({0}, 5)}, {0}),
              error_sample("IndexBeyond", {arg({3, 2}), arg_values({2}, {0, 3}, kInt64)}, {0},
                           absl::StatusCode::kOutOfRange),
              error_sample("IndexOfRank2", {arg({3, 2}), arg_index({2, 2}, 3)}, {0})};
        },
};

// index (n) as the index of scatter_add: spread over the shape of src.
Tensor spread(const Tensor& index, int dim, const Shape& shape) {
  Shape column(shape.size(), 1);
  column[dim] = index.numel();
  return expand(reshape(index, column), shape);
}

// x, index (n), src; ints: dim
const OpDef kIndexAdd = {
    .name = "index_add",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_dtype(c, 1, kInt64, "index"));
          TESSERA_RETURN_IF_ERROR(check_rank(c, 1, 1, "index"));
          TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 2));
          Shape expected = c.shape(0);
          expected[dim_of(c)] = c.shape(1)[0];
          if (c.shape(2) != expected) {
            return c.invalid("src has shape ", c.shape(2).to_string(), ", expected ",
                             expected.to_string());
          }
          c.add_output(c.dtype(0), c.shape(0));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          if (c.needs(0)) c.set(0, c.grad());
          if (c.needs(2)) c.set(2, index_select(c.grad(), c.int_attribute(0), c.input(1)));
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          Tensor index = spread(*in[1], static_cast<int>(a.ints[0]), in[2]->shape());
          return std::vector<Tensor>{scatter_add(*in[0], a.ints[0], index, *in[2])};
        },
    .saved_inputs = 2,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Rows", {arg({5, 7}), arg_index({19}, 5), arg({19, 7})}, {0}),
              sample("Middle", {arg({2, 5, 3}), arg_index({4}, 5), arg({2, 4, 3})}, {1}),
              error_sample("IndexBeyond", {arg({3}), arg_values({2}, {0, 3}, kInt64), arg({2})},
                           {0}, absl::StatusCode::kOutOfRange),
              error_sample("SrcShape", {arg({3, 2}), arg_index({2}, 3), arg({2, 3})}, {0})};
        },
};

int dim_of_op(const OpDef& op, int64_t dim, const Tensor& x) {
  const int d = dim_or_raise(op.name, dim, x.shape().rank());
  check_min_rank(op.name, x, 1);
  return d;
}

}  // namespace

Tensor gather(const Tensor& x, int64_t dim, const Tensor& index) {
  Tensor i = as_index(index);
  return dispatch(kGather, {&x, &i}, {dim_of_op(kGather, dim, x)});
}

Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  Tensor i = as_index(index);
  Tensor values = src.impl().is_immediate
                      ? full(i.shape(), src, {.dtype = x.dtype(), .device = x.device()})
                      : src;
  return dispatch(kScatter, {&x, &i, &values}, {dim_of_op(kScatter, dim, x)});
}

Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  Tensor i = as_index(index);
  return dispatch(kScatterAdd, {&x, &i, &src}, {dim_of_op(kScatterAdd, dim, x)});
}

Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index) {
  Tensor i = as_index(index);
  return dispatch(kIndexSelect, {&x, &i}, {dim_of_op(kIndexSelect, dim, x)});
}

Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
  Tensor i = as_index(index);
  return dispatch(kIndexAdd, {&x, &i, &src}, {dim_of_op(kIndexAdd, dim, x)});
}

Tensor one_hot(const Tensor& classes, int64_t num_classes) {
  Tensor ids = classes.to(kInt64);
  if (ids.numel() > 0) {
    int64_t least = amin(ids).item<int64_t>(), greatest = amax(ids).item<int64_t>();
    if (num_classes == -1) num_classes = greatest + 1;
    if (least < 0 || greatest >= num_classes) {
      raise_op_error("one_hot", absl::OutOfRangeError(
                                    absl::StrCat("class ", least < 0 ? least : greatest,
                                                 " is out of range [0, ", num_classes, ")")));
    }
  }
  Tensor range =
      arange(std::max<int64_t>(num_classes, 0), {.dtype = kInt64, .device = ids.device()});
  return eq(unsqueeze(ids, -1), range).to(kInt64);
}

Tensor take_along_dim(const Tensor& x, const Tensor& index, std::optional<int64_t> dim) {
  if (!dim.has_value()) {
    return gather(reshape(x, {x.numel()}), 0, reshape(index, {index.numel()}));
  }
  const int rank = x.shape().rank(), d = dim_or_raise("take_along_dim", *dim, rank);
  if (index.shape().rank() != rank) {
    raise_invalid("take_along_dim", "input ", x.shape().to_string(), " and index ",
                  index.shape().to_string(), " differ in rank");
  }
  // Both broadcast to each other, but along d.
  Shape of_x = x.shape(), of_index = index.shape();
  of_x[d] = of_index[d] = 1;
  absl::StatusOr<Shape> common = broadcast_shapes(of_x, of_index);
  if (!common.ok()) raise_op_error("take_along_dim", common.status());
  of_x = of_index = *common;
  of_x[d] = x.shape()[d];
  of_index[d] = index.shape()[d];
  return gather(expand(x, of_x), d, expand(index, of_index));
}

Tensor Tensor::take_along_dim(const Tensor& index, std::optional<int64_t> dim) const {
  return tessera::take_along_dim(*this, index, dim);
}
Tensor& Tensor::scatter_(int64_t dim, const Tensor& index, const Tensor& src) {
  return copy_(scatter(dim, index, src));
}
Tensor& Tensor::scatter_add_(int64_t dim, const Tensor& index, const Tensor& src) {
  return copy_(scatter_add(dim, index, src));
}
Tensor& Tensor::index_add_(int64_t dim, const Tensor& index, const Tensor& src) {
  return copy_(index_add(dim, index, src));
}
Tensor Tensor::gather(int64_t dim, const Tensor& index) const {
  return tessera::gather(*this, dim, index);
}
Tensor Tensor::scatter(int64_t dim, const Tensor& index, const Tensor& src) const {
  return tessera::scatter(*this, dim, index, src);
}
Tensor Tensor::scatter_add(int64_t dim, const Tensor& index, const Tensor& src) const {
  return tessera::scatter_add(*this, dim, index, src);
}
Tensor Tensor::index_select(int64_t dim, const Tensor& index) const {
  return tessera::index_select(*this, dim, index);
}
Tensor Tensor::index_add(int64_t dim, const Tensor& index, const Tensor& src) const {
  return tessera::index_add(*this, dim, index, src);
}

absl::Span<const OpDef* const> gather_ops() {
  static const OpDef* const kOps[] = {&kGather, &kScatter, &kScatterAdd, &kIndexSelect, &kIndexAdd};
  return kOps;
}

}  // namespace tessera
