// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/hazards.h"

namespace tessera::vulkan {

bool Hazards::conflict(std::span<const Access> accesses) const {
  if (past_.size() > kMost) return true;
  for (const Access& now : accesses) {
    for (const Access& past : past_) {
      if ((now.write || past.write) && now.begin < past.end && past.begin < now.end) return true;
    }
  }
  return false;
}

void Hazards::add(std::span<const Access> accesses) {
  for (const Access& now : accesses) {
    if (now.begin < now.end) past_.push_back(now);
  }
}

}  // namespace tessera::vulkan
