// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/copy.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tessera/backends/cpu/convert.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kTile = 1024;                    // elements converted at a time
constexpr int64_t kBlock = 32;                     // rows and columns transposed at a time
constexpr size_t kGrainBytes = size_t{256} << 10;  // a few microseconds of copying

// Calls f with an unsigned integer type of `size` bytes.
template <class F>
void with_bits(size_t size, F f) {
  switch (size) {
    case 1:
      return f(uint8_t());
    case 2:
      return f(uint16_t());
    case 4:
      return f(uint32_t());
    default:
      return f(uint64_t());
  }
}

// to[i * to_stride] = from[i * from_stride]
void copy_strided(size_t item, const void* from, int64_t from_stride, void* to, int64_t to_stride,
                  int64_t n) {
  with_bits(item, [&]<class T>(T) {
    const T* in = static_cast<const T*>(from);
    T* out = static_cast<T*>(to);
    if (to_stride == 1 && from_stride == 1) {
      std::memcpy(out, in, n * sizeof(T));
    } else if (to_stride == 1 && from_stride == 0) {
      std::fill_n(out, n, *in);
    } else if (to_stride == 1) {
      for (int64_t i = 0; i < n; ++i) out[i] = in[i * from_stride];
    } else if (from_stride == 1) {
      for (int64_t i = 0; i < n; ++i) out[i * to_stride] = in[i];
    } else {
      for (int64_t i = 0; i < n; ++i) out[i * to_stride] = in[i * from_stride];
    }
  });
}

// The loop nest of one copy, with the innermost dim last.
struct Copy {
  PairLoop loop;
  const char* x;
  char* y;
  size_t x_item, y_item;
  ConvertKernel convert;  // null: same dtype

  int64_t inner() const { return loop.shape[loop.rank - 1]; }

  // n elements from x_row to y_row with the strides of the innermost dim.
  void row(const char* x_row, char* y_row, int64_t n) const {
    const int64_t x_stride = loop.a[loop.rank - 1];
    const int64_t y_stride = loop.b[loop.rank - 1];
    if (convert == nullptr) return copy_strided(x_item, x_row, x_stride, y_row, y_stride, n);
    if (x_stride == 1 && y_stride == 1) return convert(x_row, y_row, n);
    alignas(64) char before[kTile * 8];
    alignas(64) char after[kTile * 8];
    for (int64_t i = 0; i < n; i += kTile) {
      const int64_t count = std::min(kTile, n - i);
      const char* in = x_row + i * x_stride * static_cast<int64_t>(x_item);
      char* out = y_row + i * y_stride * static_cast<int64_t>(y_item);
      if (x_stride != 1) {
        copy_strided(x_item, in, x_stride, before, 1, count);
        in = before;
      }
      if (y_stride == 1) {
        convert(in, out, count);
      } else {
        convert(in, after, count);
        copy_strided(y_item, after, 1, out, y_stride, count);
      }
    }
  }

  // Rows [begin, end) of the nest without its innermost dim.
  void rows(int64_t begin, int64_t end) const {
    Odometer x_at(loop.rank - 1, loop.shape, loop.a);
    Odometer y_at(loop.rank - 1, loop.shape, loop.b);
    x_at.seek(begin);
    y_at.seek(begin);
    for (int64_t i = begin; i < end; ++i) {
      row(x + x_at.offset() * static_cast<int64_t>(x_item),
          y + y_at.offset() * static_cast<int64_t>(y_item), inner());
      x_at.next();
      y_at.next();
    }
  }
};

// to[j * to_stride + i] = from[i * from_stride + j] for i, j < 4
void transpose4(const uint32_t* from, int64_t from_stride, uint32_t* to, int64_t to_stride) {
  using Four = uint32_t __attribute__((vector_size(16)));
  Four row[4];
  for (int i = 0; i < 4; ++i) std::memcpy(&row[i], from + i * from_stride, sizeof(Four));
  const Four low01 = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
  const Four high01 = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
  const Four low23 = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
  const Four high23 = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
  const Four column[4] = {__builtin_shufflevector(low01, low23, 0, 1, 4, 5),
                          __builtin_shufflevector(low01, low23, 2, 3, 6, 7),
                          __builtin_shufflevector(high01, high23, 0, 1, 4, 5),
                          __builtin_shufflevector(high01, high23, 2, 3, 6, 7)};
  for (int i = 0; i < 4; ++i) std::memcpy(to + i * to_stride, &column[i], sizeof(Four));
}

// A copy whose two innermost dims are (rows, columns): y runs along columns with stride 1, x along
// rows with stride 1.
struct Transpose {
  const Copy& copy;

  template <class T>
  void block(const T* x, char* y, int64_t rows, int64_t columns) const {
    const uint32_t last = copy.loop.rank - 1;
    const int64_t x_stride = copy.loop.a[last];
    const int64_t y_stride = copy.loop.b[last - 1];
    alignas(64) T buffer[kBlock][kBlock];
    int64_t c = 0;
    if constexpr (sizeof(T) == 4) {
      for (; c + 4 <= columns; c += 4) {
        int64_t r = 0;
        for (; r + 4 <= rows; r += 4) {
          transpose4(x + c * x_stride + r, x_stride, &buffer[r][c], kBlock);
        }
        for (; r < rows; ++r) {
          for (int64_t i = 0; i < 4; ++i) buffer[r][c + i] = x[(c + i) * x_stride + r];
        }
      }
    }
    for (; c < columns; ++c) {
      for (int64_t r = 0; r < rows; ++r) buffer[r][c] = x[c * x_stride + r];
    }
    for (int64_t r = 0; r < rows; ++r) {
      char* out = y + r * y_stride * static_cast<int64_t>(copy.y_item);
      if (copy.convert != nullptr) {
        copy.convert(buffer[r], out, columns);
      } else {
        std::memcpy(out, buffer[r], columns * sizeof(T));
      }
    }
  }

