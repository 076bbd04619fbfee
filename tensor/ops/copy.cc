// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/copy.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/launch.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

// x -> y of the dtype in ints[0]. Elementwise, so that a fill is a copy of an immediate.
const OpDef kCopy = {
    .name = "copy",
    .infer =
        [](InferContext& c) {
          c.add_output(static_cast<DType>(c.int_attribute(0)), c.shape(0));
          return absl::OkStatus();
        },
    .vjp = [](VjpContext& c) { c.set(0, to(c.grad(), c.input_spec(0).dtype)); },
    .traits = kElementwise,
    .kernel_ints = 0,
    .samples =
        [](const OpDef&) {
          std::vector<Sample> samples;
          for (DType from : kAllDTypes) {
            for (DType to : kAllDTypes) {
              bool is_unsigned = from == kUInt8 || to == kUInt8;
              Sample s = sample(
                  absl::StrCat(std::string(dtype_name(from)), "To", std::string(dtype_name(to))),
                  {arg({5, 33}, from == kBool || is_unsigned ? 0 : -100, from == kBool ? 2 : 100,
                       from)},
                  {static_cast<int64_t>(to)});
              s.differentiable = from == kFloat64 && to == kFloat64;
              s.fixed_dtypes = true;
              samples.push_back(std::move(s));
            }
          }
          return samples;
        },
};

// What `to(device)` leaves on the tape. It runs through the host, not through a node; ints[0] is
// the DeviceState of the input.
const OpDef kToDevice = {
    .name = "to_device",
    .infer = [](InferContext& c) { return c.invalid("does not run as a node"); },
    .vjp =
        [](VjpContext& c) {
          c.set(0, to(c.grad(), Device(reinterpret_cast<DeviceState*>(c.int_attribute(0)))));
        },
};

Attributes to_dtype(DType dtype) { return {static_cast<int64_t>(dtype)}; }

}  // namespace

Tensor to(const Tensor& x, DType dtype) {
  if (x.impl().is_immediate) return cast_immediate(x, dtype);
  return x.dtype() == dtype ? x : dispatch(kCopy, {&x}, to_dtype(dtype));
}

Tensor to(const Tensor& x, const Device& device) {
  if (x.impl().is_immediate) {
    const Tensor* inputs[] = {&x};
    return dispatch(kCopy, inputs, to_dtype(x.dtype()), device);
  }
  DeviceState* from = x.impl().storage->device();
  if (from == device.state()) return x;
  Tensor result;
  {
    NoGradGuard no_grad;
    Tensor dense = contiguous(x);
    result = value_or_raise(allocate(device.state(), {x.dtype(), x.shape()}));
    uint64_t bytes = static_cast<uint64_t>(x.numel() * itemsize(x.dtype()));
    uint64_t offset = static_cast<uint64_t>(dense.storage_offset() * itemsize(x.dtype()));
    const Buffer& source = dense.impl().storage->buffer();
    Buffer& target = result.impl().storage->buffer();
    if (bytes != 0 && from->host_visible) {
      raise_if_error(Device(from).synchronize());
      raise_if_error(target.write(0, static_cast<char*>(source.data()) + offset, bytes));
    } else if (bytes != 0) {
      std::unique_ptr<char[]> host(new char[bytes]);
      raise_if_error(source.read(offset, host.get(), bytes));
      raise_if_error(target.write(0, host.get(), bytes));
    }
  }
  const Tensor* inputs[] = {&x};
  record_on_tape(kToDevice, inputs, {reinterpret_cast<int64_t>(from)}, absl::MakeSpan(&result, 1));
  return result;
}

Tensor contiguous(const Tensor& x) { return x.is_contiguous() ? x : clone(x); }

Tensor clone(const Tensor& x) { return dispatch(kCopy, {&x}, to_dtype(x.dtype())); }

Tensor& copy_(Tensor& target, const Tensor& source) {
  const TensorImpl& from = source.impl();
  Tensor x = source;
  if (!from.is_immediate) {
    x = to(source, target.device());
    if (from.shape != target.shape()) {
      absl::StatusOr<Shape> shape = broadcast_shapes(from.shape, target.shape());
      if (!shape.ok() || *shape != target.shape()) {
        raise_op_error("copy_", absl::InvalidArgumentError(absl::StrCat(
                                    "source ", from.shape.to_string(), " does not broadcast to ",
                                    "target ", target.shape().to_string())));
      }
      x = x.expand(target.shape());
    }
  } else {
    x = cast_immediate(source, target.dtype());
  }
  const Tensor* inputs[] = {&x};
  dispatch_into(kCopy, inputs, to_dtype(target.dtype()), {target});
  return target;
}

Tensor Tensor::to(DType dtype) const { return tessera::to(*this, dtype); }
Tensor Tensor::to(const Device& device) const { return tessera::to(*this, device); }
Tensor Tensor::to(const TensorOptions& options) const {
  Tensor result = tessera::to(*this, options.dtype);
  return options.device.has_value() ? tessera::to(result, *options.device) : result;
}
Tensor Tensor::contiguous() const { return tessera::contiguous(*this); }
Tensor Tensor::clone() const { return tessera::clone(*this); }
Tensor& Tensor::copy_(const Tensor& source) { return tessera::copy_(*this, source); }
Tensor& Tensor::fill_(const Tensor& value) {
  if (value.numel() != 1) {
    raise_op_error("fill_", absl::InvalidArgumentError(absl::StrCat(
                                "value must have one element, got ", value.shape().to_string())));
  }
  return tessera::copy_(*this, value.impl().is_immediate ? value : value.reshape({}));
}

absl::Span<const OpDef* const> copy_ops() {
  static const OpDef* const kOps[] = {&kCopy};
  return kOps;
}

}  // namespace tessera
