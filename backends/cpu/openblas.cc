// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/openblas.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <vector>

namespace tessera::cpu {
namespace {

constexpr const char* kNames[] = {"libopenblas.so.0", "libopenblasp.so.0", "libopenblas.so"};

// While one lives, the process has these variables ("NAME=value") too. Another array takes the
// place of `environ`, because setenv would move memory that getenv in other threads may be reading;
// the array stays allocated for the same reason.
class AddedEnvironment {
 public:
  explicit AddedEnvironment(const std::vector<const char*>& added) : before_(environ) {
    static auto& kept = *new std::list<std::vector<char*>>;  // reachable, so that it is no leak
    std::vector<char*>& array = kept.emplace_back();
    for (const char* variable : added) array.push_back(const_cast<char*>(variable));
    // The first one counts where a name stands twice.
    for (char** variable = before_; variable != nullptr && *variable != nullptr; ++variable) {
      array.push_back(*variable);
    }
    array.push_back(nullptr);
    array_ = array.data();
    environ = array_;
  }
  // Leaves what another thread has put there meanwhile.
  ~AddedEnvironment() {
    if (environ == array_) environ = before_;
  }
  AddedEnvironment(const AddedEnvironment&) = delete;
  AddedEnvironment& operator=(const AddedEnvironment&) = delete;

 private:
  char** before_;
  char** array_;
};

// OpenBLAS up to 0.3.21 takes AMD processors with AVX-512 for ones without, and is half as fast.
bool core_type_is_mistaken() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_is("amd") != 0 && __builtin_cpu_supports("avx512f") != 0 &&
         __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512cd") != 0;
#else
  return false;
#endif
}

void* open_library(const char* name) {
  if (void* present = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD)) return present;
  std::vector<const char*> variables = {"OPENBLAS_NUM_THREADS=1"};
  if (core_type_is_mistaken() && std::getenv("OPENBLAS_CORETYPE") == nullptr) {
    variables.push_back("OPENBLAS_CORETYPE=SKYLAKEX");
  }
  const AddedEnvironment environment(variables);
  return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

struct Opened {
  OpenBlas functions = {};
  char why[512] = "";  // empty if all is there

  Opened() {
    void* library = nullptr;
    const char* const chosen = std::getenv("TESSERA_OPENBLAS");
    if (chosen != nullptr && chosen[0] != '\0') {
      library = open_library(chosen);
    } else {
      for (const char* name : kNames) {
        library = open_library(name);
        if (library != nullptr) break;
      }
    }
    if (library == nullptr) {
      const char* const error = dlerror();
      std::snprintf(why, sizeof why, "%s", error != nullptr ? error : "it does not open");
      return;
    }
    find(library, "spotrf_", functions.single.potrf);
    find(library, "dpotrf_", functions.real.potrf);
    find(library, "sgetrf_", functions.single.getrf);
    find(library, "dgetrf_", functions.real.getrf);
    find(library, "sgetrs_", functions.single.getrs);
    find(library, "dgetrs_", functions.real.getrs);
    find(library, "cblas_strsm", functions.single.trsm);
    find(library, "cblas_dtrsm", functions.real.trsm);
  }

  template <class F>
  void find(void* library, const char* name, F& function) {
    function = reinterpret_cast<F>(dlsym(library, name));
    if (function == nullptr) std::snprintf(why, sizeof why, "it has no function %s", name);
  }
};

}  // namespace

const OpenBlas* open_blas(const char** why) {
  static const Opened& opened = *new Opened;
  *why = opened.why;
  return opened.why[0] == '\0' ? &opened.functions : nullptr;
}

}  // namespace tessera::cpu
