// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/in_place.h"

#include "absl/strings/str_cat.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/promotion.h"

namespace tessera {
namespace {

// float into integer, or anything but bool into bool, would change the kind of number.
void check_holds(std::string_view name, DType target, DType result) {
  const bool narrows = (is_floating_point(result) && !is_floating_point(target)) ||
                       (result != kBool && target == kBool);
  if (!narrows) return;
  raise_op_error(name, absl::InvalidArgumentError(absl::StrCat("the result is ", dtype_name(result),
                                                               ", which ", dtype_name(target),
                                                               " cannot hold")));
}

bool is_floating_op(const OpDef& op) { return op.infer == infer_elementwise_floating; }

}  // namespace

void check_in_place(std::string_view name, std::initializer_list<const Tensor*> operands) {
  if (!dispatch_state().grad_mode) return;
  for (const Tensor* operand : operands) {
    if (!operand->defined() || !operand->requires_grad()) continue;
    raise_op_error(name, absl::FailedPreconditionError(
                             "an operand requires a gradient, which writing in place would lose; "
                             "use the form that returns a new tensor, or a NoGradGuard"));
  }
}

Tensor& store(Tensor& target, std::string_view name, const Tensor& value) {
  check_holds(name, target.dtype(), value.dtype());
  if (value.shape() != target.shape()) {
    raise_op_error(name, absl::InvalidArgumentError(
                             absl::StrCat("the result has shape ", value.shape().to_string(),
                                          ", the target ", target.shape().to_string())));
  }
  return target.copy_(value);
}

Tensor& update(Tensor& target, const OpDef& op, std::string_view name) {
  check_in_place(name, {&target});
  if (is_floating_op(op) && !is_floating_point(target.dtype())) {
    check_holds(name, target.dtype(), to_floating_point(target.dtype()));
  }
  NoGradGuard no_grad;
  dispatch_into(op, {&target}, {}, {target});
  return target;
}

Tensor& update(Tensor& target, const OpDef& op, std::string_view name, const Tensor& other) {
  check_in_place(name, {&target, &other});
  DType dtype = result_type({&target, &other});
  if (is_floating_op(op)) dtype = to_floating_point(dtype);
  check_holds(name, target.dtype(), dtype);
  Tensor operand = as_operand(other, dtype, target.shape());
  NoGradGuard no_grad;
  if (dtype == target.dtype()) {
    dispatch_into(op, {&target, &operand}, {}, {target});
    return target;
  }
  Tensor wide = target.to(dtype);
  return target.copy_(dispatch(op, {&wide, &operand}));
}

}  // namespace tessera
