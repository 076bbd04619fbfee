// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/gather.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/strided.h"

namespace tessera::cuda {
namespace {

constexpr uint32_t kThreads = 256;

// A tensor with strides that may be changed, all 0 for an immediate.
struct Strides {
  explicit Strides(const TsrTensor& of, uint32_t rank) : t(of) {
    t.flags = 0;
    t.rank = rank;
    t.shape = shape;
    t.strides = values;
    for (uint32_t k = 0; k < rank; ++k) {
      const bool has = !is_immediate(of) && k < of.rank;
      shape[k] = has ? of.shape[k] : 1;
      values[k] = has ? of.strides[k] : 0;
    }
  }
  Strides(const Strides&) = delete;

  // The stride of `dim`, which becomes 0.
  int64_t take(uint32_t dim) {
    if (t.rank == 0) return 0;
    const int64_t stride = values[dim];
    values[dim] = 0;
    return stride;
  }
  // A vector as a tensor that varies along `dim` alone.
  void spread(uint32_t dim) {
    const int64_t stride = t.rank == 0 ? 0 : values[0];
    std::fill_n(values, t.rank, int64_t{0});
    if (t.rank > 0) values[dim] = stride;
  }

  TsrTensor t;
  int64_t shape[kMaxRank], values[kMaxRank];
};

template <bool vector_index>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor &x = *node.inputs[0], &index = *node.inputs[1];
  const uint32_t dtype = x.dtype;
  if (index.dtype != TSR_INT64 || node.outputs[0]->dtype != dtype ||
      (node.n_inputs == 3 && node.inputs[2]->dtype != dtype)) {
    return unsupported(node, "combination of dtypes", message);
  }
  if (node.ints[0] < 0 || node.ints[0] >= std::max<int64_t>(1, x.rank) || is_immediate(x) ||
      is_immediate(index) || (vector_index ? index.rank > 1 : index.rank != x.rank)) {
    return unsupported(node, "dim or rank", message);
  }
  return TSR_OK;
}

// ---- gather, index_select -----------------------------------------------------------------------

// y[i] = x[.., index[i], ..]; part: of (y, index, x without its dim)
template <class Bits>
__global__ void __launch_bounds__(kThreads)
    gather_kernel(Bits* y, const int64_t* index, const Bits* x, StridedPart<3> part, int64_t step,
                  int64_t limit, FaultReporter faults) {
  for (uint64_t i = uint64_t{blockIdx.x} * kThreads + threadIdx.x; i < part.count;
       i += uint64_t{gridDim.x} * kThreads) {
    int64_t at[3];
    part.offsets_of(static_cast<uint32_t>(i), at);
    const int64_t from = index[at[1]];
    if (in_range(faults, from, limit)) y[at[0]] = x[at[2] + from * step];
  }
}

template <bool vector_index>
TsrStatus check_gather(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 2, 1, 1, 0, message));
  return check<vector_index>(node, message);
}

template <bool vector_index>
void run_gather(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &y = *node.outputs[0];
  const uint32_t dim = static_cast<uint32_t>(node.ints[0]);
  Strides from(x, y.rank), index(*node.inputs[1], y.rank);
  const int64_t step = from.take(dim), limit = x.rank == 0 ? 1 : x.shape[dim];
  if (vector_index) index.spread(dim);
  const FaultReporter faults = launcher.faults();
  StridedLoop<3>(y, {&y, &index.t, &from.t}).for_each_part([&](const StridedPart<3>& part) {
    with_bits(y.dtype, [&](auto tag) {
      using Bits = typename decltype(tag)::Type;
      launcher.launch(gather_kernel<Bits>, launcher.blocks_for(part.count, kThreads), kThreads,
                      data_of<Bits>(y), data_of<int64_t>(*node.inputs[1]), data_of<Bits>(x), part,
                      step, limit, faults);
    });
  });
}

// ---- scatter ------------------------------------------------------------------------------------

// winners[target of i] = the last i; part: of (index, y without its dim); `first`: i of the part
__global__ void __launch_bounds__(kThreads)
    find_winners(const int64_t* index, int32_t* winners, StridedPart<2> part, uint32_t first,
                 int64_t step, int64_t limit, FaultReporter faults) {
  for (uint64_t i = uint64_t{blockIdx.x} * kThreads + threadIdx.x; i < part.count;
       i += uint64_t{gridDim.x} * kThreads) {
    int64_t at[2];
    part.offsets_of(static_cast<uint32_t>(i), at);
    const int64_t to = index[at[0]];
    if (in_range(faults, to, limit)) {
      atomicMax(&winners[at[1] + to * step], static_cast<int32_t>(first + i));
    }
  }
}

// part: of (index, y without its dim, src)
template <class Bits>
__global__ void __launch_bounds__(kThreads)
    write_winners(const int64_t* index, const int32_t* winners, Bits* y, const Bits* src,
                  StridedPart<3> part, uint32_t first, int64_t step, int64_t limit) {
  for (uint64_t i = uint64_t{blockIdx.x} * kThreads + threadIdx.x; i < part.count;
       i += uint64_t{gridDim.x} * kThreads) {
    int64_t at[3];
    part.offsets_of(static_cast<uint32_t>(i), at);
    const int64_t to = index[at[0]];
    if (to < 0 || to >= limit) continue;
    const int64_t target = at[1] + to * step;
    if (winners[target] == static_cast<int32_t>(first + i)) y[target] = src[at[2]];
  }
}

TsrStatus check_scatter(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 3, 1, 1, 0, message));
  if (element_count(*node.inputs[1]) > std::numeric_limits<int32_t>::max()) {
    return unsupported(node, "number of indices", message);
  }
  return check<false>(node, message);
}

