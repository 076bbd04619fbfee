// SPDX-License-Identifier: Apache-2.0
//
// The plugin that is wrapped.
#ifndef TESSERA_BACKENDS_FAULT_WRAPPED_H_
#define TESSERA_BACKENDS_FAULT_WRAPPED_H_

#include <string>

#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::fault {

// Opens the library that TESSERA_FAULT_WRAPS names: a path, or the name of a backend ("cpu", the
// default), whose library is looked for beside this one and in ../<name>/. Fills `api`; functions
// that the plugin lacks are NULL. Returns why it cannot be opened, or "".
std::string open_wrapped(TsrBackendApi* api);

}  // namespace tessera::fault

#endif  // TESSERA_BACKENDS_FAULT_WRAPPED_H_
