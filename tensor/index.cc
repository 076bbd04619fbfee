// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/index.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

// An index expression, taken apart: a view of x, and int64 tensors for some of its dimensions.
struct Resolved {
  Tensor view;
  std::vector<Tensor> tensors;
  std::vector<int64_t> dims;  // which dimension of `view` each tensor indexes, ascending
};

// The positions of true elements, one int64 tensor per dimension. Waits for the device.
std::vector<Tensor> positions(const Tensor& mask) {
  std::vector<bool> flags = mask.to_vector<bool>();
  const int rank = mask.shape().rank();
  std::vector<std::vector<int64_t>> found(static_cast<size_t>(rank));
  std::vector<int64_t> at(static_cast<size_t>(rank), 0);
  for (bool flag : flags) {
    for (int d = 0; flag && d < rank; ++d) found[d].push_back(at[d]);
    for (int d = rank - 1; d >= 0 && ++at[d] == mask.shape()[d]; --d) at[d] = 0;
  }
  std::vector<Tensor> result;
  for (const auto& list : found) {
    result.push_back(tensor(list, {.dtype = kInt64, .device = mask.device()}));
  }
  return result;
}

// Dimensions of x that an index uses up.
int consumed(const Index& index) {
  if (std::holds_alternative<Ellipsis>(index.value)) return 0;
  if (std::holds_alternative<NewAxis>(index.value)) return 0;
  if (const Tensor* t = std::get_if<Tensor>(&index.value)) {
    return t->dtype() == kBool ? t->shape().rank() : 1;
  }
  return 1;
}

void take_tensor(Resolved& r, const Tensor& index, int64_t& dim) {
  if (index.dtype() == kBool) {
    for (int d = 0; d < index.shape().rank(); ++d) {
      if (index.shape()[d] != r.view.size(dim + d)) {
        raise_op_error("index", absl::InvalidArgumentError(absl::StrCat(
                                    "mask ", index.shape().to_string(), " does not match tensor ",
                                    r.view.shape().to_string(), " at dimension ", dim + d)));
      }
    }
    for (Tensor& list : positions(index)) {
      r.tensors.push_back(list);
      r.dims.push_back(dim++);
    }
    return;
  }
  if (!is_integral(index.dtype())) {
    raise_op_error("index",
                   absl::InvalidArgumentError(absl::StrCat(
                       "index tensors must be integer or bool, got ", dtype_name(index.dtype()))));
  }
  int64_t size = r.view.size(dim);
  Tensor ids = index.to(kInt64);
  if (ids.numel() > 0) {
    int64_t least = amin(ids).item<int64_t>(), greatest = amax(ids).item<int64_t>();
    if (least < -size || greatest >= size) {
      raise_op_error("index", absl::OutOfRangeError(absl::StrCat(
                                  "index ", least < -size ? least : greatest,
                                  " is out of range for dimension ", dim, " of size ", size)));
    }
    if (least < 0) ids = where(ids < 0, ids + size, ids);
  }
  r.tensors.push_back(ids);
  r.dims.push_back(dim++);
}

Resolved resolve(const Tensor& x, std::initializer_list<Index> indices) {
  int used = 0, ellipses = 0;
  for (const Index& index : indices) {
    used += consumed(index);
    ellipses += std::holds_alternative<Ellipsis>(index.value);
  }
  if (used > x.dim() || ellipses > 1) {
    raise_op_error("index", ellipses > 1 ? absl::InvalidArgumentError("more than one ellipsis")
                                         : absl::OutOfRangeError(absl::StrCat(
                                               used, " indices for a tensor of rank ", x.dim())));
  }
  Resolved r{x, {}, {}};
  int64_t dim = 0;
  for (const Index& index : indices) {
    if (const int64_t* i = std::get_if<int64_t>(&index.value)) {
      r.view = select(r.view, dim, *i);
    } else if (const Slice* s = std::get_if<Slice>(&index.value)) {
      r.view =
          slice(r.view, dim, s->start.value_or(0), s->stop.value_or(r.view.size(dim)), s->step);
      ++dim;
    } else if (std::holds_alternative<Ellipsis>(index.value)) {
      dim += x.dim() - used;
    } else if (std::holds_alternative<NewAxis>(index.value)) {
      r.view = unsqueeze(r.view, dim++);
    } else {
      take_tensor(r, std::get<Tensor>(index.value), dim);
    }
  }
  return r;
}