  int64_t bands() const { return (copy.loop.shape[copy.loop.rank - 2] + kBlock - 1) / kBlock; }

  // One band of kBlock rows of one matrix.
  void band(int64_t index) const {
    const PairLoop& loop = copy.loop;
    const uint32_t outer = loop.rank - 2;
    Odometer x_at(outer, loop.shape, loop.a);
    Odometer y_at(outer, loop.shape, loop.b);
    x_at.seek(index / bands());
    y_at.seek(index / bands());
    const int64_t row = index % bands() * kBlock;
    const int64_t rows = std::min(kBlock, loop.shape[outer] - row);
    for (int64_t column = 0; column < copy.inner(); column += kBlock) {
      const int64_t columns = std::min(kBlock, copy.inner() - column);
      const int64_t x_offset = x_at.offset() + row + column * loop.a[outer + 1];
      const int64_t y_offset = y_at.offset() + row * loop.b[outer] + column;
      const char* in = copy.x + x_offset * static_cast<int64_t>(copy.x_item);
      char* out = copy.y + y_offset * static_cast<int64_t>(copy.y_item);
      with_bits(copy.x_item,
                [&]<class T>(T) { block(reinterpret_cast<const T*>(in), out, rows, columns); });
    }
  }
};

// Makes the nest's two innermost dims such as Transpose wants them. False if there are none.
bool bring_transpose_inside(PairLoop& loop) {
  if (loop.rank < 2) return false;
  const uint32_t last = loop.rank - 1;
  if (loop.b[last] != 1 || loop.a[last] == 1 || loop.a[last] == 0 || loop.shape[last] < 4) {
    return false;
  }
  for (uint32_t k = 0; k < last; ++k) {
    if (loop.a[k] != 1 || loop.shape[k] < 4) continue;
    std::rotate(loop.shape + k, loop.shape + k + 1, loop.shape + last);
    std::rotate(loop.a + k, loop.a + k + 1, loop.a + last);
    std::rotate(loop.b + k, loop.b + k + 1, loop.b + last);
    return true;
  }
  return false;
}

TsrStatus check_copy(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 1, 0, 0, message));
  const TsrTensor& x = *node.inputs[0];
  const TsrTensor& y = *node.outputs[0];
  if (y.rank > kMaxRank) return unsupported(node, "rank", message);
  if (item_size(x.dtype) == 0 || item_size(y.dtype) == 0)
    return unsupported(node, "dtype", message);
  if (x.rank != y.rank && !is_single(x)) return unsupported(node, "pair of shapes", message);
  return TSR_OK;
}

TsrStatus run_copy(TsrStream* stream, const TsrNode& node, TsrMessage*) {
  copy_tensor(pool_of(stream), *node.inputs[0], *node.outputs[0]);
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {{"copy", make_kernel<check_copy, run_copy>()}};

}  // namespace

void copy_tensor(ThreadPool& pool, const TsrTensor& x, const TsrTensor& y) {
  const int64_t n = element_count(y);
  if (n == 0) return;
  static constexpr int64_t kNoStrides[kMaxRank] = {};
  const int64_t* x_strides =
      (x.flags & TSR_TENSOR_IMMEDIATE) != 0 || x.rank != y.rank ? kNoStrides : x.strides;
  Copy copy{PairLoop(y.rank, y.shape, x_strides, y.strides, /*reorder=*/true),
            static_cast<const char*>(x.data),
            static_cast<char*>(y.data),
            item_size(x.dtype),
            item_size(y.dtype),
            x.dtype == y.dtype ? nullptr : find_convert(x.dtype, y.dtype)};
  PairLoop& loop = copy.loop;
  if (loop.rank == 0) {
    if (copy.convert != nullptr) return copy.convert(x.data, y.data, 1);
    std::memcpy(y.data, x.data, copy.y_item);
    return;
  }
  const size_t grain = kGrainBytes / copy.y_item;
  if (loop.rank == 1) {
    uint64_t value;
    if (loop.a[0] == 0 && copy.convert != nullptr) {  // cast once, then fill
      copy.convert(copy.x, &value, 1);
      copy.x = reinterpret_cast<const char*>(&value);
      copy.x_item = copy.y_item;
      copy.convert = nullptr;
    }
    pool.ranges(loop.shape[0], grain, [&](size_t begin, size_t end) {
      const int64_t first = static_cast<int64_t>(begin);
      copy.row(copy.x + first * loop.a[0] * static_cast<int64_t>(copy.x_item),
               copy.y + first * loop.b[0] * static_cast<int64_t>(copy.y_item), end - begin);
    });
    return;
  }
  if (bring_transpose_inside(loop)) {
    const Transpose transpose{copy};
    const int64_t matrices = n / (loop.shape[loop.rank - 2] * copy.inner());
    pool.ranges(
        matrices * transpose.bands(), grain / (kBlock * copy.inner()) + 1,
        [&](size_t begin, size_t end) {
          for (size_t i = begin; i < end; ++i) transpose.band(i);
        },
        1);
    return;
  }
  pool.ranges(
      n / copy.inner(), grain / copy.inner() + 1,
      [&](size_t begin, size_t end) { copy.rows(begin, end); }, 1);
}

std::span<const KernelEntry> copy_kernels() { return kEntries; }

}  // namespace tessera::cpu
