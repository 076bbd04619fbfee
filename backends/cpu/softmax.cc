// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/softmax.h"

#include <algorithm>

#include "tessera/backends/cpu/softmax_rows.h"
#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kGrain = 16 << 10;  // elements that are worth a thread
constexpr int64_t kBlock = 64;        // lines that run side by side

template <uint32_t inputs>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, 1, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  bool known = is_floating(dtype);
  for (uint32_t i = 0; i < inputs; ++i) known = known && node.inputs[i]->dtype == dtype;
  return known ? TSR_OK : unsupported(node, "combination of dtypes", message);
}

// Calls rows(offset) for every line (outer, size, 1), or columns(offset, width) for blocks of the
// lines (outer, size, inner).
template <class Rows, class Columns>
void for_each_line(TsrStream* stream, const Lines& lines, Rows rows, Columns columns) {
  if (lines.inner == 1) {
    pool_of(stream).ranges(
        lines.outer, kGrain / lines.size + 1,
        [&](size_t begin, size_t end) {
          for (size_t i = begin; i < end; ++i) rows(i * lines.size);
        },
        1);
    return;
  }
  const int64_t blocks = (lines.inner + kBlock - 1) / kBlock;
  pool_of(stream).ranges(
      lines.outer * blocks, kGrain / (lines.size * kBlock) + 1,
      [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) {
          const int64_t first = i % blocks * kBlock;
          columns(i / blocks * lines.size * lines.inner + first,
                  std::min(kBlock, lines.inner - first));
        }
      },
      1);
}

template <class T, bool log>
void forward(TsrStream* stream, Workspace& work, const TsrNode& node) {
  const Lines lines(*node.outputs[0], node.ints[0]);
  const SoftmaxRows<T>& kernels = softmax_rows(T());
  const T* const x = work.dense<T>(*node.inputs[0]);
  T* const y = work.output<T>(*node.outputs[0]);
  for_each_line(
      stream, lines, [&](int64_t at) { kernels.softmax(x + at, lines.size, log, y + at); },
      [&](int64_t at, int64_t width) {
        kernels.softmax_columns(x + at, lines.size, lines.inner, width, log, y + at);
      });
}

// g, y -> gx
template <class T, bool log>
void backward(TsrStream* stream, Workspace& work, const TsrNode& node) {
  const Lines lines(*node.outputs[0], node.ints[0]);
  const SoftmaxRows<T>& kernels = softmax_rows(T());
  const T* const g = work.dense<T>(*node.inputs[0]);
  const T* const y = work.dense<T>(*node.inputs[1]);
  T* const gx = work.output<T>(*node.outputs[0]);
  for_each_line(
      stream, lines,
      [&](int64_t at) { kernels.softmax_backward(g + at, y + at, lines.size, log, gx + at); },
      [&](int64_t at, int64_t width) {
        kernels.softmax_backward_columns(g + at, y + at, lines.size, lines.inner, width, log,
                                         gx + at);
      });
}

template <bool gradient, bool log>
TsrStatus run(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  if (element_count(*node.outputs[0]) == 0) return TSR_OK;
  Workspace work(stream, message);
  const auto compute = [&]<class T>(T) {
    if constexpr (gradient) {
      backward<T, log>(stream, work, node);
    } else {
      forward<T, log>(stream, work, node);
    }
  };
  node.outputs[0]->dtype == TSR_FLOAT64 ? compute(double()) : compute(float());
  work.finish();
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"softmax", make_kernel<check<1>, run<false, false>>()},
    {"log_softmax", make_kernel<check<1>, run<false, true>>()},
    {"softmax_backward", make_kernel<check<2>, run<true, false>>()},
    {"log_softmax_backward", make_kernel<check<2>, run<true, true>>()},
};

}  // namespace

std::span<const KernelEntry> softmax_kernels() { return kEntries; }

}  // namespace tessera::cpu
