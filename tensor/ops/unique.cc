// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/unique.h"

#include <vector>

#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/nonzero.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/scan.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

// The order of the rows of a matrix (n, m), lexicographic and stable: sorted by the last column,
// then by the one before it ...
Tensor order_of_rows(const Tensor& rows) {
  Tensor order = arange(rows.size(0), {.dtype = kInt64, .device = rows.device()});
  for (int64_t column = rows.size(1) - 1; column >= 0; --column) {
    Tensor key = index_select(select(rows, 1, column), 0, order);
    order = index_select(order, 0, argsort(key, 0));
  }
  return order;
}

// (n) bool: whether a row differs from the one before it; the first one does.
Tensor begins_run(const Tensor& rows) {
  const int64_t n = rows.size(0);
  Tensor first = ones({n > 0 ? 1 : 0}, {.dtype = kBool, .device = rows.device()});
  if (n < 2) return first;
  Tensor differs = any(ne(narrow(rows, 0, 1, n - 1), narrow(rows, 0, 0, n - 1)), {1});
  return cat({{first, differs}}, 0);
}

// Of rows (n, m), where `order` (n), if defined, brings equal ones together.
struct Runs {
  Tensor first;    // int64: the row of x that each run begins with
  Tensor inverse;  // (n)
  Tensor counts;
};

Runs find_runs(const Tensor& rows, const Tensor& order, const UniqueOptions& options) {
  const int64_t n = rows.size(0);
  const TensorOptions ints = {.dtype = kInt64, .device = rows.device()};
  Tensor begins = begins_run(order.defined() ? index_select(rows, 0, order) : rows);
  std::vector<int64_t> places = nonzero_positions(begins);
  Runs runs;
  runs.first = tensor(places, ints);
  if (order.defined()) runs.first = index_select(order, 0, runs.first);
  if (options.return_inverse) {
    Tensor run = n == 0 ? zeros({0}, ints) : cumsum(begins, 0) - 1;
    runs.inverse = order.defined() && n > 0 ? scatter(zeros_like(run), 0, order, run) : run;
  }
  if (options.return_counts) {
    std::vector<int64_t> counts;
    for (size_t i = 0; i < places.size(); ++i) {
      counts.push_back((i + 1 < places.size() ? places[i + 1] : n) - places[i]);
    }
    runs.counts = tensor(counts, ints);
  }
  return runs;
}

UniqueResult find(const char* op, const Tensor& given, const UniqueOptions& options, bool sorted) {
  const Tensor x = without_gradient(given);
  if (!options.dim.has_value()) {
    Tensor flat = reshape(x, {x.numel()});
    Tensor order = sorted ? argsort(flat, 0) : Tensor();
    Runs runs = find_runs(unsqueeze(flat, 1), order, options);
    if (options.return_inverse) runs.inverse = reshape(runs.inverse, x.shape());
    return {index_select(flat, 0, runs.first), runs.inverse, runs.counts};
  }
  const int d = dim_or_raise(op, *options.dim, x.shape().rank());
  check_min_rank(op, x, 1);
  const int64_t n = x.size(d);
  Tensor rows = reshape(movedim(x, d, 0), {n, n == 0 ? 0 : x.numel() / n});
  Tensor order = sorted ? order_of_rows(rows) : Tensor();
  Runs runs = find_runs(rows, order, options);
  return {index_select(x, d, runs.first), runs.inverse, runs.counts};
}

}  // namespace

UniqueResult unique(const Tensor& x, const UniqueOptions& options) {
  return find("unique", x, options, /*sorted=*/true);
}
UniqueResult unique_consecutive(const Tensor& x, const UniqueOptions& options) {
  return find("unique_consecutive", x, options, /*sorted=*/false);
}

}  // namespace tessera
