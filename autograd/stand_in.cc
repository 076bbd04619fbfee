// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/stand_in.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/autograd/function.h"
#include "tessera/autograd/tape.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/launch.h"

namespace tessera::autograd {
namespace {

// The same value and gradient in a TensorImpl of its own, which is not a leaf if `value` requires a
// gradient: edges to a leaf are to its TensorImpl.
Tensor separate(const Tensor& value) {
  if (!value.requires_grad()) return alias(value);
  return custom_function(
      "stand_in", {value}, [&] { return std::vector<Tensor>{alias(value)}; },
      [](VjpContext& c) { c.set(0, c.grad()); })[0];
}

}  // namespace

StandIn::StandIn(const Tensor& target, const Tensor& value) : target_(target) {
  if (value.impl().is_immediate || value.shape() != target.shape() ||
      value.dtype() != target.dtype()) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("a value ", value.shape().to_string(), " ", dtype_name(value.dtype()),
                     " cannot stand in for a tensor ", target.shape().to_string(), " ",
                     dtype_name(target.dtype()))));
  }
  other_ = separate(value);
  exchange();
  entry_ = {&target_.impl(), tape_state().stand_ins};
  tape_state().stand_ins = &entry_;
}

StandIn::~StandIn() {
  StandInEntry** place = &tape_state().stand_ins;
  while (*place != &entry_) place = &(*place)->next;
  *place = entry_.next;
  exchange();
}

void StandIn::exchange() const {
  TensorImpl &a = target_.impl(), &b = other_.impl();
  std::swap(a.storage, b.storage);
  std::swap(a.shape, b.shape);
  std::swap(a.strides, b.strides);
  std::swap(a.offset, b.offset);
  std::swap(a.numel, b.numel);
  std::swap(a.contiguous, b.contiguous);
  std::swap(a.requires_grad, b.requires_grad);
  std::swap(a.autograd, b.autograd);
}

}  // namespace tessera::autograd
