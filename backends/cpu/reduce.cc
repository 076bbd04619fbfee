// SPDX-License-Identifier: Apache-2.0
//
// Reductions over any dims. The dims are sorted by x's strides; then either the innermost one is
// reduced (rows are reduced to an element) or it is kept (rows are added to a row of results). How
// the work is cut into partial results depends on the shape only, so the threads do not change it.
#include "tessera/backends/cpu/reduce.h"

#include <algorithm>
#include <cstring>

#include "tessera/backends/cpu/reduce_rows.h"
#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kRowChunk = 8192;    // elements of a row reduced by lanes, one after another
constexpr int64_t kColumnChunk = 256;  // rows added up one after another
constexpr int64_t kGrain = 64 << 10;   // elements that are worth a thread

// A reduction whose dims are sorted and split into kept and reduced ones, but for the innermost.
struct Plan {
  uint32_t n_kept = 0, n_reduced = 0;
  int64_t kept_shape[kMaxRank], kept_x[kMaxRank], kept_y[kMaxRank];  // strides in elements
  int64_t reduced_shape[kMaxRank], reduced_x[kMaxRank];
  int64_t kept = 1, reduced = 1;  // products of the shapes
  int64_t inner = 1;              // the innermost dim, contiguous in x
  bool inner_reduced = true;
  int64_t inner_y = 0;  // its stride in y, if kept
  size_t item;
  const char* x;
  char* y;
  const ReduceKernels* kernels;

  const char* x_at(int64_t kept_index, int64_t reduced_index) const {
    Odometer k(n_kept, kept_shape, kept_x);
    k.seek(kept_index);
    Odometer r(n_reduced, reduced_shape, reduced_x);
    r.seek(reduced_index);
    return x + (k.offset() + r.offset()) * static_cast<int64_t>(item);
  }
  char* y_at(int64_t kept_index) const {
    Odometer k(n_kept, kept_shape, kept_y);
    k.seek(kept_index);
    return y + k.offset() * static_cast<int64_t>(item);
  }
};

// dims: PairLoop with a = strides of y (0 where reduced), b = strides of x.
Plan make_plan(const PairLoop& loop, const bool* reduced_dim) {
  Plan plan;
  uint32_t outer = loop.rank;
  if (loop.rank > 0) {
    --outer;
    plan.inner = loop.shape[outer];
    plan.inner_reduced = reduced_dim[outer];
    plan.inner_y = loop.a[outer];
  }
  for (uint32_t k = 0; k < outer; ++k) {
    if (reduced_dim[k]) {
      plan.reduced_shape[plan.n_reduced] = loop.shape[k];
      plan.reduced_x[plan.n_reduced++] = loop.b[k];
      plan.reduced *= loop.shape[k];
    } else {
      plan.kept_shape[plan.n_kept] = loop.shape[k];
      plan.kept_x[plan.n_kept] = loop.b[k];
      plan.kept_y[plan.n_kept++] = loop.a[k];
      plan.kept *= loop.shape[k];
    }
  }
  return plan;
}

// Reduces partial results [0, n) of one element each, in place, by pairs.
void combine_pairs(const ReduceKernels& kernels, char* partial, int64_t n, size_t item) {
  for (int64_t step = 1; step < n; step *= 2) {
    for (int64_t i = 0; i + step < n; i += 2 * step) {
      kernels.combine(partial + (i + step) * item, 1, partial + i * item);
    }
  }
}

// Every kept element is the reduction of plan.reduced rows of plan.inner elements.
void reduce_rows(TsrStream* stream, Workspace& work, const Plan& plan) {
  const int64_t chunks = (plan.inner + kRowChunk - 1) / kRowChunk;
  const int64_t parts = plan.reduced * chunks;  // per kept element
  const size_t item = plan.item;
  if (parts == 1) {
    pool_of(stream).ranges(
        plan.kept, kGrain / plan.inner + 1,
        [&](size_t begin, size_t end) {
          Odometer from(plan.n_kept, plan.kept_shape, plan.kept_x);
          Odometer to(plan.n_kept, plan.kept_shape, plan.kept_y);
          from.seek(begin);
          to.seek(begin);
          for (size_t i = begin; i < end; ++i) {
            plan.kernels->row(plan.x + from.offset() * static_cast<int64_t>(item), plan.inner,
                              plan.y + to.offset() * static_cast<int64_t>(item));
            from.next();
            to.next();
          }
        },
        1);
    return;
  }
  char* partial = work.array<char>(plan.kept * parts * item);
  const int64_t length = std::min(plan.inner, kRowChunk);
  pool_of(stream).ranges(
      plan.kept * parts, kGrain / length + 1,
      [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) {
          const int64_t kept = i / parts;
          const int64_t part = i % parts;
          const int64_t first = part % chunks * kRowChunk;
          plan.kernels->row(plan.x_at(kept, part / chunks) + first * item,
                            std::min(kRowChunk, plan.inner - first), partial + i * item);
        }
      },
      1);
  for (int64_t kept = 0; kept < plan.kept; ++kept) {
    char* first = partial + kept * parts * item;
    combine_pairs(*plan.kernels, first, parts, item);
    std::memcpy(plan.y_at(kept), first, item);
  }
}

