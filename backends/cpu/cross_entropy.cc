// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/cross_entropy.h"

#include <algorithm>
#include <cinttypes>

#include "tessera/backends/cpu/softmax_rows.h"
#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kMean = 1;
constexpr int64_t kSum = 2;
constexpr int64_t kGrain = 16 << 10;  // elements that are worth a thread
constexpr int64_t kChunk = 4096;      // losses that are summed by lanes

bool has_dtypes(const TsrNode& node, std::initializer_list<uint32_t> wanted) {
  uint32_t i = 0;
  for (uint32_t dtype : wanted) {
    if (dtype != 0 && node.inputs[i]->dtype != dtype) return false;
    ++i;
  }
  return true;
}

// ints: reduction, ignore_index
TsrStatus check_cross_entropy(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 2, 2, 2, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  if (!is_floating(dtype) || !has_dtypes(node, {dtype, TSR_INT64}) ||
      node.outputs[1]->dtype != dtype || node.inputs[0]->rank != 2 || node.ints[0] < kMean ||
      node.ints[0] > kSum) {
    return unsupported(node, "combination of dtypes, ranks and reduction", message);
  }
  return TSR_OK;
}

TsrStatus check_cross_entropy_backward(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 4, 1, 2, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  if (!is_floating(dtype) || !has_dtypes(node, {dtype, dtype, TSR_INT64, dtype}) ||
      node.inputs[1]->rank != 2 || node.ints[0] < kMean || node.ints[0] > kSum) {
    return unsupported(node, "combination of dtypes, ranks and reduction", message);
  }
  return TSR_OK;
}

// Counts the targets that are not ignored, after checking them.
TsrStatus check_targets(const char* op, const int64_t* target, int64_t n, int64_t classes,
                        int64_t ignore_index, int64_t* counted, TsrMessage* message) {
  *counted = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (target[i] == ignore_index) continue;
    if (target[i] < 0 || target[i] >= classes) {
      return fail(message, TSR_OUT_OF_RANGE,
                  "%s: target %" PRId64 " at position %" PRId64 " is not in [0, %" PRId64 ")", op,
                  target[i], i, classes);
    }
    ++*counted;
  }
  return TSR_OK;
}

// x (n, classes), target (n) -> loss (), lse (n)
template <class T>
TsrStatus cross_entropy(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  Workspace work(stream, message);
  const int64_t n = node.inputs[0]->shape[0];
  const int64_t classes = node.inputs[0]->shape[1];
  const int64_t ignore_index = node.ints[1];
  const int64_t* const target = work.dense<int64_t>(*node.inputs[1]);
  int64_t counted;
  TESSERA_PLUGIN_RETURN_IF_ERROR(
      check_targets("cross_entropy", target, n, classes, ignore_index, &counted, message));
  const T* const x = work.dense<T>(*node.inputs[0]);
  T* const loss = work.output<T>(*node.outputs[0]);
  T* const lse = work.output<T>(*node.outputs[1]);
  const SoftmaxRows<T>& kernels = softmax_rows(T());
  pool_of(stream).ranges(
      n, kGrain / std::max<int64_t>(1, classes) + 1,
      [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) lse[i] = kernels.logsumexp(x + i * classes, classes);
      },
      1);
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (target[i] != ignore_index) {
      sum += static_cast<double>(lse[i]) - static_cast<double>(x[i * classes + target[i]]);
    }
  }
  *loss = static_cast<T>(node.ints[0] == kMean ? sum / static_cast<double>(counted) : sum);
  work.finish();
  return TSR_OK;
}

