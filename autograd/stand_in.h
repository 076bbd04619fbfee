// SPDX-License-Identifier: Apache-2.0
//
// StandIn: lets a tensor stand for another value for a while, with the gradient going to that
// value.
//
//   Tensor w = ..., fast = w - 0.1 * gradient;
//   {
//     StandIn stand_in(w, fast);
//     loss = f(w);             // computes with `fast`
//   }
//   loss.backward();           // through `fast`; w is what it was
#ifndef TESSERA_AUTOGRAD_STAND_IN_H_
#define TESSERA_AUTOGRAD_STAND_IN_H_

#include "tessera/autograd/stand_in_entry.h"
#include "tessera/tensor/tensor.h"

namespace tessera::autograd {

// While one lives, every handle of `target` stands for `value`, on this thread and for ops that are
// recorded on it; other threads must not use `target` meanwhile. Writes go to `value`'s memory.
//   errors: throws kInvalidArgument if shapes differ, dtypes differ, or `value` is a C++ number;
//           an op that is recorded in a checkpoint() meanwhile throws kUnimplemented
class StandIn {
 public:
  StandIn(const Tensor& target, const Tensor& value);
  ~StandIn();
  StandIn(const StandIn&) = delete;

 private:
  void exchange() const;

  Tensor target_;
  Tensor other_;  // what `target` does not stand for now
  StandInEntry entry_;
};

}  // namespace tessera::autograd

#endif  // TESSERA_AUTOGRAD_STAND_IN_H_
