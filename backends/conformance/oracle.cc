// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/conformance/oracle.h"

#include <cstdio>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/runtime/registry.h"

extern "C" const TsrPlugin tessera_plugin_reference;

namespace tessera::conformance {

absl::StatusOr<Device> oracle_device() {
  static const absl::Status registered = [] {
    static TsrPlugin plugin = tessera_plugin_reference;
    std::snprintf(plugin.name, sizeof plugin.name, "oracle");
    return register_backend(plugin);
  }();
  if (!registered.ok()) return registered;
  return find_device("oracle");
}

}  // namespace tessera::conformance
