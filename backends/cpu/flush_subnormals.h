// SPDX-License-Identifier: Apache-2.0
//
// While one lives, this thread's SIMD arithmetic takes subnormal numbers for 0 and makes none.
// Calls between its birth and its death have to be of functions that are not inlined: compilers
// know nothing of the mode.
#ifndef TESSERA_BACKENDS_CPU_FLUSH_SUBNORMALS_H_
#define TESSERA_BACKENDS_CPU_FLUSH_SUBNORMALS_H_

#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace tessera::cpu {

class FlushSubnormals {
 public:
  FlushSubnormals() : before_(mode()) { set_mode(before_ | kFlush); }
  ~FlushSubnormals() { set_mode(before_); }
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
#if defined(__x86_64__)
  using Mode = unsigned;
  static constexpr Mode kFlush = 0x8040;  // MXCSR: flush to zero, denormals are zeros
  static Mode mode() { return _mm_getcsr(); }
  static void set_mode(Mode mode) { _mm_setcsr(mode); }
#elif defined(__aarch64__)
  using Mode = uint64_t;
  static constexpr Mode kFlush = uint64_t{1} << 24;  // FPCR.FZ
  static Mode mode() {
    Mode mode;
    asm volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
  }
  static void set_mode(Mode mode) { asm volatile("msr fpcr, %0" ::"r"(mode)); }
#else
  using Mode = unsigned;
  static constexpr Mode kFlush = 0;
  static Mode mode() { return 0; }
  static void set_mode(Mode) {}
#endif

  Mode before_;
};

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_FLUSH_SUBNORMALS_H_
