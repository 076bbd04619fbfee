// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/gather.h"

#include <algorithm>
#include <cinttypes>
#include <cstring>

#include "tessera/backends/cpu/copy.h"
#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

constexpr size_t kGrain = 32 << 10;  // elements moved that are worth a thread

// Calls f with an unsigned integer type of the dtype's size.
template <class F>
void with_bits(uint32_t dtype, F f) {
  switch (item_size(dtype)) {
    case 1:
      return f(uint8_t());
    case 2:
      return f(uint16_t());
    case 4:
      return f(uint32_t());
    default:
      return f(uint64_t());
  }
}

// Calls f with the type that sums of `dtype` are computed in.
template <class F>
void with_number(uint32_t dtype, F f) {
  switch (dtype) {
    case TSR_FLOAT64:
      return f(double());
    case TSR_INT32:
      return f(uint32_t());  // sums wrap
    case TSR_INT64:
      return f(uint64_t());
    case TSR_UINT8:
      return f(uint8_t());
    default:
      return f(float());
  }
}

TsrStatus check_index(const char* op, const int64_t* index, int64_t n, int64_t size,
                      TsrMessage* message) {
  uint64_t largest = 0;  // as unsigned numbers, negative ones are large
  for (int64_t i = 0; i < n; ++i) largest = std::max(largest, static_cast<uint64_t>(index[i]));
  if (n == 0 || largest < static_cast<uint64_t>(size)) return TSR_OK;
  for (int64_t i = 0;; ++i) {
    if (index[i] < 0 || index[i] >= size) {
      return fail(message, TSR_OUT_OF_RANGE,
                  "%s: index %" PRId64 " at position %" PRId64 " is not in [0, %" PRId64 ")", op,
                  index[i], i, size);
    }
  }
}

// Both index tensors and sources: one integer attribute, dtypes x = src = y, index int64.
template <uint32_t inputs, bool numbers>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, 1, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.inputs[0]->dtype;
  if (node.inputs[1]->dtype != TSR_INT64 || node.outputs[0]->dtype != dtype ||
      (inputs == 3 && node.inputs[2]->dtype != dtype) || (numbers && dtype == TSR_BOOL)) {
    return unsupported(node, "combination of dtypes", message);
  }
  if (node.ints[0] < 0 || node.ints[0] >= std::max<int64_t>(1, node.inputs[0]->rank)) {
    return unsupported(node, "dim", message);
  }
  return TSR_OK;
}

// The strides of a dense tensor of x's shape but for x's stride 0 at `dim`.
void strides_without(const TsrTensor& t, int64_t dim, int64_t* strides) {
  int64_t stride = 1;
  for (uint32_t k = t.rank; k-- > 0;) {
    strides[k] = k == dim ? 0 : stride;
    stride *= t.shape[k];
  }
}

// x (X), index (I), y (I), I <= X but at dim: y[i..] = x[.., index[i..], ..]
TsrStatus run_gather(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  const TsrTensor& x = *node.inputs[0];
  const TsrTensor& y = *node.outputs[0];
  const int64_t n = element_count(y);
  if (n == 0) return TSR_OK;
  Workspace work(stream, message);
  const int64_t* index = work.dense<int64_t>(*node.inputs[1]);
  if (x.rank == 0) {
    TESSERA_PLUGIN_RETURN_IF_ERROR(check_index("gather", index, n, 1, message));
    std::memcpy(y.data, x.data, item_size(y.dtype));
    return TSR_OK;
  }
  const int64_t dim = node.ints[0];
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_index("gather", index, n, x.shape[dim], message));
  int64_t strides[kMaxRank];
  for (uint32_t k = 0; k < x.rank; ++k) strides[k] = k == dim ? 0 : x.strides[k];
  const int64_t step = x.strides[dim];
  const uint32_t last = y.rank - 1;
  const int64_t inner = y.shape[last];
  with_bits(y.dtype, [&]<class T>(T) {
    pool_of(stream).ranges(
        n / inner, kGrain / inner + 1,
        [&](size_t begin, size_t end) {
          Odometer row(last, y.shape, strides);
          row.seek(begin);
          for (size_t r = begin; r < end; ++r) {
            const T* from = data_of<T>(x) + row.offset();
            T* to = data_of<T>(y) + r * inner;
            const int64_t* at = index + r * inner;
            for (int64_t j = 0; j < inner; ++j) to[j] = from[at[j] * step + j * strides[last]];
            row.next();
          }
        },
        1);
  });
  return TSR_OK;
}

// Calls f(offset in y, position in src) for every element of the index tensor in row-major order.
template <class F>
void for_each_target(const TsrTensor& index_tensor, const int64_t* index, const TsrTensor& y,
                     int64_t dim, F f) {
  const int64_t n = element_count(index_tensor);
  int64_t strides[kMaxRank];
  strides_without(y, dim, strides);
  int64_t step = 1;
  for (uint32_t k = dim + 1; k < y.rank; ++k) step *= y.shape[k];
  Odometer at(index_tensor.rank, index_tensor.shape, strides);
  for (int64_t i = 0; i < n; ++i) {
    f(at.offset() + index[i] * step, i);
    at.next();
  }
}

