// SPDX-License-Identifier: Apache-2.0
//
// How the tape knows which tensors stand for another value now (stand_in.h).
#ifndef TESSERA_AUTOGRAD_STAND_IN_ENTRY_H_
#define TESSERA_AUTOGRAD_STAND_IN_ENTRY_H_

#include "tessera/tensor/tensor_impl.h"

namespace tessera::autograd {

// An entry of a thread's list.
struct StandInEntry {
  const TensorImpl* target = nullptr;
  StandInEntry* next = nullptr;
};

}  // namespace tessera::autograd

#endif  // TESSERA_AUTOGRAD_STAND_IN_ENTRY_H_
