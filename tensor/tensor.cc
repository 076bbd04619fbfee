// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/tensor.h"

#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/launch.h"

namespace tessera {
namespace {

RefPtr<TensorImpl> immediate(DType dtype, const void* bits) {
  auto impl = make_ref<TensorImpl>();
  impl->dtype = dtype;
  impl->is_immediate = true;
  std::memcpy(&impl->immediate, bits, static_cast<size_t>(itemsize(dtype)));
  return impl;
}

int checked_dim(int64_t dim, const Tensor& tensor, const char* op) {
  absl::StatusOr<int> d = normalize_dim(dim, tensor.shape().rank());
  if (!d.ok() || tensor.shape().rank() == 0) {
    raise_op_error(op, d.ok() ? absl::OutOfRangeError("the tensor has rank 0") : d.status());
  }
  return *d;
}

}  // namespace

RefPtr<TensorImpl> Tensor::make_immediate(bool value) { return immediate(kBool, &value); }
RefPtr<TensorImpl> Tensor::make_immediate(int64_t value) { return immediate(kInt64, &value); }
RefPtr<TensorImpl> Tensor::make_immediate(double value) { return immediate(kFloat64, &value); }

void Tensor::raise_undefined() {
  raise(absl::FailedPreconditionError("an undefined tensor (Tensor()) was used as a value"));
}

int64_t Tensor::size(int64_t dim) const { return shape()[checked_dim(dim, *this, "size")]; }
int64_t Tensor::stride(int64_t dim) const { return strides()[checked_dim(dim, *this, "stride")]; }

Device Tensor::device() const {
  return impl().is_immediate ? Device() : Device(impl().storage->device());
}

void* Tensor::raw_data(DType wanted, bool write, const std::source_location& where) const {
  TensorImpl& self = impl();
  if (!self.is_immediate) refuse_in_recording(write ? "mutable_data" : "data", where);
  if (self.dtype != wanted) {
    raise_op_error("data", absl::InvalidArgumentError(
                               absl::StrCat("asked for ", dtype_name(wanted), ", the tensor holds ",
                                            dtype_name(self.dtype), "; convert with to()")));
  }
  if (write) check_writable(*this, "mutable_data");
  if (self.is_immediate) return &self.immediate;
  DeviceState* device = self.storage->device();
  if (!device->host_visible) {
    raise_op_error("data", absl::FailedPreconditionError(
                               absl::StrCat("memory of ", device->name,
                                            " is not visible to the host; copy with to(\"cpu\")")));
  }
  raise_if_error(Device(device).synchronize());
  return static_cast<char*>(self.storage->buffer().data()) + self.offset * itemsize(self.dtype);
}

namespace {

// Bytes of `tensor`'s elements in row-major order.
std::vector<char> read_dense(const Tensor& tensor) {
  size_t bytes = static_cast<size_t>(tensor.numel() * itemsize(tensor.dtype()));
  std::vector<char> host(bytes);
  if (tensor.impl().is_immediate) {
    std::memcpy(host.data(), &tensor.impl().immediate, bytes);
    return host;
  }
  NoGradGuard no_grad;
  Tensor dense = tensor.contiguous();
  if (bytes != 0) {
    raise_if_error(dense.impl().storage->buffer().read(
        static_cast<uint64_t>(dense.storage_offset() * itemsize(dense.dtype())), host.data(),
        bytes));
  }
  return host;
}

}  // namespace

template <class T>
std::vector<T> Tensor::to_vector(const std::source_location& where) const {
  if (!impl().is_immediate) refuse_in_recording("to_vector", where);
  std::vector<char> bytes = read_dense(*this);
  std::vector<T> values(static_cast<size_t>(numel()));
  visit_dtype(dtype(), [&](auto zero) {
    using S = decltype(zero);
    for (size_t i = 0; i < values.size(); ++i) {
      S element;
      std::memcpy(&element, bytes.data() + i * sizeof(S), sizeof(S));
      values[i] = static_cast<T>(element);
    }
  });
  return values;
}

template <class T>
T Tensor::item(const std::source_location& where) const {
  if (numel() != 1) {
    raise_op_error("item", absl::InvalidArgumentError(
                               absl::StrCat("wants exactly one element, the tensor has ", numel(),
                                            ": ", shape().to_string())));
  }
  const TensorImpl& self = impl();
  uint64_t bits = self.immediate;
  if (!self.is_immediate) {
    refuse_in_recording("item", where);
    raise_if_error(
        self.storage->buffer().read(static_cast<uint64_t>(self.offset * itemsize(self.dtype)),
                                    &bits, static_cast<uint64_t>(itemsize(self.dtype))));
  }
  return visit_dtype(self.dtype, [&](auto zero) {
    std::memcpy(&zero, &bits, sizeof(zero));
    return static_cast<T>(zero);
  });
}

#define TESSERA_INSTANTIATE(T)                                   \
  template T Tensor::item<T>(const std::source_location&) const; \
  template std::vector<T> Tensor::to_vector<T>(const std::source_location&) const;
TESSERA_INSTANTIATE(float)
TESSERA_INSTANTIATE(double)
TESSERA_INSTANTIATE(int32_t)
TESSERA_INSTANTIATE(int64_t)
TESSERA_INSTANTIATE(long long)  // NOLINT
TESSERA_INSTANTIATE(uint8_t)
TESSERA_INSTANTIATE(bool)
#undef TESSERA_INSTANTIATE

}  // namespace tessera
