// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/thread_budget.h"

#include <sched.h>

#include <cerrno>
#include <cstdlib>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/runtime/log.h"

namespace tessera {
namespace {

// The kernel refuses a mask shorter than its own with EINVAL; larger ones are tried then.
int processors_of_this_process() {
  for (int processors = 1024; processors <= 1 << 20; processors *= 4) {
    cpu_set_t* set = CPU_ALLOC(processors);
    if (set == nullptr) break;
    const size_t bytes = CPU_ALLOC_SIZE(processors);
    const int failed = sched_getaffinity(0, bytes, set);
    const int error = errno;
    const int count = failed ? 0 : CPU_COUNT_S(bytes, set);
    CPU_FREE(set);
    if (count > 0) return count;
    if (error != EINVAL) break;
  }
  const unsigned hardware = std::thread::hardware_concurrency();
  return hardware == 0 ? 1 : static_cast<int>(hardware);
}

}  // namespace

int default_thread_budget() {
  if (const char* text = std::getenv("TESSERA_NUM_THREADS"); text != nullptr && *text != '\0') {
    int threads = 0;
    if (absl::SimpleAtoi(text, &threads) && threads >= 1 && threads <= kMaxThreads) return threads;
    log_line(TSR_LOG_WARNING, "TESSERA_NUM_THREADS",
             absl::StrCat("\"", text, "\" is not used: expected a number from 1 to ", kMaxThreads));
  }
  return processors_of_this_process();
}

}  // namespace tessera
