// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/arg_extreme.h"

#include <algorithm>

#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

TsrStatus check_arg(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 1, 2, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  if (node.outputs[0]->dtype != TSR_INT64) return unsupported(node, "dtype", message);
  return TSR_OK;
}

// x (outer, size, inner), y (outer, inner): the first extreme; nan is one.
template <class T, bool largest>
void arg_extreme(TsrStream* stream, const Lines& lines, const T* x, int64_t* y) {
  constexpr int64_t kBlock = 64;  // lines that go on side by side
  const int64_t blocks = (lines.inner + kBlock - 1) / kBlock;
  pool_of(stream).ranges(
      lines.outer * blocks, (16 << 10) / (lines.size * std::min(kBlock, lines.inner)) + 1,
      [&](size_t begin, size_t end) {
        for (size_t task = begin; task < end; ++task) {
          const int64_t first = task % blocks * kBlock;
          const int64_t n = std::min(kBlock, lines.inner - first);
          const int64_t outer = task / blocks;
          const T* from = x + outer * lines.size * lines.inner + first;
          int64_t* to = y + outer * lines.inner + first;
          T best[kBlock];
          std::copy_n(from, n, best);
          std::fill_n(to, n, 0);
          for (int64_t k = 1; k < lines.size; ++k) {
            for (int64_t j = 0; j < n; ++j) {
              const T value = from[k * lines.inner + j];
              const bool better = largest ? value > best[j] : value < best[j];
              if ((better || value != value) && best[j] == best[j]) {
                best[j] = value;
                to[j] = k;
              }
            }
          }
        }
      },
      1);
}

// ints: keepdim, dim
template <bool largest>
TsrStatus run_arg(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  const TsrTensor& x = *node.inputs[0];
  const TsrTensor& y = *node.outputs[0];
  if (element_count(y) == 0) return TSR_OK;
  const Lines lines(x, node.ints[1]);
  Workspace work(stream, message);
  const uint32_t dtype = x.dtype == TSR_BOOL ? uint32_t{TSR_UINT8} : compute_dtype(x.dtype);
  const void* in = work.dense_as(x, dtype);
  const auto run = [&]<class T>(T) {
    arg_extreme<T, largest>(stream, lines, static_cast<const T*>(in), data_of<int64_t>(y));
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
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"argmax", make_kernel<check_arg, run_arg<true>>()},
    {"argmin", make_kernel<check_arg, run_arg<false>>()},
};

}  // namespace

std::span<const KernelEntry> arg_extreme_kernels() { return kEntries; }

}  // namespace tessera::cpu
