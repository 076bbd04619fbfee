// SPDX-License-Identifier: Apache-2.0
//
// Compiled with -ffp-contract=off (normal.h).
#include "tessera/backends/random/normal.h"
#include "tessera/backends/random/philox.h"
#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

// Word `n` of the sequence that starts at block `offset`. Attributes: seed, offset.
uint32_t word(const Call& call, uint64_t n) {
  uint32_t words[4];
  tessera_philox_block(static_cast<uint64_t>(call.integer(0)),
                       static_cast<uint64_t>(call.integer(1)) + n / 4, words);
  return words[n % 4];
}

Result random_bits(const Call& call) {
  View y = call.out(0);
  uint64_t n = 0;
  for_each_index(y.shape(), [&](const Index& i) { y.set(i, Integer(word(call, n++))); });
  return {};
}

Result random_uniform(const Call& call) {
  View y = call.out(0);
  uint64_t n = 0;
  for_each_index(y.shape(), [&](const Index& i) {
    y.set(i, y.dtype() == TSR_FLOAT64
                 ? Real(tessera_uniform_float64(word(call, 2 * n), word(call, 2 * n + 1)))
                 : Real(tessera_uniform_float32(word(call, n))));
    ++n;
  });
  return {};
}

Result random_normal(const Call& call) {
  View y = call.out(0);
  uint64_t n = 0;
  for_each_index(y.shape(),
                 [&](const Index& i) { y.set(i, Real(tessera_normal_float32(word(call, n++)))); });
  return {};
}

}  // namespace

Kernels random_kernels() {
  return {{"random_bits", random_bits, 0, 0, 1, 2, 0},
          {"random_uniform", random_uniform, 0, 0, 1, 2, 0},
          {"random_normal", random_normal, 0, 0, 1, 2, 0}};
}

}  // namespace tessera::reference
