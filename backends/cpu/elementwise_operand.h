// SPDX-License-Identifier: Apache-2.0
//
// How operands of elementwise ops reach the tiles of tiles.h.
#ifndef TESSERA_BACKENDS_CPU_ELEMENTWISE_OPERAND_H_
#define TESSERA_BACKENDS_CPU_ELEMENTWISE_OPERAND_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "tessera/backends/cpu/convert.h"
#include "tessera/backends/cpu/kernel.h"
#include "tessera/backends/cpu/pack.h"

namespace tessera::cpu {

enum class Access {
  kLinear,  // laid out as the output is
  kSingle,  // one element for all
  kStrided
};

inline Access access_of(const TsrTensor& x, const TsrTensor& y) {
  if ((x.flags & TSR_TENSOR_IMMEDIATE) != 0 || x.rank != y.rank) return Access::kSingle;
  bool linear = true;
  bool single = true;
  for (uint32_t k = 0; k < y.rank; ++k) {
    if (y.shape[k] == 1) continue;
    linear = linear && x.strides[k] == y.strides[k];
    single = single && x.strides[k] == 0;
  }
  return linear ? Access::kLinear : single ? Access::kSingle : Access::kStrided;
}

struct Operand {
  Access access = Access::kLinear;
  const char* data = nullptr;
  size_t item = 0;                  // bytes of an element
  ConvertKernel convert = nullptr;  // to float32, for the half dtypes
  size_t tile_item = 0;             // bytes after conversion
  Packer packer;                    // kStrided

  Operand() = default;
  // An input for the output `y`.
  Operand(const TsrTensor& x, const TsrTensor& y, Access how, ConvertKernel to_float)
      : access(how),
        data(data_of<char>(x)),
        item(item_size(x.dtype)),
        convert(to_float),
        tile_item(to_float != nullptr ? sizeof(float) : item) {
    if (how == Access::kStrided) packer = Packer(x.data, item, y.rank, y.shape, x.strides);
  }

  // Of kSingle: its element n times.
  void fill(int64_t n, char* buffer) const {
    if (convert != nullptr) {
      convert(data, buffer, 1);
    } else {
      std::memcpy(buffer, data, item);
    }
    // By doubling.
    const size_t bytes = static_cast<size_t>(n) * tile_item;
    for (size_t done = tile_item; done < bytes; done *= 2) {
      std::memcpy(buffer + done, buffer, std::min(done, bytes - done));
    }
  }

  // Of the others: elements [p, p + n), side by side; in `buffer` unless they stand so. `raw` has
  // room for them before a conversion.
  const void* fetch(int64_t p, int64_t n, char* buffer, char* raw) const {
    const char* source = data + p * static_cast<int64_t>(item);
    if (access == Access::kStrided) {
      char* const packed = convert != nullptr ? raw : buffer;
      packer.pack(p, n, packed);
      source = packed;
    }
    if (convert == nullptr) return source;
    convert(source, buffer, static_cast<size_t>(n));
    return buffer;
  }
};

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_ELEMENTWISE_OPERAND_H_
