// SPDX-License-Identifier: Apache-2.0
//
// A stack of its own for a function that is left and resumed at any depth. Much cheaper than
// swapcontext(), which asks the system for the signal mask each time.
#ifndef TESSERA_BACKENDS_CUDA_EMULATION_FIBER_H_
#define TESSERA_BACKENDS_CUDA_EMULATION_FIBER_H_

#include <cstddef>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace tessera::cuda::emulation {

// Where a fiber, or the thread that runs fibers, goes on.
class Context {
 public:
  // Leaves the running code, to be resumed here, and resumes `to`.
  void leave_for(Context& to);

 private:
  friend class Fiber;
#if defined(__x86_64__)
  void* stack_pointer_ = nullptr;
#else
  ucontext_t context_;
#endif
};

class Fiber {
 public:
  static constexpr size_t kStackBytes = 64 << 10;  // with a page below that must not be touched

  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // The next time that it is resumed it calls entry(argument), which must not return. Whatever was
  // on its stack is forgotten.
  void start(void (*entry)(void*), void* argument);

  Context context;

 private:
  char* memory_;
};

}  // namespace tessera::cuda::emulation

#endif  // TESSERA_BACKENDS_CUDA_EMULATION_FIBER_H_
