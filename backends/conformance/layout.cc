// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/conformance/layout.h"

#include <cstring>

#include "tessera/backends/conformance/host_tensor.h"
#include "tessera/backends/runtime/buffer.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/promotion.h"

namespace tessera::conformance {
namespace {

// The dimension that kBroadcast repeats; -1 if all sizes are at most 1.
int broadcast_dim(const Shape& shape) {
  for (int k = 0; k < shape.rank(); ++k) {
    if (shape[k] > 1) return k;
  }
  return -1;
}

}  // namespace

std::string_view layout_name(Layout layout) {
  switch (layout) {
    case Layout::kDense:
      return "dense";
    case Layout::kTransposed:
      return "transposed";
    case Layout::kOffset:
      return "offset";
    case Layout::kBroadcast:
      return "broadcast";
    case Layout::kImmediateLast:
      return "immediate_last";
    case Layout::kImmediateFirst:
      return "immediate_first";
    case Layout::kStridedOutput:
      return "strided_output";
    case Layout::kInPlace:
      return "in_place";
  }
  return "";
}

Placement place(const Shape& shape, Layout layout) {
  Placement p;
  p.strides = contiguous_strides(shape);
  p.extent = shape.numel();
  switch (layout) {
    case Layout::kTransposed: {
      int64_t stride = 1;
      for (int k = 0; k < shape.rank(); ++k) {
        p.strides[k] = stride;
        stride *= shape[k] == 0 ? 1 : shape[k];
      }
      break;
    }
    case Layout::kOffset:
      for (int64_t& stride : p.strides) stride *= 2;
      p.offset = 3;
      p.extent = 3 + 2 * p.extent;
      break;
    case Layout::kBroadcast:
      if (const int dim = broadcast_dim(shape); dim >= 0) {
        Shape one = shape;
        one[dim] = 1;
        p.strides = contiguous_strides(one);
        p.strides[dim] = 0;
        p.extent = one.numel();
      }
      break;
    default:
      break;
  }
  return p;
}

HostTensor adapted(const HostTensor& values, Layout layout) {
  if (layout != Layout::kBroadcast) return values;
  const int dim = broadcast_dim(values.shape);
  if (dim < 0) return values;
  // Element i takes the value of the element at index 0 along `dim`.
  HostTensor result = values;
  const Strides dense = contiguous_strides(values.shape);
  const int64_t size = itemsize(values.dtype);
  for (int64_t i = 0; i < values.numel(); ++i) {
    const int64_t from = i - i / dense[dim] % values.shape[dim] * dense[dim];
    std::memcpy(result.bytes.data() + i * size, values.bytes.data() + from * size, size);
  }
  return result;
}

Tensor to_device(const HostTensor& values, const Device& device, Layout layout) {
  const Placement p = place(values.shape, layout);
  const int64_t size = itemsize(values.dtype);
  std::vector<char> storage(p.extent * size, '\xff');
  int64_t i = 0;
  for_each_place(values.shape, p.strides, p.offset, [&](int64_t place) {
    std::memcpy(storage.data() + place * size, values.bytes.data() + i++ * size, size);
  });
  auto impl = make_ref<TensorImpl>();
  Buffer buffer = value_or_raise(Buffer::allocate(device.state(), storage.size()));
  raise_if_error(buffer.write(0, storage.data(), storage.size()));
  impl->storage = make_ref<Storage>(std::move(buffer));
  impl->shape = values.shape;
  impl->strides = p.strides;
  impl->offset = p.offset;
  impl->numel = values.numel();
  impl->dtype = values.dtype;
  impl->contiguous = is_contiguous(impl->shape, impl->strides);
  return Tensor(std::move(impl));
}

Tensor to_immediate(const HostTensor& values) {
  return is_floating_point(values.dtype) ? cast_immediate(Tensor(values.real(0)), values.dtype)
                                         : cast_immediate(Tensor(values.whole(0)), values.dtype);
}

}  // namespace tessera::conformance
