// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/emulation/fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace tessera::cuda::emulation {
namespace {

constexpr size_t kPage = 4096;

}  // namespace

Fiber::Fiber() {
  void* memory = mmap(nullptr, kStackBytes + kPage, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  mprotect(memory, kPage, PROT_NONE);
  memory_ = static_cast<char*>(memory);
}

Fiber::~Fiber() { munmap(memory_, kStackBytes + kPage); }

#if defined(__x86_64__)

// void switch(void** save, void* load): keeps the registers that a function must keep on the stack
// and changes the stack.
asm(R"(
  .text
  .p2align 4
  .hidden tessera_emulation_switch
  .globl tessera_emulation_switch
  .type tessera_emulation_switch, @function
tessera_emulation_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size tessera_emulation_switch, . - tessera_emulation_switch

  .p2align 4
  .hidden tessera_emulation_start
  .globl tessera_emulation_start
  .type tessera_emulation_start, @function
tessera_emulation_start:
  movq %r12, %rdi
  callq *%rbx
  ud2
  .size tessera_emulation_start, . - tessera_emulation_start
)");

extern "C" {
void tessera_emulation_switch(void** save, void* load);
void tessera_emulation_start();
}

void Context::leave_for(Context& to) {
  tessera_emulation_switch(&stack_pointer_, to.stack_pointer_);
}

void Fiber::start(void (*entry)(void*), void* argument) {
  auto* top = reinterpret_cast<void**>(memory_ + kPage + kStackBytes);
  *--top = nullptr;
  *--top = nullptr;  // aligned to 16 where tessera_emulation_start calls
  *--top = reinterpret_cast<void*>(&tessera_emulation_start);
  *--top = nullptr;                              // rbp
  *--top = reinterpret_cast<void*>(entry);       // rbx
  *--top = argument;                             // r12
  for (int i = 0; i < 3; ++i) *--top = nullptr;  // r13, r14, r15
  context.stack_pointer_ = top;
}

#else

void Context::leave_for(Context& to) { swapcontext(&context_, &to.context_); }

namespace {

void trampoline(uint32_t entry_high, uint32_t entry_low, uint32_t high, uint32_t low) {
  const auto whole = [](uint64_t a, uint64_t b) { return reinterpret_cast<void*>(a << 32 | b); };
  reinterpret_cast<void (*)(void*)>(whole(entry_high, entry_low))(whole(high, low));
}

}  // namespace

void Fiber::start(void (*entry)(void*), void* argument) {
  getcontext(&context.context_);
  context.context_.uc_stack.ss_sp = memory_ + kPage;
  context.context_.uc_stack.ss_size = kStackBytes;
  context.context_.uc_link = nullptr;
  const auto e = reinterpret_cast<uint64_t>(entry), a = reinterpret_cast<uint64_t>(argument);
  makecontext(&context.context_, reinterpret_cast<void (*)()>(trampoline), 4,
              static_cast<uint32_t>(e >> 32), static_cast<uint32_t>(e),
              static_cast<uint32_t>(a >> 32), static_cast<uint32_t>(a));
}

#endif

}  // namespace tessera::cuda::emulation
