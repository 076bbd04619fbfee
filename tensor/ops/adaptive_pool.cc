// SPDX-License-Identifier: Apache-2.0
//
// One dimension after another, the last first: windows are boxes. A dimension goes down by a view
// where its windows are equal and side by side, else by selecting the elements of all windows.
#include "tessera/tensor/ops/adaptive_pool.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/conv_nd.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/pool.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

// Output i covers elements begin(i) ... begin(i) + length(i) - 1.
struct Division {
  int64_t size, out;

  int64_t begin(int64_t i) const { return i * size / out; }
  int64_t length(int64_t i) const { return ((i + 1) * size + out - 1) / out - begin(i); }
  bool is_even() const { return size % out == 0; }
  int64_t longest() const {
    int64_t most = 0;
    for (int64_t i = 0; i < out; ++i) most = std::max(most, length(i));
    return most;
  }
};

// Every window of dimension `dim` as a dimension of its own behind it, all as long as the longest:
// the last element stands for what is missing.
Tensor window_rows(const Tensor& x, int64_t dim, const Division& d) {
  if (d.is_even()) return unflatten(x, dim, {d.out, d.size / d.out});
  const int64_t longest = d.longest();
  std::vector<int64_t> places;
  for (int64_t i = 0; i < d.out; ++i) {
    for (int64_t j = 0; j < longest; ++j)
      places.push_back(d.begin(i) + std::min(j, d.length(i) - 1));
  }
  return unflatten(index_select(x, dim, tensor(places, {.dtype = kInt64, .device = x.device()})),
                   dim, {d.out, longest});
}

Tensor average(const Tensor& x, int64_t dim, const Division& d) {
  Tensor rows = window_rows(x, dim, d);
  if (d.is_even()) return mean(rows, {dim + 1});
  const int64_t longest = d.longest();
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < d.out; ++i) lengths.push_back(d.length(i));
  Shape shape(static_cast<size_t>(x.dim() - dim), 1);
  shape[0] = d.out;
  Tensor length =
      reshape(tensor(lengths, {.dtype = kInt64, .device = x.device()}), shape);  // (out, 1..)
  Shape along(static_cast<size_t>(x.dim() - dim), 1);
  along[0] = longest;
  Tensor place = reshape(arange(longest, {.dtype = kInt64, .device = x.device()}), along);
  Tensor inside = place < unsqueeze(length, 1);
  return sum(where(inside, rows, 0), {dim + 1}) / length.to(x.dtype());
}

template <size_t n>
std::array<Division, n> divisions(const char* op, const Tensor& x, const AdaptiveSize<n>& size) {
  std::array<Division, n> all;
  for (size_t d = 0; d < n; ++d) {
    const int64_t own = x.size(static_cast<int64_t>(d) + 2);
    all[d] = {own, size.sizes()[d].value_or(own)};
    if (all[d].out < 0 || own == 0) {
      raise_op_error(op, absl::InvalidArgumentError(
                             absl::StrCat("output size ", all[d].out, " does not come from size ",
                                          own, " of input ", x.shape().to_string())));
    }
  }
  return all;
}

template <size_t n>
Tensor emptied(const Tensor& x, const std::array<Division, n>& all) {
  Shape shape = {x.size(0), x.size(1)};
  for (const Division& d : all) shape.push_back(d.out);
  return zeros(shape, {.dtype = x.dtype(), .device = x.device()});
}

template <size_t n>
bool has_no_output(const std::array<Division, n>& all) {
  return std::any_of(all.begin(), all.end(), [](const Division& d) { return d.out == 0; });
}

// By the pooling of fixed windows.
Tensor even_average(const Tensor& x, const std::array<Division, 1>& d) {
  return avg_pool1d(x, d[0].size / d[0].out);
}
Tensor even_average(const Tensor& x, const std::array<Division, 2>& d) {
  return avg_pool2d(x, {d[0].size / d[0].out, d[1].size / d[1].out});
}
Tensor even_average(const Tensor& x, const std::array<Division, 3>& d) {
  return avg_pool3d(x, {d[0].size / d[0].out, d[1].size / d[1].out, d[2].size / d[2].out});
}

