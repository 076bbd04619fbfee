// SPDX-License-Identifier: Apache-2.0
//
// Where the library of a backend is looked for (the order stands in registry.h).
#ifndef TESSERA_BACKENDS_RUNTIME_PLUGIN_SEARCH_H_
#define TESSERA_BACKENDS_RUNTIME_PLUGIN_SEARCH_H_

#include <string>
#include <string_view>
#include <vector>

namespace tessera {

struct SearchCandidate {
  std::string path;     // a file, or a pattern or folder that gave none
  std::string refusal;  // why it is not to be opened; empty if it is
};

// The candidates for backend `name`, in the order of the search, those that do not exist included.
std::vector<SearchCandidate> search_candidates(std::string_view name);

// The names of all backends with a library in a place that is searched, sorted.
std::vector<std::string> backends_in_search_folders();

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_PLUGIN_SEARCH_H_