// Every kept index is a row of plan.inner results, each the reduction of plan.reduced elements.
void reduce_columns(TsrStream* stream, Workspace& work, const Plan& plan) {
  const size_t item = plan.item;
  // Rows that stand at a constant distance go to the kernel together.
  const bool regular = plan.n_reduced > 0;
  const int64_t run = regular ? plan.reduced_shape[plan.n_reduced - 1] : 1;
  const int64_t stride = regular ? plan.reduced_x[plan.n_reduced - 1] : 0;
  const int64_t chunks = (run + kColumnChunk - 1) / kColumnChunk;
  const int64_t parts = plan.reduced / run * chunks;
  const bool direct = parts == 1 && plan.inner_y == 1;
  char* partial = direct ? nullptr : work.array<char>(plan.kept * parts * plan.inner * item);
  const int64_t elements = std::min(run, kColumnChunk) * plan.inner;
  pool_of(stream).ranges(
      plan.kept * parts, kGrain / elements + 1,
      [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) {
          const int64_t kept = i / parts;
          const int64_t part = i % parts;
          const int64_t first = part % chunks * kColumnChunk;
          plan.kernels->columns(plan.x_at(kept, part / chunks * run + first),
                                std::min(kColumnChunk, run - first), stride, plan.inner,
                                direct ? plan.y_at(kept) : partial + i * plan.inner * item);
        }
      },
      1);
  if (direct) return;
  const size_t row_bytes = plan.inner * item;
  for (int64_t kept = 0; kept < plan.kept; ++kept) {
    char* first = partial + kept * parts * row_bytes;
    for (int64_t step = 1; step < parts; step *= 2) {
      for (int64_t i = 0; i + step < parts; i += 2 * step) {
        plan.kernels->combine(first + (i + step) * row_bytes, plan.inner, first + i * row_bytes);
      }
    }
    char* y = plan.y_at(kept);
    if (plan.inner_y == 1) {
      std::memcpy(y, first, row_bytes);
    } else {
      for (int64_t j = 0; j < plan.inner; ++j) {
        std::memcpy(y + j * plan.inner_y * static_cast<int64_t>(item), first + j * item, item);
      }
    }
  }
}

void fill(void* y, uint32_t dtype, int64_t n, int value) {
  const auto set = [&]<class T>(T v) { std::fill_n(static_cast<T*>(y), n, v); };
  switch (dtype) {
    case TSR_FLOAT32:
      return set(static_cast<float>(value));
    case TSR_FLOAT64:
      return set(static_cast<double>(value));
    case TSR_INT32:
      return set(static_cast<int32_t>(value));
    case TSR_INT64:
      return set(static_cast<int64_t>(value));
    default:
      return set(static_cast<uint8_t>(value));
  }
}

template <bool logical>
TsrStatus check_reduce(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != 1 || node.n_outputs != 1 || node.n_ints < 1 || node.n_doubles != 0) {
    return unsupported(node, "number of operands or attributes", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.inputs[0]->dtype;
  if (dtype != node.outputs[0]->dtype || (logical && dtype != TSR_BOOL)) {
    return unsupported(node, "combination of dtypes", message);
  }
  return TSR_OK;
}

// `initial`: the result for no elements.
template <Reduction reduction, int initial>
TsrStatus run_reduce(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  const TsrTensor& x = *node.inputs[0];
  const TsrTensor& y = *node.outputs[0];
  const int64_t results = element_count(y);
  if (results == 0) return TSR_OK;
  Workspace work(stream, message);
  const uint32_t dtype =
      compute_dtype(x.dtype) == TSR_BOOL ? uint32_t{TSR_UINT8} : compute_dtype(x.dtype);
  void* out = work.output_as(y, dtype);
  if (element_count(x) == 0) {
    fill(out, dtype, results, initial);
    work.finish();
    return TSR_OK;
  }
  bool reduced[kMaxRank] = {};
  for (uint32_t i = 1; i < node.n_ints; ++i) reduced[node.ints[i]] = true;
  // y's strides at x's dims, as if dims were kept.
  int64_t y_strides[kMaxRank];
  int64_t stride = 1;
  for (uint32_t k = x.rank; k-- > 0;) {
    y_strides[k] = reduced[k] ? 0 : stride;
    if (!reduced[k]) stride *= x.shape[k];
  }
  const void* data = x.data;
  PairLoop loop(x.rank, x.shape, y_strides, x.strides, /*reorder=*/true);
  if (x.dtype != dtype || loop.rank == 0 || loop.b[loop.rank - 1] != 1) {
    // Bring x into order first.
    data = work.dense_as(x, dtype);
    int64_t x_strides[kMaxRank];
    stride = 1;
    for (uint32_t k = x.rank; k-- > 0;) {
      x_strides[k] = stride;
      stride *= x.shape[k];
    }
    loop = PairLoop(x.rank, x.shape, y_strides, x_strides, /*reorder=*/true);
  }
  // In a loop's dim of more than one element, y stands still where the dim is reduced.
  bool reduced_dim[kMaxRank];
  for (uint32_t k = 0; k < loop.rank; ++k) reduced_dim[k] = loop.a[k] == 0;
  Plan plan = make_plan(loop, reduced_dim);
  plan.item = item_size(dtype);
  plan.x = static_cast<const char*>(data);
  plan.y = static_cast<char*>(out);
  plan.kernels = &reduce_kernels(reduction, dtype);
  if (plan.inner_reduced) {
    reduce_rows(stream, work, plan);
  } else {
    reduce_columns(stream, work, plan);
  }
  work.finish();
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"sum", make_kernel<check_reduce<false>, run_reduce<Reduction::kSum, 0>>()},
    {"prod", make_kernel<check_reduce<false>, run_reduce<Reduction::kProd, 1>>()},
    {"amax", make_kernel<check_reduce<false>, run_reduce<Reduction::kMax, 0>>()},
    {"amin", make_kernel<check_reduce<false>, run_reduce<Reduction::kMin, 0>>()},
    {"any", make_kernel<check_reduce<true>, run_reduce<Reduction::kMax, 0>>()},
    {"all", make_kernel<check_reduce<true>, run_reduce<Reduction::kMin, 1>>()},
};

}  // namespace

std::span<const KernelEntry> reduction_kernels() { return kEntries; }

}  // namespace tessera::cpu
