// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/promotion.h"

#include <cstring>
#include <optional>

#include "tessera/tensor/dispatch.h"

namespace tessera {
namespace {

int kind_of(DType dtype) { return is_floating_point(dtype) ? 2 : dtype == kBool ? 0 : 1; }

}  // namespace

DType result_type(TensorRefs operands) {
  // One dtype for each of: tensors with dimensions, tensors of rank 0, numbers.
  std::optional<DType> tiers[3];
  for (const Tensor* operand : operands) {
    const TensorImpl& impl = operand->impl();
    int tier = impl.is_immediate ? 2 : impl.shape.rank() == 0 ? 1 : 0;
    // A number with a fraction stands for the default floating dtype.
    DType dtype = impl.is_immediate && impl.dtype == kFloat64 ? kFloat32 : impl.dtype;
    tiers[tier] = tiers[tier].has_value() ? promote_types(*tiers[tier], dtype) : dtype;
  }
  std::optional<DType> result;
  for (const std::optional<DType>& tier : tiers) {
    if (!tier.has_value()) continue;
    if (!result.has_value() || kind_of(*tier) > kind_of(*result)) {
      result = result.has_value() ? promote_types(*result, *tier) : *tier;
    }
  }
  return result.value_or(kFloat32);
}

Tensor cast_immediate(const Tensor& number, DType dtype) {
  const TensorImpl& from = number.impl();
  if (from.dtype == dtype) return number;
  auto impl = make_ref<TensorImpl>();
  impl->dtype = dtype;
  impl->is_immediate = true;
  visit_dtype(from.dtype, [&](auto source) {
    std::memcpy(&source, &from.immediate, sizeof(source));
    visit_dtype(dtype, [&](auto target) {
      using T = decltype(target);
      if constexpr (std::is_same_v<T, float16> || std::is_same_v<T, bfloat16>) {
        target = T(static_cast<float>(source));
      } else if constexpr (std::is_same_v<T, bool>) {
        target = static_cast<double>(source) != 0;
      } else {
        target = static_cast<T>(source);
      }
      std::memcpy(&impl->immediate, &target, sizeof(target));
    });
  });
  return Tensor(std::move(impl));
}

Tensor as_operand(const Tensor& x, DType dtype, const Shape& shape) {
  const TensorImpl& impl = x.impl();
  if (impl.is_immediate) return cast_immediate(x, dtype);
  Tensor result = impl.dtype == dtype ? x : x.to(dtype);
  return impl.shape == shape ? result : result.expand(shape);
}

Shape broadcast_operands(std::string_view op, TensorRefs operands) {
  Shape shape;
  for (const Tensor* operand : operands) {
    absl::StatusOr<Shape> next = broadcast_shapes(shape, operand->shape());
    if (!next.ok()) raise_op_error(op, next.status());
    shape = *std::move(next);
  }
  return shape;
}

}  // namespace tessera