void run_scatter(Launcher& launcher, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &index = *node.inputs[1], &src = *node.inputs[2],
                  &y = *node.outputs[0];
  copy_elements(launcher, x, y);
  const int64_t n = element_count(y);
  if (element_count(index) == 0) return;
  const uint32_t dim = static_cast<uint32_t>(node.ints[0]);
  Strides to(y, y.rank), from(src, y.rank);
  const int64_t step = to.take(dim), limit = y.rank == 0 ? 1 : y.shape[dim];
  const void* values = is_immediate(src) ? dense_elements(launcher, src) : src.data;
  int32_t* winners = launcher.scratch<int32_t>(n);
  launcher.check(cudaMemsetAsync(winners, 0xFF, n * sizeof(int32_t), launcher.stream()));
  const FaultReporter faults = launcher.faults();
  const int64_t* indices = data_of<int64_t>(index);
  uint32_t first = 0;
  StridedLoop<2>(index, {&index, &to.t}).for_each_part([&](const StridedPart<2>& part) {
    launcher.launch(find_winners, launcher.blocks_for(part.count, kThreads), kThreads, indices,
                    winners, part, first, step, limit, faults);
    first += part.count;
  });
  first = 0;
  StridedLoop<3>(index, {&index, &to.t, &from.t}).for_each_part([&](const StridedPart<3>& part) {
    with_bits(y.dtype, [&](auto tag) {
      using Bits = typename decltype(tag)::Type;
      launcher.launch(write_winners<Bits>, launcher.blocks_for(part.count, kThreads), kThreads,
                      indices, winners, data_of<Bits>(y), static_cast<const Bits*>(values), part,
                      first, step, limit);
    });
    first += part.count;
  });
}

// ---- scatter_add, index_add ---------------------------------------------------------------------

// sums[.., index, ..] += src along the dim, in order, by the one thread that has this line.
// part: of (index, src, sums), all without the dim; steps: theirs along it
struct LineSteps {
  int64_t index, src, sums;
};
template <class T>
__global__ void __launch_bounds__(kThreads)
    add_lines(const int64_t* index, const T* src, Computed<T>* sums, StridedPart<3> part,
              LineSteps step, int64_t length, int64_t limit, FaultReporter faults) {
  using Sum = Computed<T>;
  for (uint64_t i = uint64_t{blockIdx.x} * kThreads + threadIdx.x; i < part.count;
       i += uint64_t{gridDim.x} * kThreads) {
    int64_t at[3];
    part.offsets_of(static_cast<uint32_t>(i), at);
    for (int64_t k = 0; k < length; ++k) {
      const int64_t to = index[at[0] + k * step.index];
      if (!in_range(faults, to, limit)) continue;
      Sum* const sum = &sums[at[2] + to * step.sums];
      const Sum value = load(src[at[1] + k * step.src]);
      if constexpr (std::is_integral_v<Sum>) {
        using U = std::make_unsigned_t<Sum>;  // wraps
        *sum = static_cast<Sum>(static_cast<U>(*sum) + static_cast<U>(value));
      } else {
        *sum += value;
      }
    }
  }
}

template <bool vector_index>
TsrStatus check_add(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 3, 1, 1, 0, message));
  if (node.inputs[0]->dtype == TSR_BOOL) return unsupported(node, "dtype", message);
  return check<vector_index>(node, message);
}

template <class T, bool vector_index>
void add(Launcher& launcher, const TsrNode& node) {
  using Sum = Computed<T>;
  const TsrTensor &x = *node.inputs[0], &index_tensor = *node.inputs[1], &src = *node.inputs[2],
                  &y = *node.outputs[0];
  // Half types are summed in float32 and rounded once.
  TsrTensor sums = y;
  sums.dtype = kDtypeOf<Sum>;
  if (kIsHalf<T>) sums.data = launcher.scratch<Sum>(element_count(y));
  copy_elements(launcher, x, sums);

  const TsrTensor& over = vector_index ? src : index_tensor;
  const uint32_t dim = static_cast<uint32_t>(node.ints[0]);
  Strides lines(over, y.rank), index(index_tensor, y.rank), from(src, y.rank), to(y, y.rank);
  if (vector_index) index.spread(dim);
  const int64_t length = y.rank == 0 ? 1 : lines.shape[dim];
  const int64_t limit = y.rank == 0 ? 1 : y.shape[dim];
  const LineSteps steps = {index.take(dim), from.take(dim), to.take(dim)};
  if (y.rank > 0) lines.shape[dim] = length > 0 ? 1 : 0;
  const void* values = is_immediate(src) ? dense_elements(launcher, src) : src.data;
  const FaultReporter faults = launcher.faults();
  StridedLoop<3>(lines.t, {&index.t, &from.t, &to.t})
      .for_each_part([&](const StridedPart<3>& part) {
        launcher.launch(add_lines<T>, launcher.blocks_for(part.count, kThreads), kThreads,
                        data_of<int64_t>(index_tensor), static_cast<const T*>(values),
                        data_of<Sum>(sums), part, steps, length, limit, faults);
      });
  if (kIsHalf<T>) copy_elements(launcher, sums, y);
}

template <bool vector_index>
void run_add(Launcher& launcher, const TsrNode& node) {
  with_numeric(node.outputs[0]->dtype,
               [&](auto tag) { add<typename decltype(tag)::Type, vector_index>(launcher, node); });
}

}  // namespace

std::span<const KernelEntry> gather_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"gather", make_kernel<check_gather<false>, run_gather<false>>()},
      {"index_select", make_kernel<check_gather<true>, run_gather<true>>()},
      {"scatter", make_kernel<check_scatter, run_scatter>()},
      {"scatter_add", make_kernel<check_add<false>, run_add<false>>()},
      {"index_add", make_kernel<check_add<true>, run_add<true>>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
