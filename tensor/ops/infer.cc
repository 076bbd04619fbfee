// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/infer.h"

namespace tessera {
namespace {

absl::Status common_spec(InferContext& context, TensorSpec* spec) {
  const TensorImpl* first = nullptr;
  for (int i = 0; i < context.num_inputs(); ++i) {
    const TensorImpl& impl = context.input(i).impl();
    if (i > 0 && impl.dtype != context.dtype(0)) {
      return context.invalid("inputs have dtypes ", dtype_name(context.dtype(0)), " and ",
                             dtype_name(impl.dtype));
    }
    if (impl.is_immediate) continue;
    if (first == nullptr) {
      first = &impl;
    } else if (impl.shape != first->shape) {
      return context.invalid("inputs have shapes ", first->shape.to_string(), " and ",
                             impl.shape.to_string());
    }
  }
  spec->dtype = context.dtype(0);
  if (first != nullptr) spec->shape = first->shape;
  return absl::OkStatus();
}

}  // namespace

absl::Status infer_elementwise(InferContext& context) {
  context.outputs.emplace_back();
  TESSERA_RETURN_IF_ERROR(common_spec(context, &context.outputs.back()));
  if (context.dtype(0) == kBool) {
    return context.invalid("wants a number dtype, got bool");
  }
  return absl::OkStatus();
}

absl::Status infer_elementwise_floating(InferContext& context) {
  TESSERA_RETURN_IF_ERROR(check_floating_point(context, 0));
  return infer_elementwise(context);
}

absl::Status infer_elementwise_integer(InferContext& context) {
  if (!is_integral(context.dtype(0))) {
    return context.invalid("wants an integer dtype, got ", dtype_name(context.dtype(0)));
  }
  return infer_elementwise(context);
}

absl::Status infer_compare(InferContext& context) {
  context.outputs.emplace_back();
  TESSERA_RETURN_IF_ERROR(common_spec(context, &context.outputs.back()));
  context.outputs.back().dtype = kBool;
  return absl::OkStatus();
}

absl::Status infer_logical(InferContext& context) {
  TESSERA_RETURN_IF_ERROR(check_dtype(context, 0, kBool, "input"));
  return infer_compare(context);
}

absl::Status check_floating_point(const InferContext& context, int i) {
  if (is_floating_point(context.dtype(i))) return absl::OkStatus();
  return context.invalid("wants a floating point dtype, got ", dtype_name(context.dtype(i)));
}

absl::Status check_rank(const InferContext& context, int i, int rank, std::string_view name) {
  if (context.shape(i).rank() == rank) return absl::OkStatus();
  return context.invalid(name, " must have ", rank, " dimensions, got ",
                         context.shape(i).to_string());
}

absl::Status check_same_dtype(const InferContext& context, int i, int j) {
  if (context.dtype(i) == context.dtype(j)) return absl::OkStatus();
  return context.invalid("inputs have dtypes ", dtype_name(context.dtype(i)), " and ",
                         dtype_name(context.dtype(j)));
}

absl::Status check_dtype(const InferContext& context, int i, DType dtype, std::string_view name) {
  if (context.dtype(i) == dtype) return absl::OkStatus();
  return context.invalid(name, " must be ", dtype_name(dtype), ", got ",
                         dtype_name(context.dtype(i)));
}

}  // namespace tessera
