// SPDX-License-Identifier: Apache-2.0
//
// Grad mode: whether ops are remembered for gradients. On at the start of every thread.
//
//   {
//     NoGradGuard no_grad;  // torch.no_grad()
//     accuracy = (model(x).argmax(1) == y).to(kFloat32).mean();
//   }
//
// A mode is the calling thread's alone; a thread that is started under a guard begins with it on.
#ifndef TESSERA_AUTOGRAD_NO_GRAD_H_
#define TESSERA_AUTOGRAD_NO_GRAD_H_

#include "tessera/tensor/dispatch.h"  // NoGradGuard

namespace tessera {

inline bool is_grad_enabled() { return dispatch_state().grad_mode; }
inline void set_grad_enabled(bool enabled) { dispatch_state().grad_mode = enabled; }

// Sets the mode for a scope (with torch.set_grad_enabled(enabled)).
class GradModeGuard {
 public:
  explicit GradModeGuard(bool enabled) : previous_(is_grad_enabled()) { set_grad_enabled(enabled); }
  ~GradModeGuard() { set_grad_enabled(previous_); }
  GradModeGuard(const GradModeGuard&) = delete;

 private:
  bool previous_;
};

// Ops are remembered again, inside a NoGradGuard (torch.enable_grad).
class EnableGradGuard : public GradModeGuard {
 public:
  EnableGradGuard() : GradModeGuard(true) {}
};

// torch.inference_mode(). The same as NoGradGuard: tensors here keep no version count whose upkeep
// it could save.
class InferenceModeGuard : public GradModeGuard {
 public:
  InferenceModeGuard() : GradModeGuard(false) {}
};

}  // namespace tessera

#endif  // TESSERA_AUTOGRAD_NO_GRAD_H_
