// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/factory.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/launch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

// start, step (rank 0, of the output's dtype) -> start + i * step; ints: n
const OpDef kArange = {
    .name = "arange",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 1));
          if (c.dtype(0) == kBool) return c.invalid("wants a number dtype, got bool");
          c.add_output(c.dtype(0), {c.int_attribute(0)});
          return absl::OkStatus();
        },
    .traits = kTakesImmediates,
    .kernel_ints = 0,
    .samples =
        [](const OpDef&) {
          Sample ints =
              sample("Integers", {arg_values({}, {-3}, kInt64), arg_values({}, {4}, kInt64)}, {37});
          Sample reals = sample("Reals", {arg_values({}, {0.5}), arg_values({}, {-0.25})}, {19});
          ints.differentiable = reals.differentiable = false;
          ints.fixed_dtypes = true;
          return std::vector<Sample>{ints, reals};
        },
};

Tensor finish(Tensor tensor, const TensorOptions& options) {
  if (options.requires_grad) {
    if (!is_floating_point(tensor.dtype())) {
      raise(absl::InvalidArgumentError(
          absl::StrCat("requires_grad: only floating point tensors have gradients, not ",
                       dtype_name(tensor.dtype()))));
    }
    tensor.impl().requires_grad = true;
  }
  return tensor;
}

Tensor allocate_on(const char* op, const Shape& shape, DType dtype, const Device& device) {
  for (int64_t size : shape) {
    if (size < 0) {
      raise_op_error(op, absl::InvalidArgumentError(
                             absl::StrCat("negative size in shape ", shape.to_string())));
    }
  }
  absl::StatusOr<Tensor> result = allocate(device.state(), {dtype, shape});
  if (!result.ok()) raise_op_error(op, result.status());
  return *std::move(result);
}

Tensor filled(const char* op, const Shape& shape, const Tensor& value, DType dtype,
              const Device& device) {
  Tensor result = allocate_on(op, shape, dtype, device);
  result.fill_(value);
  return result;
}

// The default device is asked for only where it is wanted: that may load a plugin.
Device device_of(const TensorOptions& options) {
  return options.device.has_value() ? *options.device : Device();
}

Tensor arange_of(Tensor start, Tensor step, int64_t n, const TensorOptions& options) {
  start = cast_immediate(start, options.dtype);
  step = cast_immediate(step, options.dtype);
  const Tensor* inputs[] = {&start, &step};
  return finish(dispatch(kArange, inputs, {n}, device_of(options)), options);
}

[[noreturn]] void raise_bad_step(const std::string& values) {
  raise_op_error("arange", absl::InvalidArgumentError(
                               absl::StrCat("step must lead from start to end, got ", values)));
}

}  // namespace

Tensor empty(const Shape& shape, const TensorOptions& options) {
  return finish(allocate_on("empty", shape, options.dtype, device_of(options)), options);
}
Tensor zeros(const Shape& shape, const TensorOptions& options) {
  return finish(filled("zeros", shape, 0, options.dtype, device_of(options)), options);
}
Tensor ones(const Shape& shape, const TensorOptions& options) {
  return finish(filled("ones", shape, 1, options.dtype, device_of(options)), options);
}
Tensor full(const Shape& shape, const Tensor& value, const TensorOptions& options) {
  return finish(filled("full", shape, value, options.dtype, device_of(options)), options);
}

Tensor empty_like(const Tensor& x, std::optional<DType> dtype) {
  return allocate_on("empty_like", x.shape(), dtype.value_or(x.dtype()), x.device());
}
Tensor zeros_like(const Tensor& x, std::optional<DType> dtype) {
  return filled("zeros_like", x.shape(), 0, dtype.value_or(x.dtype()), x.device());
}
Tensor ones_like(const Tensor& x, std::optional<DType> dtype) {
  return filled("ones_like", x.shape(), 1, dtype.value_or(x.dtype()), x.device());
}
Tensor full_like(const Tensor& x, const Tensor& value, std::optional<DType> dtype) {
  return filled("full_like", x.shape(), value, dtype.value_or(x.dtype()), x.device());
}

