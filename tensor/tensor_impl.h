// SPDX-License-Identifier: Apache-2.0
//
// What a Tensor handle points to. For dispatch, autograd and ops; programs use tensor.h.
#ifndef TESSERA_TENSOR_TENSOR_IMPL_H_
#define TESSERA_TENSOR_TENSOR_IMPL_H_

#include <cstdint>

#include "tessera/tensor/dtype.h"
#include "tessera/tensor/ref_counted.h"
#include "tessera/tensor/shape.h"
#include "tessera/tensor/storage.h"

namespace tessera {

// What autograd hangs on a tensor: its grad_fn, gradient and hooks (autograd/meta.h).
class AutogradMeta {
 public:
  virtual ~AutogradMeta() = default;
};

struct TensorImpl final : RefCounted {
  ~TensorImpl() { delete autograd; }

  RefPtr<Storage> storage;  // null for an immediate
  Shape shape;
  Strides strides;
  int64_t offset = 0;  // elements from the start of the storage
  int64_t numel = 1;
  DType dtype = kFloat32;
  bool contiguous = true;
  // The value is a C++ number that was given where a tensor is taken: rank 0, on no device, weak in
  // type promotion. Its bits stand in `immediate`.
  bool is_immediate = false;
  // A gradient is wanted: a leaf on which requires_grad_() was called, or computed from one.
  bool requires_grad = false;
  uint64_t immediate = 0;
  AutogradMeta* autograd = nullptr;  // owned
};

}  // namespace tessera

#endif  // TESSERA_TENSOR_TENSOR_IMPL_H_
