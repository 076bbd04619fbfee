// SPDX-License-Identifier: Apache-2.0
//
// Merge sort of all lines at once: in each pass every element finds its place among the elements of
// the run that its own run is merged with. Stable; nan is greatest.
#include <algorithm>
#include <utility>

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/sort.h"
#include "tessera/backends/cuda/strided.h"

namespace tessera::cuda {
namespace {

constexpr uint32_t kThreads = 256;

template <class T>
__device__ __forceinline__ bool precedes(T a, T b, bool descending) {
  const Computed<T> first = load(descending ? b : a), second = load(descending ? a : b);
  if (first != first) return false;
  return second != second || first < second;
}

// How many elements of run[0, size) precede x, or (with_equal) do not follow it.
template <class T>
__device__ __forceinline__ int64_t count_before(const T* run, int64_t size, T x, bool with_equal,
                                                bool descending) {
  int64_t begin = 0, end = size;
  while (begin < end) {
    const int64_t middle = (begin + end) / 2;
    if (with_equal ? !precedes(x, run[middle], descending) : precedes(run[middle], x, descending)) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

// keys, indices (lines, n): runs of `width` elements become runs of twice as many
template <class T>
__global__ void __launch_bounds__(kThreads)
    merge_runs(const T* keys, const int64_t* indices, T* new_keys, int64_t* new_indices,
               int64_t total, int64_t n, int64_t width, bool descending) {
  for (int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x; i < total;
       i += int64_t{gridDim.x} * kThreads) {
    const int64_t line = i / n * n, at = i - line;
    const int64_t start = at / (2 * width) * (2 * width);
    const int64_t middle = start + width < n ? start + width : n;
    const int64_t end = middle + width < n ? middle + width : n;
    const bool left = at < middle;
    const T key = keys[i];
    const int64_t others =
        left ? count_before(keys + line + middle, end - middle, key, false, descending)
             : count_before(keys + line + start, middle - start, key, true, descending);
    const int64_t to = line + others + (left ? at : start + (at - middle));
    new_keys[to] = key;
    new_indices[to] = indices[i];
  }
}

// indices (lines, n): 0 .. n - 1
__global__ void __launch_bounds__(kThreads)
    number_elements(int64_t* indices, int64_t total, int64_t n) {
  for (int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x; i < total;
       i += int64_t{gridDim.x} * kThreads) {
    indices[i] = i % n;
  }
}

// A tensor with one of its dims last.
struct DimLast {
  DimLast(const TsrTensor& of, uint32_t dim) : t(of) {
    uint32_t to = 0;
    for (uint32_t k = 0; k < of.rank; ++k) {
      if (k != dim) add(of, k, to++);
    }
    if (of.rank > 0) add(of, dim, to);
    t.shape = shape;
    t.strides = strides;
  }
  DimLast(const DimLast&) = delete;

  void add(const TsrTensor& of, uint32_t k, uint32_t to) {
    shape[to] = of.shape[k];
    strides[to] = of.strides[k];
  }

  TsrTensor t;
  int64_t shape[kMaxRank], strides[kMaxRank];
};

// The first elements of each line of `lines` (.., n) dense, as many as `to` has.
void copy_first(Launcher& launcher, const void* lines, uint32_t dtype, int64_t n,
                const TsrTensor& to) {
  int64_t strides[kMaxRank];
  int64_t stride = 1;
  for (uint32_t k = to.rank; k-- > 0;) {
    strides[k] = stride;
    stride *= k + 1 == to.rank ? n : to.shape[k];
  }
  TsrTensor from = to;
  from.dtype = dtype;
  from.data = const_cast<void*>(lines);
  from.strides = strides;
  copy_elements(launcher, from, to);
}

template <class T>
void sort_lines(Launcher& launcher, const TsrNode& node, uint32_t dim, bool descending) {
  const DimLast x(*node.inputs[0], dim), values(*node.outputs[0], dim),
      indices(*node.outputs[1], dim);
  const int64_t total = element_count(x.t), n = x.t.rank == 0 ? 1 : x.shape[x.t.rank - 1];
  if (total == 0) return;
  T *keys = launcher.scratch<T>(total), *other_keys = launcher.scratch<T>(total);
  int64_t *places = launcher.scratch<int64_t>(total),
          *other_places = launcher.scratch<int64_t>(total);
  TsrTensor dense = x.t;
  int64_t strides[kMaxRank], stride = 1;
  for (uint32_t k = dense.rank; k-- > 0;) {
    strides[k] = stride;
    stride *= dense.shape[k];
  }
  dense.strides = strides;
  dense.data = keys;
  copy_elements(launcher, x.t, dense);
  const uint32_t blocks = launcher.blocks_for(total, kThreads);
  launcher.launch(number_elements, blocks, kThreads, places, total, n);
  for (int64_t width = 1; width < n; width *= 2) {
    launcher.launch(merge_runs<T>, blocks, kThreads, static_cast<const T*>(keys),
                    static_cast<const int64_t*>(places), other_keys, other_places, total, n, width,
                    descending);
    std::swap(keys, other_keys);
    std::swap(places, other_places);
  }
  copy_first(launcher, keys, values.t.dtype, n, values.t);
  copy_first(launcher, places, TSR_INT64, n, indices.t);
}

template <uint32_t ints, uint32_t dim_at>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 2, ints, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& x = *node.inputs[0];
  if (node.outputs[0]->dtype != x.dtype || node.outputs[1]->dtype != TSR_INT64) {
    return unsupported(node, "combination of dtypes", message);
  }
  if (node.ints[dim_at] < 0 || node.ints[dim_at] >= std::max<int64_t>(1, x.rank)) {
    return unsupported(node, "dim", message);
  }
  return TSR_OK;
}

// The dim is ints[dim_at], whether it descends the one after it.
template <uint32_t dim_at>
void run(Launcher& launcher, const TsrNode& node) {
  with_any(node.inputs[0]->dtype, [&](auto tag) {
    sort_lines<typename decltype(tag)::Type>(
        launcher, node, static_cast<uint32_t>(node.ints[dim_at]), node.ints[dim_at + 1] != 0);
  });
}

}  // namespace

std::span<const KernelEntry> sort_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"sort", make_kernel<check<2, 0>, run<0>>()},
      {"topk", make_kernel<check<4, 1>, run<1>>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
