// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/pack.h"

#include <algorithm>
#include <cstring>

namespace tessera::cpu {
namespace {

template <class T>
void pack_rows(const PairLoop& loop, const T* x, int64_t begin, int64_t n, T* to) {
  if (loop.rank == 0) {
    *to = *x;
    return;
  }
  const uint32_t last = loop.rank - 1;
  const int64_t inner = loop.shape[last];
  const int64_t stride = loop.a[last];
  Odometer rows(last, loop.shape, loop.a);
  rows.seek(begin / inner);
  int64_t column = begin % inner;
  while (n > 0) {
    const int64_t count = std::min(inner - column, n);
    const T* from = x + rows.offset() + column * stride;
    if (stride == 1) {
      if (count < 16) {
        for (int64_t i = 0; i < count; ++i) to[i] = from[i];
      } else {
        std::memcpy(to, from, count * sizeof(T));
      }
    } else if (stride == 0) {
      std::fill_n(to, count, *from);
    } else {
      for (int64_t i = 0; i < count; ++i) to[i] = from[i * stride];
    }
    to += count;
    n -= count;
    column = 0;
    rows.next();
  }
}

}  // namespace

// The second operand of the loop is the packed one, so that dims merge as far as both allow.
Packer::Packer(const void* data, size_t item, uint32_t rank, const int64_t* shape,
               const int64_t* x_strides)
    : loop_(0, nullptr, nullptr, nullptr, false),
      data_(static_cast<const char*>(data)),
      item_(item) {
  int64_t dense[kMaxRank];
  int64_t stride = 1;
  for (uint32_t k = rank; k-- > 0;) {
    dense[k] = stride;
    stride *= shape[k];
  }
  loop_ = PairLoop(rank, shape, x_strides, dense, /*reorder=*/false);
}

void Packer::pack(int64_t begin, int64_t n, void* to) const {
  switch (item_) {
    case 1:
      return pack_rows(loop_, reinterpret_cast<const uint8_t*>(data_), begin, n,
                       static_cast<uint8_t*>(to));
    case 2:
      return pack_rows(loop_, reinterpret_cast<const uint16_t*>(data_), begin, n,
                       static_cast<uint16_t*>(to));
    case 4:
      return pack_rows(loop_, reinterpret_cast<const uint32_t*>(data_), begin, n,
                       static_cast<uint32_t*>(to));
    default:
      return pack_rows(loop_, reinterpret_cast<const uint64_t*>(data_), begin, n,
                       static_cast<uint64_t*>(to));
  }
}

}  // namespace tessera::cpu
