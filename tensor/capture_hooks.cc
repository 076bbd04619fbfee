// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/capture_hooks.h"

#include <atomic>

#include "absl/strings/str_cat.h"

namespace tessera {
namespace {

std::atomic<uint64_t> epoch{0};

}  // namespace

void refuse_in_recording(std::string_view what, const std::source_location& where) {
  if (step_recorder() == nullptr) [[likely]]
    return;
  raise_op_error(
      what, absl::FailedPreconditionError(absl::StrCat(
                "a compiled step must not read values while it runs, for it would be frozen with "
                "what it read; return the tensor, or read it in each_time(): ",
                where.file_name(), ":", where.line())));
}

GradientAccess& gradient_access() {
  static GradientAccess access;
  return access;
}

void invalidate_recordings() { epoch.fetch_add(1, std::memory_order_relaxed); }
uint64_t recordings_epoch() { return epoch.load(std::memory_order_relaxed); }

}  // namespace tessera
