// SPDX-License-Identifier: Apache-2.0
//
// Layouts: the ways in which the exam places the same values in a device's memory.
#ifndef TESSERA_BACKENDS_CONFORMANCE_LAYOUT_H_
#define TESSERA_BACKENDS_CONFORMANCE_LAYOUT_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "tessera/backends/runtime/device.h"
#include "tessera/tensor/shape.h"
#include "tessera/tensor/tensor.h"

namespace tessera::conformance {

struct HostTensor;

enum class Layout {
  kDense,
  kTransposed,     // the first dimension is the densest
  kOffset,         // begins inside its buffer, with a gap after every element
  kBroadcast,      // the first dimension larger than 1 has stride 0
  kImmediateLast,  // the last input is a number that no buffer holds
  kImmediateFirst,
  kStridedOutput,  // dense inputs; gaps between the elements of the output
  kInPlace,        // the output is the first input's memory
};

inline constexpr Layout kAllLayouts[] = {
    Layout::kDense,         Layout::kTransposed,     Layout::kOffset,        Layout::kBroadcast,
    Layout::kImmediateLast, Layout::kImmediateFirst, Layout::kStridedOutput, Layout::kInPlace};

std::string_view layout_name(Layout layout);  // "transposed"

// Where the elements of a tensor stand.
struct Placement {
  Strides strides;     // elements
  int64_t offset = 0;  // elements
  int64_t extent = 0;  // elements of the buffer that it needs
};
Placement place(const Shape& shape, Layout layout);

// `values` as `layout` can show them: with kBroadcast, equal along the dimension of stride 0.
HostTensor adapted(const HostTensor& values, Layout layout);

// A tensor with these values, which must be adapted. Bytes that belong to no element are 0xFF.
// Immediate layouts place densely; make_immediate makes the number.
Tensor to_device(const HostTensor& values, const Device& device, Layout layout);

// The first value of `values` as a C++ number of its dtype.
Tensor to_immediate(const HostTensor& values);

// Calls f(place) for each element in row-major order.
template <class F>
void for_each_place(const Shape& shape, const Strides& strides, int64_t offset, F f) {
  if (shape.numel() == 0) return;
  std::vector<int64_t> index(shape.size(), 0);
  for (;;) {
    int64_t place = offset;
    for (size_t k = 0; k < index.size(); ++k) place += index[k] * strides[k];
    f(place);
    int k = shape.rank() - 1;
    while (k >= 0 && ++index[k] == shape[k]) index[k--] = 0;
    if (k < 0) return;
  }
}

}  // namespace tessera::conformance

#endif  // TESSERA_BACKENDS_CONFORMANCE_LAYOUT_H_
