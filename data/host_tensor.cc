// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/host_tensor.h"

#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::data {

absl::StatusOr<Device> host_device() {
  const Device device;
  if (device.is_host_visible()) return device;
  return find_device("cpu");
}

absl::StatusOr<Tensor> new_host_tensor(DType dtype, const Shape& shape) {
  absl::StatusOr<Device> device = host_device();
  if (!device.ok()) return device.status();
  return new_host_tensor(dtype, shape, *device);
}

absl::StatusOr<Tensor> new_host_tensor(DType dtype, const Shape& shape, const Device& device) {
#if defined(__cpp_exceptions)
  try {
    return empty(shape, {.dtype = dtype, .device = device});
  } catch (const Error& error) {
    return error.status();
  }
#else
  return empty(shape, {.dtype = dtype, .device = device});
#endif
}

const char* host_bytes(const Tensor& tensor) {
  return visit_dtype(tensor.dtype(), [&](auto zero) {
    return reinterpret_cast<const char*>(tensor.data<decltype(zero)>());
  });
}

char* mutable_host_bytes(Tensor& tensor) {
  return visit_dtype(tensor.dtype(), [&](auto zero) {
    return reinterpret_cast<char*>(tensor.mutable_data<decltype(zero)>());
  });
}

bool is_dense_on_host(const Tensor& tensor) {
  return tensor.is_contiguous() && tensor.device().is_host_visible();
}

}  // namespace tessera::data
