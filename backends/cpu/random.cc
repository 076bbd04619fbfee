// SPDX-License-Identifier: Apache-2.0
//
// Compiled with -ffp-contract=off: see backends/random/normal.h.
#include "tessera/backends/cpu/random.h"

#include <algorithm>
#include <cstring>

#include "tessera/backends/cpu/convert.h"
#include "tessera/backends/cpu/philox_rows.h"
#include "tessera/backends/random/normal.h"
#include "tessera/backends/random/philox.h"

namespace tessera::cpu {
namespace {

constexpr size_t kTile = 256;  // elements

template <bool floating>
TsrStatus check_random(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 0, 1, 2, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  if (floating ? !is_floating(dtype) : dtype != TSR_INT32) {
    return unsupported(node, "dtype", message);
  }
  return TSR_OK;
}

// y[i] = element(words of i); `wide`: two words an element, which is a double.
template <class T, bool wide, class F>
void draw(TsrStream* stream, const TsrNode& node, F element) {
  const TsrTensor& y = *node.outputs[0];
  const uint64_t seed = static_cast<uint64_t>(node.ints[0]);
  const uint64_t offset = static_cast<uint64_t>(node.ints[1]);
  const ConvertKernel narrow = find_convert(sizeof(T) == 8 ? TSR_FLOAT64 : TSR_FLOAT32, y.dtype);
  pool_of(stream).ranges(
      element_count(y), 16 * kTile,
      [&](size_t begin, size_t end) {
        uint32_t words[2 * kTile];
        T values[kTile];
        for (size_t first = begin; first < end; first += kTile) {
          const size_t n = std::min(kTile, end - first);
          const uint64_t word = wide ? 2 * first : first;  // a multiple of 4, as tiles are
          philox_blocks(seed, offset + word / 4, ((wide ? 2 * n : n) + 3) / 4, words);
          for (size_t i = 0; i < n; ++i) values[i] = element(words + (wide ? 2 * i : i));
          char* const to = data_of<char>(y) + first * item_size(y.dtype);
          if (std::is_same_v<T, uint32_t>) {
            std::memcpy(to, values, n * sizeof(T));
          } else {
            narrow(values, to, n);
          }
        }
      },
      kTile);
}

TsrStatus run_bits(TsrStream* stream, const TsrNode& node, TsrMessage*) {
  draw<uint32_t, false>(stream, node, [](const uint32_t* w) { return w[0]; });
  return TSR_OK;
}

TsrStatus run_uniform(TsrStream* stream, const TsrNode& node, TsrMessage*) {
  if (node.outputs[0]->dtype == TSR_FLOAT64) {
    draw<double, true>(stream, node,
                       [](const uint32_t* w) { return tessera_uniform_float64(w[0], w[1]); });
  } else {
    draw<float, false>(stream, node,
                       [](const uint32_t* w) { return tessera_uniform_float32(w[0]); });
  }
  return TSR_OK;
}

TsrStatus run_normal(TsrStream* stream, const TsrNode& node, TsrMessage*) {
  draw<float, false>(stream, node, [](const uint32_t* w) { return tessera_normal_float32(w[0]); });
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"random_bits", make_kernel<check_random<false>, run_bits>()},
    {"random_uniform", make_kernel<check_random<true>, run_uniform>()},
    {"random_normal", make_kernel<check_random<true>, run_normal>()},
};

}  // namespace

std::span<const KernelEntry> random_kernels() { return kEntries; }

}  // namespace tessera::cpu
