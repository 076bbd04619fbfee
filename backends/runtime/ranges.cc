// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/ranges.h"

#include <atomic>

namespace tessera {
namespace {

std::atomic<const RangeHooks*> current_hooks{nullptr};

}  // namespace

void set_range_hooks(const RangeHooks* hooks) {
  current_hooks.store(hooks, std::memory_order_release);
}

void begin_range(void*, const char* name) {
  const RangeHooks* hooks = current_hooks.load(std::memory_order_acquire);
  if (hooks != nullptr) hooks->begin(name);
}

void end_range(void*) {
  const RangeHooks* hooks = current_hooks.load(std::memory_order_acquire);
  if (hooks != nullptr) hooks->end();
}

}  // namespace tessera
