// SPDX-License-Identifier: Apache-2.0
//
// From tensors to nodes: allocation, the kernel cache, and the call into the plugin.
#ifndef TESSERA_TENSOR_LAUNCH_H_
#define TESSERA_TENSOR_LAUNCH_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tessera/tensor/op_def.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

// A dense tensor of undefined contents.
//   errors: kResourceExhausted
absl::StatusOr<Tensor> allocate(DeviceState* device, const TensorSpec& spec);

// A tensor of the same memory, shape and strides with a TensorImpl of its own, which requires no
// gradient.
Tensor alias(const Tensor& tensor);

// The backend's kernel for `op`, asked for once per device; nullptr if it has none.
const TsrKernel* find_kernel(DeviceState* device, const OpDef& op);

// Hands one node to the backend. Immediates become host scalars of the node if the op takes them
// and small device tensors if not.
//   errors: kUnimplemented if the kernel does not take these dtypes or attributes (nothing was
//           changed); others with the op's name
absl::Status launch(DeviceState* device, const TsrKernel* kernel, const OpDef& op,
                    TensorRefs inputs, const Attributes& attributes,
                    absl::Span<const Tensor> outputs);

// Throws Error if `tensor` must not be written by `op`: an immediate, a leaf that requires a
// gradient while GradMode is on, or a value that the tape still needs.
void check_writable(const Tensor& tensor, std::string_view op);

}  // namespace tessera

#endif  // TESSERA_TENSOR_LAUNCH_H_
