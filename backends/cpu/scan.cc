// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/scan.h"

#include <algorithm>
#include <type_traits>

#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

TsrStatus check_scan(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 1, 1, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  if (node.inputs[0]->dtype != node.outputs[0]->dtype || node.inputs[0]->dtype == TSR_BOOL) {
    return unsupported(node, "combination of dtypes", message);
  }
  return TSR_OK;
}

// x, y (outer, size, inner). Floats are accumulated in double: a long line keeps its accuracy.
template <class T, bool product>
void scan(TsrStream* stream, const Lines& lines, const T* x, T* y) {
  using Sum = std::conditional_t<std::is_floating_point_v<T>, double, T>;
  constexpr int64_t kBlock = 64;  // lines that go on side by side
  const int64_t blocks = (lines.inner + kBlock - 1) / kBlock;
  pool_of(stream).ranges(
      lines.outer * blocks, (16 << 10) / (lines.size * kBlock) + 1,
      [&](size_t begin, size_t end) {
        for (size_t task = begin; task < end; ++task) {
          const int64_t first = task % blocks * kBlock;
          const int64_t n = std::min(kBlock, lines.inner - first);
          const int64_t base = task / blocks * lines.size * lines.inner + first;
          Sum sums[kBlock];
          std::fill_n(sums, n, Sum(product ? 1 : 0));
          for (int64_t k = 0; k < lines.size; ++k) {
            const T* from = x + base + k * lines.inner;
            T* to = y + base + k * lines.inner;
            for (int64_t j = 0; j < n; ++j) {
              sums[j] = static_cast<Sum>(product ? sums[j] * from[j] : sums[j] + from[j]);
              to[j] = static_cast<T>(sums[j]);
            }
          }
        }
      },
      1);
}

template <bool product>
TsrStatus run_scan(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  const TsrTensor& x = *node.inputs[0];
  const TsrTensor& y = *node.outputs[0];
  if (element_count(y) == 0) return TSR_OK;
  const Lines lines(x, node.ints[0]);
  Workspace work(stream, message);
  const uint32_t dtype = compute_dtype(y.dtype);
  const void* in = work.dense_as(x, dtype);
  void* out = work.output_as(y, dtype);
  const auto run = [&]<class T>(T) {
    scan<T, product>(stream, lines, static_cast<const T*>(in), static_cast<T*>(out));
  };
  switch (dtype) {
    case TSR_FLOAT32:
      run(float());
      break;
    case TSR_FLOAT64:
      run(double());
      break;
    case TSR_INT32:
      run(uint32_t());
      break;  // wraps
    case TSR_INT64:
      run(uint64_t());
      break;
    default:
      run(uint8_t());
      break;
  }
  work.finish();
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"cumsum", make_kernel<check_scan, run_scan<false>>()},
    {"cumprod", make_kernel<check_scan, run_scan<true>>()},
};

}  // namespace

std::span<const KernelEntry> scan_kernels() { return kEntries; }

}  // namespace tessera::cpu
