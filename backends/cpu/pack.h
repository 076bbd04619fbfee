// SPDX-License-Identifier: Apache-2.0
//
// Brings the elements of a strided tensor into row-major order, a run at a time.
#ifndef TESSERA_BACKENDS_CPU_PACK_H_
#define TESSERA_BACKENDS_CPU_PACK_H_

#include <cstddef>
#include <cstdint>

#include "tessera/backends/cpu/layout.h"

namespace tessera::cpu {

class Packer {
 public:
  // An operand of at least one element whose strides are `x_strides`, in elements of `item` bytes.
  // A packer made without arguments is to be assigned to.
  Packer() : loop_(0, nullptr, nullptr, nullptr, false) {}
  Packer(const void* data, size_t item, uint32_t rank, const int64_t* shape,
         const int64_t* x_strides);

  // Writes elements [begin, begin + n) of the row-major order to `to`.
  void pack(int64_t begin, int64_t n, void* to) const;

 private:
  PairLoop loop_;
  const char* data_ = nullptr;
  size_t item_ = 0;
};

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_PACK_H_