// A resolved index with tensors, as one index_select: the indexed dimensions of `view` in front,
// merged into one, which `rows` indexes.
struct Plan {
  std::vector<int64_t> order;  // permutation that brings the indexed dimensions to the front
  Tensor permuted;             // view in that order
  Tensor rows;                 // int64 (numel of batch)
  Shape batch;                 // what the index tensors broadcast to
  Shape rest;                  // the other dimensions
  int64_t place;               // where batch stands in the result
};

Plan plan(const Resolved& r) {
  Plan p;
  p.order = r.dims;
  bool adjacent = r.dims.back() - r.dims.front() + 1 == static_cast<int64_t>(r.dims.size());
  p.place = adjacent ? r.dims.front() : 0;
  for (int64_t d = 0; d < r.view.dim(); ++d) {
    if (std::find(r.dims.begin(), r.dims.end(), d) == r.dims.end()) {
      p.order.push_back(d);
      p.rest.push_back(r.view.size(d));
    }
  }
  p.permuted = permute(r.view, p.order);
  p.batch = broadcast_operands("index", refs(r.tensors));
  Tensor rows = zeros(p.batch, {.dtype = kInt64, .device = r.view.device()});
  for (size_t i = 0; i < r.tensors.size(); ++i) {
    rows = rows * r.view.size(r.dims[i]) + r.tensors[i];
  }
  p.rows = reshape(rows, {p.batch.numel()});
  return p;
}

Tensor merged(const Plan& p) {
  Shape shape = p.rest;
  int64_t rows = p.rest.numel() == 0 ? 0 : p.permuted.numel() / p.rest.numel();
  shape.insert(0, rows);
  return reshape(p.permuted, shape);
}

// batch + rest -> rest with batch at its place
std::vector<int64_t> result_order(const Plan& p) {
  std::vector<int64_t> order;
  const int64_t batch = p.batch.rank(), rest = p.rest.rank();
  for (int64_t d = 0; d < p.place; ++d) order.push_back(batch + d);
  for (int64_t d = 0; d < batch; ++d) order.push_back(d);
  for (int64_t d = p.place; d < rest; ++d) order.push_back(batch + d);
  return order;
}

}  // namespace

Tensor Tensor::index(std::initializer_list<Index> indices) const {
  Resolved r = resolve(*this, indices);
  if (r.tensors.empty()) return r.view;
  Plan p = plan(r);
  Shape shape = p.batch;
  for (int64_t size : p.rest) shape.push_back(size);
  return tessera::permute(tessera::reshape(tessera::index_select(merged(p), 0, p.rows), shape),
                          result_order(p));
}

Tensor& Tensor::index_put_(std::initializer_list<Index> indices, const Tensor& value) {
  Resolved r = resolve(*this, indices);
  if (r.tensors.empty()) {
    r.view.copy_(value);
    return *this;
  }
  Plan p = plan(r);
  // `value` broadcasts to the indexed result; bring it to batch + rest, as rows.
  Shape shape = p.batch;
  for (int64_t size : p.rest) shape.push_back(size);
  std::vector<int64_t> order = result_order(p), inverse(order.size());
  Shape result(order.size(), 0);
  for (size_t i = 0; i < order.size(); ++i) {
    result[static_cast<int>(i)] = shape[static_cast<int>(order[i])];
    inverse[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  }
  Tensor given = value.impl().is_immediate
                     ? full(result, value, {.dtype = dtype(), .device = device()})
                     : value.to(dtype()).expand(result);
  Tensor base = merged(p);
  Shape rows = p.rest;
  rows.insert(0, p.rows.numel());
  Tensor source = tessera::reshape(tessera::permute(given, inverse), rows);
  Shape column(rows.size(), 1);
  column[0] = p.rows.numel();
  Tensor spread = tessera::expand(tessera::reshape(p.rows, column), rows);
  Tensor updated = tessera::scatter(base, 0, spread, source);
  Tensor target = p.permuted;
  target.copy_(tessera::reshape(updated, p.permuted.shape()));
  return *this;
}

}  // namespace tessera
