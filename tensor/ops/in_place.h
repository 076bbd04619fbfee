// SPDX-License-Identifier: Apache-2.0
//
// What methods whose names end in `_` share: computing a new value in a tensor's own memory.
//   errors: kFailedPrecondition if an operand requires a gradient (outside a NoGradGuard) or the
//           tape needs the old value; kInvalidArgument if the target cannot hold the result's kind
//           of number or its shape
#ifndef TESSERA_TENSOR_OPS_IN_PLACE_H_
#define TESSERA_TENSOR_OPS_IN_PLACE_H_

#include <initializer_list>
#include <string_view>

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/op_def.h"

namespace tessera {

// target = op(target) and target = op(target, other): one node that writes over its input where
// nothing has to be converted, else by way of a cast. `name` ("add_") is what errors show.
Tensor& update(Tensor& target, const OpDef& op, std::string_view name);
Tensor& update(Tensor& target, const OpDef& op, std::string_view name, const Tensor& other);

void check_in_place(std::string_view name, std::initializer_list<const Tensor*> operands);
// Copies `value` into target, after checking that it can hold it.
Tensor& store(Tensor& target, std::string_view name, const Tensor& value);

// target = compute(), for compositions of `operands`.
template <class F>
Tensor& update(Tensor& target, std::string_view name, std::initializer_list<const Tensor*> operands,
               F compute) {
  check_in_place(name, operands);
  NoGradGuard no_grad;
  return store(target, name, compute());
}

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_IN_PLACE_H_
