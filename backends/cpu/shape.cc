// SPDX-License-Identifier: Apache-2.0
//
// Ops that move elements and are copies of views.
#include "tessera/backends/cpu/shape.h"

#include <algorithm>

#include "tessera/backends/cpu/convert.h"
#include "tessera/backends/cpu/copy.h"
#include "tessera/backends/plugin/moves.h"

namespace tessera::cpu {
namespace {

using plugin::check_cat;
using plugin::check_flip;
using plugin::check_pad;
using plugin::check_same_dtypes;

template <class Copies>
TsrStatus run_copies(TsrStream* stream, const TsrNode& node, Copies copies) {
  copies(node, [&](const TsrTensor& from, const TsrTensor& to) {
    copy_tensor(pool_of(stream), from, to);
  });
  return TSR_OK;
}

TsrStatus run_cat(TsrStream* stream, const TsrNode& node, TsrMessage*) {
  return run_copies(stream, node, [](auto&&... a) { plugin::copies_of_cat(a...); });
}

TsrStatus run_pad(TsrStream* stream, const TsrNode& node, TsrMessage*) {
  return run_copies(stream, node, [](auto&&... a) { plugin::copies_of_pad(a...); });
}

TsrStatus run_flip(TsrStream* stream, const TsrNode& node, TsrMessage*) {
  return run_copies(stream, node, [](auto&&... a) { plugin::copies_of_flip(a...); });
}

TsrStatus check_arange(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 2, 1, 0, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_same_dtypes(node, message));
  if (node.outputs[0]->dtype == TSR_BOOL) return unsupported(node, "dtype", message);
  return TSR_OK;
}

TsrStatus run_arange(TsrStream* stream, const TsrNode& node, TsrMessage*) {
  const TsrTensor& y = *node.outputs[0];
  const uint32_t wide = is_floating(y.dtype) ? uint32_t{TSR_FLOAT64} : uint32_t{TSR_INT64};
  uint64_t start_bits, step_bits;
  find_convert(y.dtype, wide)(node.inputs[0]->data, &start_bits, 1);
  find_convert(y.dtype, wide)(node.inputs[1]->data, &step_bits, 1);
  const ConvertKernel narrow = find_convert(wide, y.dtype);
  constexpr size_t kTile = 512;
  pool_of(stream).ranges(element_count(y), 64 * kTile, [&](size_t begin, size_t end) {
    uint64_t tile[kTile];
    for (size_t first = begin; first < end; first += kTile) {
      const size_t n = std::min(kTile, end - first);
      if (wide == TSR_FLOAT64) {
        const double start = __builtin_bit_cast(double, start_bits);
        const double step = __builtin_bit_cast(double, step_bits);
        for (size_t i = 0; i < n; ++i) {
          tile[i] = __builtin_bit_cast(uint64_t, start + static_cast<double>(first + i) * step);
        }
      } else {
        for (size_t i = 0; i < n; ++i) tile[i] = start_bits + (first + i) * step_bits;
      }
      narrow(tile, data_of<char>(y) + first * item_size(y.dtype), n);
    }
  });
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"cat", make_kernel<check_cat, run_cat>()},
    {"pad", make_kernel<check_pad, run_pad>()},
    {"flip", make_kernel<check_flip, run_flip>()},
    {"arange", make_kernel<check_arange, run_arange>()},
};

}  // namespace

std::span<const KernelEntry> shape_kernels() { return kEntries; }

}  // namespace tessera::cpu