void internal::raise_ragged(int64_t first, int64_t other) {
  raise_op_error("tensor", absl::InvalidArgumentError(absl::StrCat(
                               "nested lists differ in length: ", first, " and ", other)));
}

Tensor arange_integers(int64_t start, int64_t end, int64_t step, const TensorOptions& options) {
  if (step == 0 || (step > 0 ? end < start : end > start)) {
    raise_bad_step(absl::StrCat(start, ", ", end, ", ", step));
  }
  int64_t n = (end - start + step - (step > 0 ? 1 : -1)) / step;
  return arange_of(start, step, n, options);
}

Tensor arange_reals(double start, double end, double step, const TensorOptions& options) {
  double n = std::ceil((end - start) / step);
  if (!(n >= 0) || !std::isfinite(n)) raise_bad_step(absl::StrCat(start, ", ", end, ", ", step));
  return arange_of(start, step, static_cast<int64_t>(n), options);
}

Tensor linspace(double start, double end, int64_t steps, const TensorOptions& options) {
  if (steps < 0) {
    raise_op_error("linspace", absl::InvalidArgumentError(
                                   absl::StrCat("steps must not be negative, got ", steps)));
  }
  double step = steps > 1 ? (end - start) / static_cast<double>(steps - 1) : 0;
  // From both ends, so that the last point is `end` exactly.
  TensorOptions plain = {.dtype = options.dtype, .device = options.device};
  Tensor i = arange(steps, {.dtype = kInt64, .device = options.device});
  Tensor up = i.to(kFloat64) * step + start;
  Tensor down = end - (steps - 1 - i).to(kFloat64) * step;
  return finish(where(i < (steps + 1) / 2, up, down).to(plain), options);
}

Tensor eye(int64_t n, const TensorOptions& options) { return eye(n, n, options); }
Tensor eye(int64_t n, int64_t m, const TensorOptions& options) {
  TensorOptions ints = {.dtype = kInt64, .device = options.device};
  return finish(eq(unsqueeze(arange(n, ints), 1), arange(m, ints)).to(options.dtype), options);
}

Tensor from_bytes(const void* data, size_t bytes, const Shape& shape,
                  const TensorOptions& options) {
  Tensor result = allocate_on("from_bytes", shape, options.dtype, device_of(options));
  size_t wanted = static_cast<size_t>(result.numel() * itemsize(options.dtype));
  if (wanted != bytes) {
    raise_op_error("from_bytes", absl::InvalidArgumentError(absl::StrCat(
                                     "shape ", shape.to_string(), " ", dtype_name(options.dtype),
                                     " wants ", wanted, " bytes, got ", bytes)));
  }
  if (bytes != 0) raise_if_error(result.impl().storage->buffer().write(0, data, bytes));
  return finish(std::move(result), options);
}

template <class T>
Tensor tensor(absl::Span<const T> values, const Shape& shape, const TensorOptions& options) {
  int64_t n = static_cast<int64_t>(values.size());
  if (shape.numel() != n) {
    raise_op_error("tensor", absl::InvalidArgumentError(
                                 absl::StrCat(n, " values do not fill shape ", shape.to_string())));
  }
  if (options.dtype == dtype_of<T>) {
    return from_bytes(values.data(), values.size() * sizeof(T), shape, options);
  }
  TensorOptions as_given = {.dtype = dtype_of<T>, .device = options.device};
  Tensor given = from_bytes(values.data(), values.size() * sizeof(T), shape, as_given);
  return finish(given.to(options.dtype), options);
}

#define TESSERA_INSTANTIATE(T) \
  template Tensor tensor<T>(absl::Span<const T>, const Shape&, const TensorOptions&);
TESSERA_INSTANTIATE(float)
TESSERA_INSTANTIATE(double)
TESSERA_INSTANTIATE(float16)
TESSERA_INSTANTIATE(bfloat16)
TESSERA_INSTANTIATE(int32_t)
TESSERA_INSTANTIATE(int64_t)
TESSERA_INSTANTIATE(uint8_t)
TESSERA_INSTANTIATE(bool)
#undef TESSERA_INSTANTIATE

absl::Span<const OpDef* const> factory_ops() {
  static const OpDef* const kOps[] = {&kArange};
  return kOps;
}

}  // namespace tessera