template <size_t n>
Tensor adaptive_avg(const char* op, const Tensor& x, const AdaptiveSize<n>& size) {
  const Batched b(op, x, n);
  const std::array<Division, n> all = divisions(op, b.tensor(), size);
  if (has_no_output(all)) return b.unbatched(emptied(b.tensor(), all));
  if (std::all_of(all.begin(), all.end(), [](const Division& d) { return d.out == 1; })) {
    std::vector<int64_t> dims;
    for (size_t d = 0; d < n; ++d) dims.push_back(static_cast<int64_t>(d) + 2);
    return b.unbatched(mean(b.tensor(), dims, true));
  }
  if (std::all_of(all.begin(), all.end(), [](const Division& d) { return d.is_even(); })) {
    return b.unbatched(even_average(b.tensor(), all));
  }
  Tensor y = b.tensor();
  for (size_t d = n; d-- > 0;) {
    if (all[d].out != all[d].size) y = average(y, static_cast<int64_t>(d) + 2, all[d]);
  }
  return b.unbatched(y);
}

// The indices are only made if they are wanted.
template <size_t n>
std::pair<Tensor, Tensor> adaptive_max(const char* op, const Tensor& x, const AdaptiveSize<n>& size,
                                       bool with_indices) {
  const Batched b(op, x, n);
  const std::array<Division, n> all = divisions(op, b.tensor(), size);
  Tensor y = b.tensor(), places;
  if (with_indices) {
    Shape plane(absl::Span<const int64_t>(y.shape().data() + 2, n));
    places = expand(reshape(arange(plane.numel(), {.dtype = kInt64, .device = x.device()}), plane),
                    y.shape());
  }
  if (has_no_output(all)) {
    Tensor none = emptied(y, all);
    return {b.unbatched(none), with_indices ? b.unbatched(none.to(kInt64)) : Tensor()};
  }
  for (size_t d = n; d-- > 0;) {
    const int64_t dim = static_cast<int64_t>(d) + 2;
    if (all[d].out == all[d].size) continue;
    auto [values, at] = max(window_rows(y, dim, all[d]), dim + 1);
    y = values;
    if (with_indices) {
      places = squeeze(gather(window_rows(places, dim, all[d]), dim + 1, unsqueeze(at, dim + 1)),
                       dim + 1);
    }
  }
  return {b.unbatched(y), with_indices ? b.unbatched(places) : Tensor()};
}

}  // namespace

Tensor adaptive_avg_pool1d(const Tensor& x, AdaptiveSize<1> size) {
  return adaptive_avg("adaptive_avg_pool1d", x, size);
}
Tensor adaptive_avg_pool2d(const Tensor& x, AdaptiveSize<2> size) {
  return adaptive_avg("adaptive_avg_pool2d", x, size);
}
Tensor adaptive_avg_pool3d(const Tensor& x, AdaptiveSize<3> size) {
  return adaptive_avg("adaptive_avg_pool3d", x, size);
}
Tensor adaptive_max_pool1d(const Tensor& x, AdaptiveSize<1> size) {
  return adaptive_max("adaptive_max_pool1d", x, size, false).first;
}
Tensor adaptive_max_pool2d(const Tensor& x, AdaptiveSize<2> size) {
  return adaptive_max("adaptive_max_pool2d", x, size, false).first;
}
Tensor adaptive_max_pool3d(const Tensor& x, AdaptiveSize<3> size) {
  return adaptive_max("adaptive_max_pool3d", x, size, false).first;
}
std::pair<Tensor, Tensor> adaptive_max_pool1d_with_indices(const Tensor& x, AdaptiveSize<1> size) {
  return adaptive_max("adaptive_max_pool1d", x, size, true);
}
std::pair<Tensor, Tensor> adaptive_max_pool2d_with_indices(const Tensor& x, AdaptiveSize<2> size) {
  return adaptive_max("adaptive_max_pool2d", x, size, true);
}
std::pair<Tensor, Tensor> adaptive_max_pool3d_with_indices(const Tensor& x, AdaptiveSize<3> size) {
  return adaptive_max("adaptive_max_pool3d", x, size, true);
}

}  // namespace tessera
