// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/sort.h"

#include <algorithm>

#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kGrain = 4 << 10;  // elements that are worth a thread

template <class T>
struct Item {
  T value;
  int64_t index;
};

// Orders by value, nan greatest, then by index: a total order, in which any sort is stable.
template <class T, bool descending>
struct Before {
  static bool less(T a, T b) { return a == a && (b != b || a < b); }
  bool operator()(const Item<T>& a, const Item<T>& b) const {
    const bool first = descending ? less(b.value, a.value) : less(a.value, b.value);
    const bool second = descending ? less(a.value, b.value) : less(b.value, a.value);
    return first || (!second && a.index < b.index);
  }
};

template <uint32_t ints>
TsrStatus check_sort(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 2, ints, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  if (node.inputs[0]->dtype != node.outputs[0]->dtype || node.outputs[1]->dtype != TSR_INT64) {
    return unsupported(node, "combination of dtypes", message);
  }
  return TSR_OK;
}

// x (outer, size, inner); values, indices (outer, k, inner)
template <class T, bool descending>
void sort_lines(TsrStream* stream, Workspace& work, const Lines& lines, int64_t k, const T* x,
                T* values, int64_t* indices) {
  ThreadPool& pool = pool_of(stream);
  const int64_t n_lines = lines.outer * lines.inner;
  // Each task sorts its lines one after the other in the same place.
  const int64_t tasks =
      lines.size * n_lines < 2 * kGrain ? 1 : std::min<int64_t>(n_lines, 4 * pool.threads());
  Item<T>* const items = work.array<Item<T>>(tasks * lines.size);
  pool.for_each(tasks, [&](size_t task) {
    Item<T>* const line = items + task * lines.size;
    for (int64_t i = n_lines * task / tasks; i < n_lines * static_cast<int64_t>(task + 1) / tasks;
         ++i) {
      const T* from = x + i / lines.inner * lines.size * lines.inner + i % lines.inner;
      for (int64_t j = 0; j < lines.size; ++j) line[j] = {from[j * lines.inner], j};
      if (k < lines.size / 4) {
        std::partial_sort(line, line + k, line + lines.size, Before<T, descending>());
      } else {
        std::sort(line, line + lines.size, Before<T, descending>());
      }
      const int64_t to = i / lines.inner * k * lines.inner + i % lines.inner;
      for (int64_t j = 0; j < k; ++j) {
        values[to + j * lines.inner] = line[j].value;
        indices[to + j * lines.inner] = line[j].index;
      }
    }
  });
}

TsrStatus sort_node(TsrStream* stream, const TsrNode& node, int64_t dim, bool descending,
                    TsrMessage* message) {
  const TsrTensor& x = *node.inputs[0];
  const TsrTensor& y = *node.outputs[0];
  if (element_count(y) == 0) return TSR_OK;
  const Lines lines(x, dim);
  const int64_t k = Lines(y, dim).size;
  Workspace work(stream, message);
  const uint32_t dtype = y.dtype == TSR_BOOL ? uint32_t{TSR_UINT8} : compute_dtype(y.dtype);
  const void* in = work.dense_as(x, dtype);
  void* out = work.output_as(y, dtype);
  int64_t* indices = data_of<int64_t>(*node.outputs[1]);
  const auto run = [&]<class T>(T) {
    if (descending) {
      sort_lines<T, true>(stream, work, lines, k, static_cast<const T*>(in), static_cast<T*>(out),
                          indices);
    } else {
      sort_lines<T, false>(stream, work, lines, k, static_cast<const T*>(in), static_cast<T*>(out),
                           indices);
    }
  };
  switch (dtype) {
    case TSR_FLOAT32:
      run(float());
      break;
    case TSR_FLOAT64:
      run(double());
      break;
    case TSR_INT32:
      run(int32_t());
      break;
    case TSR_INT64:
      run(int64_t());
      break;
    default:
      run(uint8_t());
      break;
  }
  work.finish();
  return TSR_OK;
}

// ints: dim, descending
TsrStatus run_sort(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  return sort_node(stream, node, node.ints[0], node.ints[1] != 0, message);
}

// ints: k, dim, largest, sorted. Sorted whatever `sorted` says.
TsrStatus run_topk(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  return sort_node(stream, node, node.ints[1], node.ints[2] != 0, message);
}

constexpr KernelEntry kEntries[] = {
    {"sort", make_kernel<check_sort<2>, run_sort>()},
    {"topk", make_kernel<check_sort<4>, run_topk>()},
};

}  // namespace

std::span<const KernelEntry> sort_kernels() { return kEntries; }

}  // namespace tessera::cpu