// g (), x (n, classes), target (n), lse (n) -> gx
template <class T>
TsrStatus cross_entropy_backward(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  Workspace work(stream, message);
  const int64_t n = node.inputs[1]->shape[0];
  const int64_t classes = node.inputs[1]->shape[1];
  const int64_t ignore_index = node.ints[1];
  const int64_t* const target = work.dense<int64_t>(*node.inputs[2]);
  int64_t counted;
  TESSERA_PLUGIN_RETURN_IF_ERROR(
      check_targets("cross_entropy_backward", target, n, classes, ignore_index, &counted, message));
  const T g = *work.dense<T>(*node.inputs[0]);
  const T* const x = work.dense<T>(*node.inputs[1]);
  const T* const lse = work.dense<T>(*node.inputs[3]);
  T* const gx = work.output<T>(*node.outputs[0]);
  const T scale = node.ints[0] == kMean ? g / static_cast<T>(counted) : g;
  const SoftmaxRows<T>& kernels = softmax_rows(T());
  pool_of(stream).ranges(
      n, kGrain / std::max<int64_t>(1, classes) + 1,
      [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) {
          T* const row = gx + i * classes;
          if (target[i] == ignore_index) {
            std::fill_n(row, classes, T(0));
          } else {
            kernels.scaled_softmax(x + i * classes, classes, lse[i], scale, row);
            row[target[i]] -= scale;
          }
        }
      },
      1);
  work.finish();
  return TSR_OK;
}

// ints: reduction
template <uint32_t inputs>
TsrStatus check_bce(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, 1, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  bool known = is_floating(dtype) && node.ints[0] >= kMean && node.ints[0] <= kSum;
  for (uint32_t i = 0; i < inputs; ++i) known = known && node.inputs[i]->dtype == dtype;
  return known ? TSR_OK : unsupported(node, "combination of dtypes and reduction", message);
}

// x (S), y (S) -> loss ()
template <class T>
TsrStatus bce(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  Workspace work(stream, message);
  const int64_t n = element_count(*node.inputs[0]);
  const T* const x = work.dense<T>(*node.inputs[0]);
  const T* const y = work.dense<T>(*node.inputs[1]);
  T* const loss = work.output<T>(*node.outputs[0]);
  const int64_t chunks = (n + kChunk - 1) / kChunk;
  T* const sums = work.array<T>(chunks);
  pool_of(stream).ranges(
      chunks, 4,
      [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) {
          const int64_t first = i * kChunk;
          sums[i] = softmax_rows(T()).bce(x + first, y + first, std::min(kChunk, n - first));
        }
      },
      1);
  double sum = 0;
  for (int64_t i = 0; i < chunks; ++i) sum += static_cast<double>(sums[i]);
  *loss = static_cast<T>(node.ints[0] == kMean ? sum / static_cast<double>(n) : sum);
  work.finish();
  return TSR_OK;
}

// g (), x (S), y (S) -> gx
template <class T>
TsrStatus bce_backward(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  Workspace work(stream, message);
  const int64_t n = element_count(*node.inputs[1]);
  const T g = *work.dense<T>(*node.inputs[0]);
  const T* const x = work.dense<T>(*node.inputs[1]);
  const T* const y = work.dense<T>(*node.inputs[2]);
  T* const gx = work.output<T>(*node.outputs[0]);
  const T scale = node.ints[0] == kMean ? g / static_cast<T>(n) : g;
  pool_of(stream).ranges(n, kGrain, [&](size_t begin, size_t end) {
    softmax_rows(T()).bce_backward(x + begin, y + begin, end - begin, scale, gx + begin);
  });
  work.finish();
  return TSR_OK;
}

template <TsrStatus (*single)(TsrStream*, const TsrNode&, TsrMessage*),
          TsrStatus (*wide)(TsrStream*, const TsrNode&, TsrMessage*)>
TsrStatus by_dtype(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  return node.outputs[0]->dtype == TSR_FLOAT64 ? wide(stream, node, message)
                                               : single(stream, node, message);
}

constexpr KernelEntry kEntries[] = {
    {"cross_entropy",
     make_kernel<check_cross_entropy, by_dtype<cross_entropy<float>, cross_entropy<double>>>()},
    {"cross_entropy_backward",
     make_kernel<check_cross_entropy_backward,
                 by_dtype<cross_entropy_backward<float>, cross_entropy_backward<double>>>()},
    {"bce_with_logits", make_kernel<check_bce<2>, by_dtype<bce<float>, bce<double>>>()},
    {"bce_with_logits_backward",
     make_kernel<check_bce<3>, by_dtype<bce_backward<float>, bce_backward<double>>>()},
};

}  // namespace

std::span<const KernelEntry> cross_entropy_kernels() { return kEntries; }

}  // namespace tessera::cpu