template <bool add>
TsrStatus run_scatter(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  const TsrTensor& x = *node.inputs[0];
  const TsrTensor& index_tensor = *node.inputs[1];
  const TsrTensor& src = *node.inputs[2];
  const TsrTensor& y = *node.outputs[0];
  const int64_t dim = node.ints[0];
  const char* const op = add ? "scatter_add" : "scatter";
  Workspace work(stream, message);
  const int64_t* index = work.dense<int64_t>(index_tensor);
  TESSERA_PLUGIN_RETURN_IF_ERROR(
      check_index(op, index, element_count(index_tensor), x.rank == 0 ? 1 : x.shape[dim], message));
  // src stands over the index tensor's shape, which may be a part of its own.
  TsrTensor part = src;
  int64_t zeros[kMaxRank] = {};
  part.shape = index_tensor.shape;
  part.rank = index_tensor.rank;
  if ((src.flags & TSR_TENSOR_IMMEDIATE) != 0 || src.rank != index_tensor.rank) {
    part.strides = zeros;
    part.flags = 0;
  }
  if (add && is_half(y.dtype)) {  // summed in float32, rounded once
    float* sums = work.output<float>(y);
    const float* values = work.dense<float>(part);
    const float* old = work.dense<float>(x);
    std::copy_n(old, element_count(x), sums);
    for_each_target(index_tensor, index, y, dim,
                    [&](int64_t to, int64_t from) { sums[to] += values[from]; });
    work.finish();
    return TSR_OK;
  }
  const void* values = work.dense_as(part, src.dtype);
  copy_tensor(pool_of(stream), x, y);
  const auto put = [&]<class T>(T) {
    const T* from = static_cast<const T*>(values);
    for_each_target(index_tensor, index, y, dim, [&](int64_t to, int64_t i) {
      T& target = data_of<T>(y)[to];
      target = add ? static_cast<T>(target + from[i]) : from[i];
    });
  };
  if (add) {
    with_number(y.dtype, put);
  } else {
    with_bits(y.dtype, put);
  }
  return TSR_OK;
}

// x (outer, size, inner), index (n), y (outer, n, inner)
TsrStatus run_index_select(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  const TsrTensor& x = *node.inputs[0];
  const TsrTensor& y = *node.outputs[0];
  const Lines from(x, node.ints[0]);
  const Lines to(y, node.ints[0]);
  if (element_count(y) == 0 && element_count(*node.inputs[1]) == 0) return TSR_OK;
  Workspace work(stream, message);
  const int64_t* index = work.dense<int64_t>(*node.inputs[1]);
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_index("index_select", index, to.size, from.size, message));
  if (element_count(y) == 0) return TSR_OK;
  const size_t row = from.inner * item_size(x.dtype);
  const char* source = static_cast<const char*>(work.dense_as(x, x.dtype));
  pool_of(stream).ranges(
      to.outer * to.size, kGrain / to.inner + 1,
      [&](size_t begin, size_t end) {
        for (size_t r = begin; r < end; ++r) {
          const int64_t place = r / to.size * from.size + index[r % to.size];
          std::memcpy(data_of<char>(y) + r * row, source + place * row, row);
        }
      },
      1);
  return TSR_OK;
}

// x and y (outer, size, inner), index (n), src (outer, n, inner)
TsrStatus run_index_add(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  const TsrTensor& x = *node.inputs[0];
  const TsrTensor& y = *node.outputs[0];
  const Lines to(y, node.ints[0]);
  Workspace work(stream, message);
  const int64_t n = element_count(*node.inputs[1]);
  const int64_t* index = work.dense<int64_t>(*node.inputs[1]);
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_index("index_add", index, n, to.size, message));
  const auto add = [&]<class T>(const T* src, T* sums) {
    pool_of(stream).ranges(
        to.outer, kGrain / std::max<int64_t>(n * to.inner, 1) + 1,
        [&](size_t begin, size_t end) {
          for (size_t o = begin; o < end; ++o) {
            for (int64_t i = 0; i < n; ++i) {
              T* target = sums + (o * to.size + index[i]) * to.inner;
              const T* from = src + (o * n + i) * to.inner;
              for (int64_t j = 0; j < to.inner; ++j)
                target[j] = static_cast<T>(target[j] + from[j]);
            }
          }
        },
        1);
  };
  if (is_half(y.dtype)) {
    float* sums = work.output<float>(y);
    std::copy_n(work.dense<float>(x), element_count(x), sums);
    add(work.dense<float>(*node.inputs[2]), sums);
    work.finish();
    return TSR_OK;
  }
  copy_tensor(pool_of(stream), x, y);
  const void* src = work.dense_as(*node.inputs[2], y.dtype);
  with_number(y.dtype, [&]<class T>(T) { add(static_cast<const T*>(src), data_of<T>(y)); });
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"gather", make_kernel<check<2, false>, run_gather>()},
    {"scatter", make_kernel<check<3, false>, run_scatter<false>>()},
    {"scatter_add", make_kernel<check<3, true>, run_scatter<true>>()},
    {"index_select", make_kernel<check<2, false>, run_index_select>()},
    {"index_add", make_kernel<check<3, true>, run_index_add>()},
};

}  // namespace

std::span<const KernelEntry> gather_kernels() { return kEntries; }

}  // namespace tessera::cpu
