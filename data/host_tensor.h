// SPDX-License-Identifier: Apache-2.0
//
// Tensors in memory that the host writes: where samples are read, gathered and put together.
#ifndef TESSERA_DATA_HOST_TENSOR_H_
#define TESSERA_DATA_HOST_TENSOR_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/tensor/dtype.h"
#include "tessera/tensor/shape.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

// The default device if the host can read and write its memory, else "cpu".
absl::StatusOr<Device> host_device();

// A dense tensor of undefined contents on host_device(). Thread-safe.
//   errors: as find_device("cpu"); kResourceExhausted
absl::StatusOr<Tensor> new_host_tensor(DType dtype, const Shape& shape);
// The same, on a device that the host can write, such as that of another host tensor.
absl::StatusOr<Tensor> new_host_tensor(DType dtype, const Shape& shape, const Device& device);

// The bytes of a dense tensor in host memory, from its first element. Waits for the device.
const char* host_bytes(const Tensor& tensor);
char* mutable_host_bytes(Tensor& tensor);

// True if the elements stand side by side in memory that the host can read.
bool is_dense_on_host(const Tensor& tensor);

}  // namespace tessera::data

#endif  // TESSERA_DATA_HOST_TENSOR_H_
